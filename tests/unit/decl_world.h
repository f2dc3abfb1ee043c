// A small program with a prelude of its own, parsed and declared: for tests of what needs no bodies.
#ifndef DECL_WORLD_H
#define DECL_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sema/internal.h"
#include "syntax/syntax.h"

typedef struct {
    Arena *arena;
    Diags *diags;
    Program *p;
    Sema *sema;
    ModuleId main;
} World;

static const char PRELUDE[] =
    "pub trait Eq do\n func eq(self, other: Self) -> bool\nend\n"
    "pub trait Ord do\n func compare(self, other: Self) -> i64\nend\n"
    "pub trait Hash do\n func hash(self) -> u64\nend\n"
    "pub trait Debug do\n func debug(self) -> String\nend\n"
    "pub trait Display do\n func display(self) -> String\nend\n"
    "pub trait Copy do\n func copy(self) -> Self\nend\n"
    "pub trait Drop do\n func drop(mut self)\nend\n"
    "pub trait Numeric do\nend\n"
    "pub trait Number: Numeric do\nend\n"
    "pub trait Integer: Number do\nend\n"
    "pub trait Iterator do\n type Item\n func next(mut self) -> ?Self.Item\nend\n"
    "pub struct String {. cheap .} {\n data: *u8,\n}\n"
    "impl Copy for String do\n func copy(self) -> String do\n return self\n end\nend\n"
    "impl Eq for String do\n func eq(self, other: String) -> bool do\n return true\n end\nend\n"
    "impl Hash for String do\n func hash(self) -> u64 do\n return 1\n end\nend\n"
    "pub struct List[T] {. owner .} {\n ptr: *T,\n}\n"
    "impl[T] List[T] do\n pub func push(mut self, own value: T) do\n end\n"
    " pub func sum(self) -> T where T: Numeric do\n return self\n end\nend\n"
    "impl[T: Copy] Copy for []T do\n func copy(self) -> []T do\n return self\n end\nend\n"
    "impl[T: Eq] Eq for []T do\n func eq(self, other: []T) -> bool do\n return true\n end\nend\n"
    "pub struct Slice[T] {. view .} {\n ptr: *T,\n}\n"
    "pub struct Box[T] {. owner .} {\n ptr: *T,\n}\n"
    "impl[T] Box[T] do\n pub func take(own self) -> T do\n return self\n end\nend\n"
    "impl[T: Eq] Eq for Box[T] do\n func eq(self, other: Box[T]) -> bool do\n return true\n end\nend\n"
    "impl[T: Integer] Hash for T do\n func hash(self) -> u64 do\n return 1\n end\nend\n"
    "impl[T: Integer] T do\n pub func abs(self) -> T do\n return self\n end\nend\n"
    "impl[T] ?T do\n pub func unwrap(own self) -> T do\n return self\n end\nend\n";

static inline ModuleId world_add(World *w, const char *path, const char *text, bool is_std) {
    FileId file = diags_add_source(w->diags, path, text_of(text));
    vec_push(&w->p->modules, (Module){.file = file,
                                      .path = text_of(path),
                                      .name = intern(w->p->symbols, text_of(path)),
                                      .is_std = is_std,
                                      .ast = syntax_parse(w->diags, w->p->symbols, w->arena, file)});
    return (ModuleId){w->p->modules.count - 1};
}

// Modules come in pairs of path and text after the main one, NULL at the end.
static inline World *world_new(const char *text, ...) {
    Arena *arena = arena_new();
    World *w = ARENA_NEW(arena, World);
    w->arena = arena;
    w->diags = diags_new(arena);
    w->p = program_new(arena, w->diags);
    w->main = world_add(w, "main", text, false);
    va_list args;
    va_start(args, text);
    for (const char *path; (path = va_arg(args, const char *)) != NULL;)
        world_add(w, path, va_arg(args, const char *), false);
    va_end(args);
    world_add(w, "std.core.prelude", PRELUDE, true);
    w->sema = sema_new(w->p);
    for (uint32_t i = 1; i < w->p->modules.count; i++)
        sema_collect(w->sema, (ModuleId){i});
    sema_link(w->sema);
    for (uint32_t i = 1; i < w->p->modules.count; i++)
        sema_signatures(w->sema, (ModuleId){i});
    return w;
}

static inline void world_free(World *w) {
    Arena *arena = w->arena;
    sema_free(w->sema);
    program_free(w->p);
    diags_free(w->diags);
    arena_free(arena);
}

static inline void assert_clean(World *w) {
    Buffer out = {0};
    diags_render(w->diags, (RenderOptions){0}, &out);
    if (diags_report_count(w->diags) != 0)
        fprintf(stderr, "%.*s\n", TEXT_ARG(buffer_view(&out)));
    vec_free(&out);
    assert_int_equal(diags_report_count(w->diags), 0);
}

static inline SymbolId name_of(World *w, const char *name) {
    return intern(w->p->symbols, text_of(name));
}

static inline DeclId decl_of(World *w, const char *name) {
    DeclId decl = sema_lookup(w->sema, w->main, name_of(w, name));
    assert_int_not_equal(decl.v, 0);
    return decl;
}

// The type of the first parameter of a function.
static inline TypeId param_of(World *w, const char *func) {
    return program_signature(w->p, decl_of(w, func))->param_types[0];
}

#endif
