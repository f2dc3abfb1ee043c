// What lexer and parser share: the token columns before they become part of an Ast.
#ifndef JANUS_SYNTAX_LEXER_H
#define JANUS_SYNTAX_LEXER_H

#include "syntax/syntax.h"

// A hole of an interpolated string that is being lexed: its braces, and how many brackets are open inside it.
typedef struct {
    uint32_t string_start, brace, depth;
    uint32_t token; // of the brace
} LexHole;

typedef struct {
    uint64_t word; // the first bytes, little-endian; 0 is free
    uint32_t kind;
} LexKeyword;

typedef struct {
    uint32_t start, size;
    SymbolId symbol;
} LexName;

#define LEX_KEYWORD_SLOTS 256
#define LEX_NAME_SLOTS 4096
#define LEX_PADDING 32
// So many errors of one file are worth reading; a file that is no program has no end of them.
#define SYNTAX_REPORT_LIMIT 500

typedef struct {
    Diags *diags;
    Interner *symbols;
    Arena *arena;
    FileId file;
    Buffer padded;      // a copy with LEX_PADDING zero bytes after its end, so that reading ahead needs no checks
    const char *source; // its items
    uint32_t size, at;
    uint32_t report_count;
    bool is_abandoned; // a hole of this line was reported as not closed: so are those around it
    bool is_broken;    // not UTF-8: reported once, everything else stays silent
    // columns; all have room for `capacity` items
    VecU8 kinds;
    VecU32 starts, ends;
    VEC(SymbolId) token_symbols;
    uint32_t count, capacity;
    VEC(LexHole) holes;
    LexKeyword *keywords;
    LexName *names; // direct-mapped: the same name is interned once per slot
} Lexer;

// Fills the columns; the caller copies them and calls lexer_free.
void lexer_run(Lexer *lexer, Diags *diags, Interner *symbols, Arena *arena, FileId file);
void lexer_free(Lexer *lexer);

// For the files of the lexer.
extern const uint8_t lex_classes[256];
enum { LEX_LETTER = 1, LEX_DIGIT = 2, LEX_HEX = 4, LEX_BLANK = 8 };
static inline bool lex_is(char c, uint8_t classes) {
    return (lex_classes[(uint8_t)c] & classes) != 0;
}

void lex_push(Lexer *lexer, TokenKind kind, uint32_t start, uint32_t end);
Report *lex_report(Lexer *lexer, DiagCode code, uint32_t start, uint32_t end, const char *format, ...)
    __attribute__((format(printf, 5, 6)));                              // NULL when the file is broken
uint32_t lex_decode(const Lexer *lexer, uint32_t at, uint32_t *scalar); // bytes of the scalar; 0 if it is malformed
void lex_encoding(Lexer *lexer);                                        // checks the whole file once
void lex_bad_character(Lexer *lexer);

void lex_number(Lexer *lexer);
void lex_string(Lexer *lexer, uint32_t start); // at the opening quote; `start` may be a prefix before it
void lex_raw_string(Lexer *lexer, uint32_t start);
void lex_char(Lexer *lexer);
void lex_interpolation(Lexer *lexer);         // at the dollar
void lex_interpolation_rest(Lexer *lexer);    // after a hole: text up to the next hole or the end
void lex_interpolation_spec(Lexer *lexer);    // at the colon of a hole
void lex_interpolation_abandon(Lexer *lexer); // a line ends inside a hole

#endif
