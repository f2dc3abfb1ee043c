// The lexer's main loop: blanks, comments, names, operators and the rule where a line goes on.
#include "syntax/lexer.h"

#define L LEX_LETTER
#define D LEX_DIGIT
#define H LEX_HEX
#define B LEX_BLANK
const uint8_t lex_classes[256] = {
    ['\t'] = B,    ['\r'] = B,    [' '] = B,     ['0'] = D | H, ['1'] = D | H, ['2'] = D | H, ['3'] = D | H,
    ['4'] = D | H, ['5'] = D | H, ['6'] = D | H, ['7'] = D | H, ['8'] = D | H, ['9'] = D | H, ['A'] = L | H,
    ['B'] = L | H, ['C'] = L | H, ['D'] = L | H, ['E'] = L | H, ['F'] = L | H, ['G'] = L,     ['H'] = L,
    ['I'] = L,     ['J'] = L,     ['K'] = L,     ['L'] = L,     ['M'] = L,     ['N'] = L,     ['O'] = L,
    ['P'] = L,     ['Q'] = L,     ['R'] = L,     ['S'] = L,     ['T'] = L,     ['U'] = L,     ['V'] = L,
    ['W'] = L,     ['X'] = L,     ['Y'] = L,     ['Z'] = L,     ['_'] = L,     ['a'] = L | H, ['b'] = L | H,
    ['c'] = L | H, ['d'] = L | H, ['e'] = L | H, ['f'] = L | H, ['g'] = L,     ['h'] = L,     ['i'] = L,
    ['j'] = L,     ['k'] = L,     ['l'] = L,     ['m'] = L,     ['n'] = L,     ['o'] = L,     ['p'] = L,
    ['q'] = L,     ['r'] = L,     ['s'] = L,     ['t'] = L,     ['u'] = L,     ['v'] = L,     ['w'] = L,
    ['x'] = L,     ['y'] = L,     ['z'] = L,
};
#undef L
#undef D
#undef H
#undef B

// After these a line goes on: no NEWLINE token follows them. (After an opener or a doc comment one would say nothing.)
static const uint8_t joins_next[TOK_COUNT] = {
    [TOK_EOF] = 1,
    [TOK_NEWLINE] = 1,
    [TOK_DOC] = 1,
    [TOK_MODULE_DOC] = 1,
    [TOK_LPAREN] = 1,
    [TOK_LBRACKET] = 1,
    [TOK_LBRACE] = 1,
    [TOK_LATTR] = 1,
    [TOK_KW_DO] = 1,
    [TOK_COMMA] = 1,
    [TOK_COALESCE] = 1,
    [TOK_ARROW] = 1,
    [TOK_FAT_ARROW] = 1,
    [TOK_PLUS] = 1,
    [TOK_MINUS] = 1,
    [TOK_STAR] = 1,
    [TOK_SLASH] = 1,
    [TOK_PERCENT] = 1,
    [TOK_POWER] = 1,
    [TOK_CONCAT] = 1,
    [TOK_SHL] = 1,
    [TOK_SHR] = 1,
    [TOK_AMP] = 1,
    [TOK_CARET] = 1,
    [TOK_PIPE] = 1,
    [TOK_TILDE] = 1,
    [TOK_EQ] = 1,
    [TOK_NE] = 1,
    [TOK_LT] = 1,
    [TOK_LE] = 1,
    [TOK_GT] = 1,
    [TOK_GE] = 1,
    [TOK_PIPELINE] = 1,
    [TOK_RANGE] = 1,
    [TOK_RANGE_LT] = 1,
    [TOK_RANGE_EQ] = 1,
    [TOK_ASSIGN] = 1,
    [TOK_PLUS_ASSIGN] = 1,
    [TOK_MINUS_ASSIGN] = 1,
    [TOK_STAR_ASSIGN] = 1,
    [TOK_SLASH_ASSIGN] = 1,
    [TOK_PERCENT_ASSIGN] = 1,
    [TOK_CONCAT_ASSIGN] = 1,
    [TOK_AMP_ASSIGN] = 1,
    [TOK_PIPE_ASSIGN] = 1,
    [TOK_CARET_ASSIGN] = 1,
    [TOK_SHL_ASSIGN] = 1,
    [TOK_SHR_ASSIGN] = 1,
    [TOK_KW_AND] = 1,
    [TOK_KW_OR] = 1,
    [TOK_KW_NOT] = 1,
    [TOK_KW_AS] = 1,
    [TOK_KW_CATCH] = 1,
};

static uint32_t min_capacity(const Lexer *lexer) {
    uint32_t n = lexer->kinds.capacity;
    n = lexer->starts.capacity < n ? lexer->starts.capacity : n;
    n = lexer->ends.capacity < n ? lexer->ends.capacity : n;
    return lexer->token_symbols.capacity < n ? lexer->token_symbols.capacity : n;
}

static void reserve_tokens(Lexer *lexer, uint32_t extra) {
    lexer->kinds.count = lexer->starts.count = lexer->ends.count = lexer->token_symbols.count = lexer->count;
    vec_reserve(&lexer->kinds, extra);
    vec_reserve(&lexer->starts, extra);
    vec_reserve(&lexer->ends, extra);
    vec_reserve(&lexer->token_symbols, extra);
    lexer->capacity = min_capacity(lexer);
}

static inline void push(Lexer *lexer, TokenKind kind, uint32_t start, uint32_t end, SymbolId symbol) {
    if (lexer->count == lexer->capacity)
        reserve_tokens(lexer, 1);
    uint32_t i = lexer->count++;
    lexer->kinds.items[i] = (uint8_t)kind;
    lexer->starts.items[i] = start;
    lexer->ends.items[i] = end;
    lexer->token_symbols.items[i] = symbol;
}

void lex_push(Lexer *lexer, TokenKind kind, uint32_t start, uint32_t end) {
    push(lexer, kind, start, end, (SymbolId){0});
}

static inline TokenKind last_kind(const Lexer *lexer) {
    return (TokenKind)lexer->kinds.items[lexer->count - 1];
}

static inline void push_newline(Lexer *lexer) {
    if (!joins_next[last_kind(lexer)])
        lex_push(lexer, TOK_NEWLINE, lexer->at, lexer->at + (lexer->source[lexer->at] == '\n'));
}

// A line ends here: what has to be closed on it is not.
static void end_line(Lexer *lexer) {
    while (lexer->holes.count > 0 && vec_last(&lexer->holes).depth == 0)
        lex_interpolation_abandon(lexer);
    lexer->is_abandoned = false;
    push_newline(lexer);
}

// ---- names ----------------------------------------------------------------------------------------------------------

static inline uint64_t load_word(const char *text) {
    uint64_t word;
    memcpy(&word, text, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

static inline uint64_t spread(uint64_t word) {
    return (word ^ (word >> 29)) * 0x9e3779b97f4a7c15u;
}

static void fill_keywords(Lexer *lexer) {
    static const struct {
        const char text[9];
        uint8_t kind;
    } list[] = {
#define TOKEN(name, text)
#define KEYWORD(name, text) {text, TOK_KW_##name},
#include "astdb/tokens.def"
#undef TOKEN
#undef KEYWORD
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
        uint64_t word = load_word(list[i].text);
        uint32_t slot = (uint32_t)(spread(word) >> 56);
        while (lexer->keywords[slot].word)
            slot = (slot + 1) % LEX_KEYWORD_SLOTS;
        lexer->keywords[slot] = (LexKeyword){word, list[i].kind};
    }
}

static inline TokenKind find_keyword(const Lexer *lexer, uint64_t word, uint64_t hash) {
    for (uint32_t slot = (uint32_t)(hash >> 56); lexer->keywords[slot].word; slot = (slot + 1) % LEX_KEYWORD_SLOTS)
        if (lexer->keywords[slot].word == word)
            return (TokenKind)lexer->keywords[slot].kind;
    return TOK_NAME;
}

static inline SymbolId name_symbol(Lexer *lexer, uint64_t hash, uint32_t start, uint32_t size) {
    LexName *name = &lexer->names[(hash >> 40) % LEX_NAME_SLOTS];
    if (name->size != size || memcmp(lexer->source + name->start, lexer->source + start, size) != 0)
        *name = (LexName){start, size, intern(lexer->symbols, (Text){lexer->source + start, size})};
    return name->symbol;
}

static void lex_name(Lexer *lexer) {
    const char *s = lexer->source;
    uint32_t start = lexer->at, end = start + 1;
    while (lex_is(s[end], LEX_LETTER | LEX_DIGIT))
        end++;
    if ((uint8_t)s[end] >= 0x80) {
        lex_bad_character(lexer); // the whole word with its foreign letters
        return;
    }
    lexer->at = end;
    uint32_t size = end - start;
    if (size == 1 && s[end] == '"' && (s[start] == 'r' || s[start] == 'b')) {
        if (s[start] == 'r')
            lex_raw_string(lexer, start);
        else
            lex_string(lexer, start);
        return;
    }
    uint64_t word = load_word(s + start), hash;
    TokenKind kind = TOK_NAME;
    if (size <= 8) {
        word &= UINT64_MAX >> (64 - 8 * size);
        hash = spread(word);
        TokenKind before = last_kind(lexer);
        if (size == 1 && s[start] == '_')
            kind = TOK_UNDERSCORE;
        else if (before != TOK_DOT && before != TOK_QUESTION_DOT) // any word may follow a dot
            kind = find_keyword(lexer, word, hash);
    } else {
        hash = spread(word ^ spread(load_word(s + end - 8)) ^ size);
    }
    bool is_named = kind == TOK_NAME || kind == TOK_KW_SELF || kind == TOK_KW_SELF_TYPE;
    push(lexer, kind, start, end, is_named ? name_symbol(lexer, hash, start, size) : (SymbolId){0});
}

// ---- comments -------------------------------------------------------------------------------------------------------

// No token stands before this place on its line; block comments may.
static bool is_line_start(const Lexer *lexer, uint32_t at) {
    TokenKind before = last_kind(lexer);
    if (lexer->count == 1 || before == TOK_NEWLINE || before == TOK_DOC || before == TOK_MODULE_DOC)
        return true;
    uint32_t end = lexer->ends.items[lexer->count - 1];
    return memchr(lexer->source + end, '\n', at - end) != NULL;
}

static void line_comment(Lexer *lexer) {
    const char *s = lexer->source;
    uint32_t start = lexer->at;
    const char *line_end = memchr(s + start, '\n', lexer->size - start);
    uint32_t end = line_end ? (uint32_t)(line_end - s) : lexer->size;
    lexer->at = end;
    if (end > start && s[end - 1] == '\r')
        end--;
    // Four slashes are a rule, not a doc comment; a doc comment after code is a plain comment.
    bool is_doc = s[start + 2] == '/' && s[start + 3] != '/';
    if ((is_doc || s[start + 2] == '!') && is_line_start(lexer, start))
        lex_push(lexer, is_doc ? TOK_DOC : TOK_MODULE_DOC, start, end);
}

static void block_comment(Lexer *lexer) {
    const char *s = lexer->source;
    uint32_t start = lexer->at, at = start + 2, depth = 1;
    bool has_newline = false;
    while (at < lexer->size && depth > 0) {
        if (s[at] == '*' && s[at + 1] == '/') {
            depth--;
            at += 2;
        } else if (s[at] == '/' && s[at + 1] == '*') {
            depth++;
            at += 2;
        } else {
            has_newline |= s[at] == '\n';
            at++;
        }
    }
    lexer->at = at;
    if (depth > 0) {
        Report *r = lex_report(lexer, DIAG_E0103, start, start + 2, "this comment is never closed");
        if (r && depth > 1)
            report_help(r, "comments nest: each `/*` inside needs a `*/` of its own; %u are missing", depth);
        else if (r)
            report_help(r, "close it with `*/`");
    }
    if (!has_newline)
        return;
    // As if the comment were not there: the next token is on another line. What follows on this one would be read as
    // code though it ends a string.
    bool is_in_hole = lexer->holes.count > 0 && vec_last(&lexer->holes).depth == 0;
    if (is_in_hole)
        while (lexer->at < lexer->size && s[lexer->at] != '\n')
            lexer->at++;
    end_line(lexer);
}

// ---- operators ------------------------------------------------------------------------------------------------------

static inline void take(Lexer *lexer, TokenKind kind, uint32_t size) {
    lex_push(lexer, kind, lexer->at, lexer->at + size);
    lexer->at += size;
}

// Of an operator that may be doubled and may be followed by `=`.
static void take_operator(Lexer *lexer, TokenKind plain, TokenKind assign, TokenKind twice, TokenKind twice_assign) {
    const char *s = lexer->source + lexer->at;
    if (twice != TOK_INVALID && s[1] == s[0]) {
        if (twice_assign != TOK_INVALID && s[2] == '=')
            take(lexer, twice_assign, 3);
        else
            take(lexer, twice, 2);
    } else if (assign != TOK_INVALID && s[1] == '=') {
        take(lexer, assign, 2);
    } else {
        take(lexer, plain, 1);
    }
}

static void take_dot(Lexer *lexer) {
    const char *s = lexer->source + lexer->at;
    if (s[1] == '}') {
        take(lexer, TOK_RATTR, 2);
    } else if (s[1] == '.') {
        if (s[2] == '=')
            take(lexer, TOK_RANGE_EQ, 3);
        else if (s[2] == '<' && s[3] != '<')
            take(lexer, TOK_RANGE_LT, 3);
        else
            take(lexer, TOK_RANGE, 2);
    } else {
        if (last_kind(lexer) == TOK_NEWLINE)
            lexer->count--; // a line that starts with `.` goes on
        take(lexer, TOK_DOT, 1);
    }
}

static void take_pipe(Lexer *lexer) {
    const char *s = lexer->source + lexer->at;
    if (s[1] == '>') {
        if (last_kind(lexer) == TOK_NEWLINE)
            lexer->count--;
        take(lexer, TOK_PIPELINE, 2);
    } else {
        take_operator(lexer, TOK_PIPE, TOK_PIPE_ASSIGN, TOK_INVALID, TOK_INVALID);
    }
}

static void take_question(Lexer *lexer) {
    const char *s = lexer->source + lexer->at;
    if (s[1] == '?') {
        take(lexer, TOK_COALESCE, 2);
    } else if (s[1] == '.' && s[2] != '.') {
        if (last_kind(lexer) == TOK_NEWLINE)
            lexer->count--;
        take(lexer, TOK_QUESTION_DOT, 2);
    } else {
        take(lexer, TOK_QUESTION, 1);
    }
}

static void take_angle(Lexer *lexer) {
    const char *s = lexer->source + lexer->at;
    bool is_less = s[0] == '<';
    take_operator(lexer, is_less ? TOK_LT : TOK_GT, is_less ? TOK_LE : TOK_GE, is_less ? TOK_SHL : TOK_SHR,
                  is_less ? TOK_SHL_ASSIGN : TOK_SHR_ASSIGN);
}

static void take_open(Lexer *lexer, TokenKind kind, uint32_t size) {
    if (lexer->holes.count > 0)
        vec_last(&lexer->holes).depth++;
    take(lexer, kind, size);
}

static void take_close(Lexer *lexer, TokenKind kind) {
    if (lexer->holes.count > 0) {
        LexHole *hole = &vec_last(&lexer->holes);
        if (hole->depth > 0) {
            hole->depth--;
        } else if (kind == TOK_RBRACE) {
            take(lexer, kind, 1);
            lex_interpolation_rest(lexer);
            return;
        }
    }
    take(lexer, kind, 1);
}

static void take_slash(Lexer *lexer) {
    char next = lexer->source[lexer->at + 1];
    if (next == '/')
        line_comment(lexer);
    else if (next == '*')
        block_comment(lexer);
    else
        take_operator(lexer, TOK_SLASH, TOK_SLASH_ASSIGN, TOK_INVALID, TOK_INVALID);
}

static void take_newline(Lexer *lexer) {
    end_line(lexer);
    lexer->at++;
}

// a::b of other languages
static void foreign_path(Lexer *lexer) {
    uint32_t start = lexer->at;
    Report *r = lex_report(lexer, DIAG_E0122, start, start + 2, "`::` is not an operator");
    if (r)
        report_fix(r, (Span){lexer->file, start, start + 2}, TEXT("."), "names are joined by dots");
    take(lexer, TOK_DOT, 2);
}

static void take_colon(Lexer *lexer) {
    if (lexer->holes.count > 0 && vec_last(&lexer->holes).depth == 0)
        lex_interpolation_spec(lexer);
    else if (lexer->source[lexer->at + 1] == ':' && lex_is(lexer->source[lexer->at + 2], LEX_LETTER))
        foreign_path(lexer);
    else
        take(lexer, TOK_COLON, 1);
}

static void take_punctuation(Lexer *lexer) {
    const char *s = lexer->source + lexer->at;
    switch (s[0]) {
    case '(': take_open(lexer, TOK_LPAREN, 1); break;
    case '[': take_open(lexer, TOK_LBRACKET, 1); break;
    case '{':
        if (s[1] == '.' && s[2] != '.')
            take(lexer, TOK_LATTR, 2);
        else
            take_open(lexer, TOK_LBRACE, 1);
        break;
    case ')': take_close(lexer, TOK_RPAREN); break;
    case ']': take_close(lexer, TOK_RBRACKET); break;
    case '}': take_close(lexer, TOK_RBRACE); break;
    case ',': take(lexer, TOK_COMMA, 1); break;
    case ':': take_colon(lexer); break;
    case ';': take(lexer, TOK_SEMICOLON, 1); break;
    case '.': take_dot(lexer); break;
    case '?': take_question(lexer); break;
    case '=':
        if (s[1] == '>')
            take(lexer, TOK_FAT_ARROW, 2);
        else
            take_operator(lexer, TOK_ASSIGN, TOK_INVALID, TOK_EQ, TOK_INVALID);
        break;
    case '!': take_operator(lexer, TOK_BANG, TOK_NE, TOK_INVALID, TOK_INVALID); break;
    case '@': take(lexer, TOK_AT, 1); break;
    case '+': take_operator(lexer, TOK_PLUS, TOK_PLUS_ASSIGN, TOK_CONCAT, TOK_CONCAT_ASSIGN); break;
    case '-':
        if (s[1] == '>')
            take(lexer, TOK_ARROW, 2);
        else
            take_operator(lexer, TOK_MINUS, TOK_MINUS_ASSIGN, TOK_INVALID, TOK_INVALID);
        break;
    case '*': take_operator(lexer, TOK_STAR, TOK_STAR_ASSIGN, TOK_POWER, TOK_INVALID); break;
    case '/': take_slash(lexer); break;
    case '%': take_operator(lexer, TOK_PERCENT, TOK_PERCENT_ASSIGN, TOK_INVALID, TOK_INVALID); break;
    case '<':
    case '>': take_angle(lexer); break;
    case '&': take_operator(lexer, TOK_AMP, TOK_AMP_ASSIGN, TOK_INVALID, TOK_INVALID); break;
    case '^': take_operator(lexer, TOK_CARET, TOK_CARET_ASSIGN, TOK_INVALID, TOK_INVALID); break;
    case '|': take_pipe(lexer); break;
    case '~': take(lexer, TOK_TILDE, 1); break;
    case '"': lex_string(lexer, lexer->at); break;
    case '\'': lex_char(lexer); break;
    case '$':
        if (s[1] == '"')
            lex_interpolation(lexer);
        else
            lex_bad_character(lexer);
        break;
    default: lex_bad_character(lexer); break;
    }
}

// ---- the loop -------------------------------------------------------------------------------------------------------

static void skip_prologue(Lexer *lexer) {
    const char *s = lexer->source;
    if (lexer->size >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0)
        lexer->at = 3;
    if (s[lexer->at] == '#' && s[lexer->at + 1] == '!')
        while (lexer->at < lexer->size && s[lexer->at] != '\n')
            lexer->at++;
}

static void lex_all(Lexer *lexer) {
    const char *s = lexer->source;
    while (lexer->at < lexer->size) {
        char c = s[lexer->at];
        uint8_t class = lex_classes[(uint8_t)c];
        if (class & LEX_BLANK) {
            if (c == '\r' && s[lexer->at + 1] != '\n')
                lex_bad_character(lexer);
            else
                lexer->at++;
        } else if (class & LEX_LETTER) {
            lex_name(lexer);
        } else if (c == '\n') {
            take_newline(lexer);
        } else if (class & LEX_DIGIT) {
            lex_number(lexer);
        } else {
            take_punctuation(lexer);
        }
    }
    while (lexer->holes.count > 0)
        lex_interpolation_abandon(lexer);
    push_newline(lexer);
    lex_push(lexer, TOK_EOF, lexer->size, lexer->size);
}

void lexer_run(Lexer *lexer, Diags *diags, Interner *symbols, Arena *arena, FileId file) {
    Text content = diags_source(diags, file)->content;
    *lexer = (Lexer){.diags = diags, .symbols = symbols, .arena = arena, .file = file};
    vec_reserve(&lexer->padded, (uint32_t)content.size + LEX_PADDING);
    buffer_text(&lexer->padded, content);
    memset(lexer->padded.items + content.size, 0, LEX_PADDING);
    lexer->source = lexer->padded.items;
    lexer->size = (uint32_t)content.size;
    lexer->keywords = ARENA_ARRAY(arena, LexKeyword, LEX_KEYWORD_SLOTS);
    lexer->names = ARENA_ARRAY(arena, LexName, LEX_NAME_SLOTS);
    reserve_tokens(lexer, lexer->size / 2 + 16); // mostly too many: memory that is never touched costs nothing
    lex_push(lexer, TOK_EOF, 0, 0);              // the sentinel: token 0 is none
    fill_keywords(lexer);
    lex_encoding(lexer);
    skip_prologue(lexer);
    lex_all(lexer);
}

void lexer_free(Lexer *lexer) {
    vec_free(&lexer->padded);
    vec_free(&lexer->kinds);
    vec_free(&lexer->starts);
    vec_free(&lexer->ends);
    vec_free(&lexer->token_symbols);
    vec_free(&lexer->holes);
}
