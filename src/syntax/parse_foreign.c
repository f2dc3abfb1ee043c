// What other languages write: recognised as a whole, reported in one piece, and passed over.
#include "syntax/parser.h"

const char *parse_foreign_word(const Parser *p, uint32_t token) {
    static const struct {
        const char *word, *hint;
    } list[] = {
#define FOREIGN(word, hint) {word, hint},
#include "syntax/foreign_words.def"
#undef FOREIGN
    };
    for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (parse_is_word(p, token, list[i].word))
            return list[i].hint;
    return NULL;
}

// ---- operators ------------------------------------------------------------------------------------------------------

static const char *operator_impl(TokenKind kind) {
    switch (kind) {
    case TOK_PLUS: return "Additive` with `func add(self, other: Self) -> Self";
    case TOK_MINUS: return "Additive` with `func sub(self, other: Self) -> Self";
    case TOK_STAR: return "Numeric` with `func mul(self, other: Self) -> Self";
    case TOK_SLASH: return "Numeric` with `func div(self, other: Self) -> Self";
    case TOK_PERCENT: return "Numeric` with `func rem(self, other: Self) -> Self";
    case TOK_EQ:
    case TOK_NE: return "Eq` with `func eq(self, other: Self) -> bool";
    case TOK_LT:
    case TOK_LE:
    case TOK_GT:
    case TOK_GE: return "Ord` with `func compare(self, other: Self) -> Ordering";
    default: return NULL;
    }
}

TokenId parse_operator_name(Parser *p) {
    uint32_t at = parse_is_word(p, p->at, "operator") ? p->at + 1 : p->at;
    const char *impl = operator_impl((TokenKind)p->kinds[at]);
    if (impl == NULL || parse_is_line_start(p, at))
        return (TokenId){0};
    Text name = parse_describe(p, at);
    Report *r = parse_complain(p, DIAG_E0114, parse_span(p, at), "an operator is no name of a function");
    if (r)
        report_help(r, "%.*s of a type stands in its impl of `%s`", TEXT_ARG(name), impl);
    while (p->at < at)
        parse_bump(p);
    parse_name_keyword(p, at);
    parse_bump(p);
    return (TokenId){at};
}

// ---- closures -------------------------------------------------------------------------------------------------------

static bool is_closure_word(const Parser *p, uint32_t token) {
    char first = p->ast->source.data[p->ast->token_starts[token]]; // asked of each argument
    if (p->kinds[token] != TOK_NAME || (first != 'f' && first != 'l'))
        return false;
    return parse_is_word(p, token, "fn") || parse_is_word(p, token, "fun") || parse_is_word(p, token, "lambda") ||
           parse_is_word(p, token, "function");
}

static bool ends_head(const Parser *p, uint32_t token) {
    TokenKind kind = (TokenKind)p->kinds[token];
    return kind == TOK_ARROW || kind == TOK_FAT_ARROW || kind == TOK_COLON || kind == TOK_LBRACE;
}

// &(&1 + 2)
static bool is_capture(const Parser *p, uint32_t open) {
    uint32_t close = p->kinds[open] == TOK_LPAREN ? parse_matching(p, open) : 0;
    for (uint32_t at = open; at + 1 < close; at++)
        if (p->kinds[at] == TOK_AMP && p->kinds[at + 1] == TOK_INT)
            return true;
    return false;
}

// The last token of the head of `x => …`, `(x) => …`, `fn x -> …`, `lambda x: …`, `function (x) { … }`, `&(&1 + 1)`;
// 0 if none of them begins here.
static uint32_t closure_head(const Parser *p) {
    uint32_t at = p->at;
    if (p->kinds[at] == TOK_AMP)
        return is_capture(p, at + 1) ? at : 0;
    bool has_word = is_closure_word(p, at);
    at += has_word;
    if (p->kinds[at] == TOK_LPAREN) {
        uint32_t close = parse_matching(p, at), next = close + 1;
        bool ends = has_word ? ends_head(p, next) : p->kinds[next] == TOK_FAT_ARROW || p->kinds[next] == TOK_ARROW;
        return close && ends ? next : 0;
    }
    if (p->kinds[at] != TOK_NAME)
        return 0;
    while (has_word && p->kinds[at + 1] == TOK_COMMA && p->kinds[at + 2] == TOK_NAME)
        at += 2;
    bool ends = has_word ? ends_head(p, at + 1) : p->kinds[at + 1] == TOK_FAT_ARROW || p->kinds[at + 1] == TOK_ARROW;
    return ends ? at + 1 : 0;
}

static bool ends_closure(const Parser *p, uint32_t at, bool in_brackets) {
    switch ((TokenKind)p->kinds[at]) {
    case TOK_EOF:
    case TOK_COMMA:
    case TOK_RPAREN:
    case TOK_RBRACKET:
    case TOK_RBRACE: return true;
    case TOK_NEWLINE: return !in_brackets;
    default: return parse_is_line_start(p, at) && parse_starts_declaration(p, at);
    }
}

static NodeId pass_closure(Parser *p, uint32_t head, bool in_brackets) {
    Report *r = parse_error(p, DIAG_E0123, parse_span_to(p, p->at, head), "a closure is not written so");
    if (r)
        report_help(r, "write `|x| x + 1`, or `func(x: i64) -> i64 do … end`");
    uint32_t at = p->kinds[head] == TOK_LBRACE ? head : head + 1;
    while (!ends_closure(p, at, in_brackets)) {
        TokenKind kind = (TokenKind)p->kinds[at];
        bool opens = kind == TOK_LPAREN || kind == TOK_LBRACKET || kind == TOK_LBRACE;
        uint32_t close = opens ? parse_matching(p, at) : 0;
        at = close ? close + 1 : at + 1;
    }
    parse_pass(p, at - 1);
    p->panicking = p->is_too_deep;
    return parse_invalid(p);
}

NodeId parse_value(Parser *p, bool in_brackets) {
    TokenKind kind = parse_kind(p);
    bool may_begin = kind == TOK_NAME || kind == TOK_LPAREN || kind == TOK_AMP;
    uint32_t head = may_begin ? closure_head(p) : 0;
    return head ? pass_closure(p, head, in_brackets) : parse_expr(p);
}

// ---- methods --------------------------------------------------------------------------------------------------------

bool parse_receiver(Parser *p) {
    uint32_t open = p->at + 1, close = p->kinds[open] == TOK_LPAREN ? parse_matching(p, open) : 0;
    uint32_t type = close - 1;
    bool is_receiver = close > open + 2 && p->kinds[type] == TOK_NAME && p->kinds[open + 1] == TOK_NAME &&
                       p->kinds[close + 1] == TOK_NAME && p->kinds[close + 2] == TOK_LPAREN;
    if (!is_receiver)
        return false;
    Report *r = parse_complain(p, DIAG_E0123, parse_span_to(p, open, close), "a method does not name its receiver");
    if (r)
        report_help(r, "it stands in `impl %.*s do … end`, and its first parameter is `self`",
                    TEXT_ARG(parse_text(p, type)));
    parse_pass(p, close);
    return true;
}

// ---- channels -------------------------------------------------------------------------------------------------------

bool parse_at_channel_arrow(const Parser *p) {
    return parse_at(p, TOK_LT) && p->kinds[p->at + 1] == TOK_MINUS && parse_is_adjacent(p, p->at) &&
           !parse_is_adjacent(p, p->at + 1);
}

uint32_t parse_channel_arrow(Parser *p) {
    Report *r = parse_complain(p, DIAG_E0122, parse_span_to(p, p->at, p->at + 1), "`<-` is not an operator");
    if (r)
        report_help(r, "a value is sent by `channel.send(value)`, the next one is `channel.recv()`");
    parse_pass(p, p->at + 1);
    return p->previous;
}

bool parse_foreign_select(Parser *p) {
    uint32_t close = p->kinds[p->at + 1] == TOK_LBRACE ? parse_matching(p, p->at + 1) : 0;
    if (!close)
        return false;
    Report *r = parse_complain(p, DIAG_E0117, parse_span(p, p->at + 1), "a `select` is written `do … end`");
    if (r)
        report_help(r,
                    "its arms are `recv channel |v| do … end`, `send channel, value do … end`, `after 50ms do … end`");
    parse_pass(p, close);
    return true;
}
