// A session about a package: its manifest and those of its dependencies, as rows of the program's packages.
#include "driver/session.h"

// Own package 0, std 1, then the others as the graph has them.
static uint32_t row_of(uint32_t index) {
    return index == 0 ? PACKAGE_OWN : PACKAGE_STD + index;
}

static PackageRow make_row(Session *s, const Package *package) {
    PackageRow row = {
        .name = package->name.text,
        .folder = arena_printf(s->arena, "%ssrc/", package->folder).data,
    };
    for (uint32_t i = 0; i < package->dependency_count; i++) {
        const Dependency *dependency = &package->dependencies[i];
        SymbolId name = intern(s->program->symbols, dependency->name.text);
        map_set(&row.links, name.v, row_of(dependency->package));
    }
    return row;
}

bool session_open_package(Session *session, const char *folder) {
    session->graph = package_load(session->diags, session->arena, folder);
    if (!session->graph)
        return false;
    Program *p = session->program;
    p->packages.items[PACKAGE_OWN] = make_row(session, session->graph->items[0]);
    for (uint32_t i = 1; i < session->graph->count; i++)
        vec_push(&p->packages, make_row(session, session->graph->items[i]));
    session_stage_done(session, "read");
    const Package *own = session->graph->items[0];
    if (own->has_main || own->has_lib)
        return true;
    Report *report = diag_report(session->diags, DIAG_E0957, own->name.span,
                                 "the package `%.*s` has no modules to begin at", TEXT_ARG(own->name.text));
    report_label(report, "neither %ssrc/main.jan nor %ssrc/lib.jan exists", own->folder, own->folder);
    report_help(report, "a program begins at src/main.jan, a library at src/lib.jan");
    return false;
}

bool session_check_program(Session *session) {
    const Package *own = session->graph ? session->graph->items[0] : NULL;
    if (!own || own->has_main)
        return true;
    Report *report = diag_report(session->diags, DIAG_E0958, own->name.span, "the package `%.*s` is a library",
                                 TEXT_ARG(own->name.text));
    report_label(report, "it has no src/main.jan");
    report_help(report,
                "`janus check` finds its errors, `janus test` runs its tests; a program begins at src/main.jan");
    return false;
}
