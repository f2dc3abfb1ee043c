// layout: where the parts of a value lie in memory; shared by the interpreter and code generation.
//
// Ideas. Structs and tuples keep their fields in order of declaration, each at its natural alignment. Enums begin with
// the smallest unsigned tag that numbers their variants; each payload is laid out like a struct that begins with that
// tag. An optional spends no byte on its tag where the value has bit patterns to spare (the pointer of a Box, the data
// of a String, a bool, a char, an enum's tag, an error, a func …): null is then such a pattern. Else a u8 tag (0 null,
// 1 some) follows the value. An error begins with a u32, the number of its variant, never 0; what a variant carries is
// laid out like a struct that begins with that number, alike in every set the variant stands in: a set's values begin
// with the bytes of the same error in a smaller set. A result is {u32 error or 0, value}; an error lies at its start
// and may reach over the value. A func value is {code, environment}; a closure is the struct of its captures, addresses
// for what it borrows. A dyn is two words, the address of the value and that of its table; the same two words are a
// reference or pointer to it, so that following one leads to the words themselves. Every type has one layout; it is
// computed once and lives as long as the Jir.
#ifndef JANUS_LAYOUT_H
#define JANUS_LAYOUT_H

#include "ir/jir.h"

typedef enum {
    LAYOUT_VOID, // no bytes: void, never
    LAYOUT_INT,  // integers, bool (0 or 1), char, errors that carry nothing
    LAYOUT_FLOAT,
    LAYOUT_POINTER,  // raw pointers and values of a REF type
    LAYOUT_FUNC,     // two words: func, dyn, and what refers to a dyn
    LAYOUT_STRUCT,   // structs, tuples, closures: variants[0]
    LAYOUT_ARRAY,    // `count` items of `item`, `stride` apart
    LAYOUT_ENUM,     // tag, variants
    LAYOUT_ERROR,    // number, variants: of errors that carry something
    LAYOUT_OPTIONAL, // variants[0] null (no fields), variants[1] some (the value)
    LAYOUT_RESULT,   // variants[0] ok (the value), variants[1] error (at offset 0)
} LayoutKind;

typedef struct {
    const TypeId *types;
    const uint64_t *offsets; // from the start of the whole value
    uint32_t count;
} LayoutFields;

// Bit patterns of an unsigned integer within a value that no valid value has.
typedef struct {
    uint64_t offset;
    uint32_t size;  // 1, 2, 4, 8; 0: none to spare
    uint64_t first; // `count` of them from here
    uint64_t count;
} Niche;

typedef struct {
    LayoutKind kind;
    uint32_t align;
    uint64_t size;
    const LayoutFields *variants;
    uint32_t variant_count;
    const DeclId *numbers; // ERROR: of each of `variants`
    // ENUM, OPTIONAL: the tag, an unsigned integer. RESULT, ERROR: the number at 0, 4 bytes.
    uint64_t tag_offset;
    uint32_t tag_size;
    bool is_niche; // OPTIONAL: null where the tag equals null_tag, else some; else the tag is 0 or 1
    uint64_t null_tag;
    Niche niche; // what the value itself has to spare
    TypeId item; // ARRAY
    uint64_t count, stride;
} TypeLayout;

// The layout of a type without parameters. Never NULL.
const TypeLayout *layout_get(Jir *jir, TypeId type);
static inline uint64_t layout_size(Jir *jir, TypeId type) {
    return layout_get(jir, type)->size;
}
// Where a field lies from the start of the value; `variant` as of MAKE_VARIANT (0 for structs, tuples, closures).
uint64_t layout_field_offset(Jir *jir, TypeId type, uint32_t variant, uint32_t field);

// A REF or POINTER to a dyn: two words.
bool type_is_wide(const Program *program, TypeId type);

// The fields of the variant with a number as of MAKE_VARIANT; NULL if there is none.
const LayoutFields *layout_variant(const TypeLayout *layout, uint32_t number);

// Whether SET from one type to another goes from an error, or a result with one, to one of another size: the bytes that
// both have are copied then, and those behind them have no value.
bool layout_converts(Jir *jir, TypeId from, TypeId to);

enum { ERROR_PAYLOAD_BYTES = 24 }; // what a variant of an error may carry

// The value that a variant of an error has at run time. MAKE_VARIANT of an error names this number, TAG gives it.
static inline uint32_t error_number(DeclId variant) {
    return variant.v;
}

// The type parameters of a function (or constant, test: none) bound to these arguments, in the order of its signature.
Subst function_subst(const Program *program, DeclId decl, const TypeId *args, uint32_t arg_count);

// The function a closure type stands for, generic as it was built; NULL if there is none.
JirFn *closure_body(const Jir *jir, TypeId closure);
// Its type parameters bound to the arguments of this closure type.
Subst closure_subst(const Jir *jir, TypeId closure);
// What the closure keeps of capture number i: the captured value's type, or a REF to it where it borrows.
TypeId closure_capture_type(Jir *jir, TypeId closure, uint32_t index);

#endif
