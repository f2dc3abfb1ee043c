// Which package a module belongs to, and which module the path of an import names.
#include "astdb/program.h"

PackageId program_package_of(const Program *p, ModuleId module) {
    const Module *m = program_module(p, module);
    return m->is_std ? (PackageId){PACKAGE_STD} : m->package;
}

ModuleRef program_module_ref(const Program *p, PackageId from, Text path) {
    const char *dot = path.size ? memchr(path.data, '.', path.size) : NULL;
    Text first = {path.data, dot ? (size_t)(dot - path.data) : path.size};
    if (text_equal(first, TEXT("std")))
        return (ModuleRef){{PACKAGE_STD}, path};
    uint32_t package;
    SymbolId name = intern_find(p->symbols, first);
    if (!name.v || !map_get(&p->packages.items[from.v].links, name.v, &package))
        return (ModuleRef){from, path};
    Text rest = dot ? (Text){dot + 1, path.size - first.size - 1} : TEXT("lib");
    return (ModuleRef){{package}, rest};
}

Text program_module_path(const Program *p, ModuleRef ref, Arena *arena) {
    if (ref.package.v <= PACKAGE_STD)
        return arena_text(arena, ref.path);
    Text name = p->packages.items[ref.package.v].name;
    if (text_equal(ref.path, TEXT("lib")))
        return name;
    return arena_printf(arena, "%.*s.%.*s", TEXT_ARG(name), TEXT_ARG(ref.path));
}

Text program_local_path(const Program *p, ModuleId module) {
    PackageId package = program_package_of(p, module);
    Text path = program_module(p, module)->path;
    if (package.v <= PACKAGE_STD)
        return path;
    size_t size = p->packages.items[package.v].name.size;
    return path.size == size ? TEXT("lib") : (Text){path.data + size + 1, path.size - size - 1};
}

uint64_t program_module_key(Program *p, ModuleRef ref) {
    return (uint64_t)ref.package.v << 32 | intern(p->symbols, ref.path).v;
}
