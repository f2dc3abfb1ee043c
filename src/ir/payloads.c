// What errors may carry: little enough to travel by value, as a result does.
#include "astdb/impls.h"
#include "ir/build.h"
#include "ir/layout.h"

static void report_payload(Program *p, DeclId variant, uint64_t size) {
    const Decl *row = program_decl(p, variant);
    Report *r =
        diag_report(p->diags, DIAG_E0515, decl_span(p, variant), "`%.*s.%.*s` carries %llu bytes",
                    TEXT_ARG(decl_name(p, row->parent)), TEXT_ARG(decl_name(p, variant)), (unsigned long long)size);
    report_label(r, "an error carries at most %d bytes", ERROR_PAYLOAD_BYTES);
    const Fields *payload = error_payload(p, variant);
    if (payload->count == 1)
        report_help(r, "keep the value elsewhere, and let the error own it: `Box[%.*s]`",
                    TEXT_ARG(type_text(p, payload->types[0])));
    else
        report_help(r, "make a struct of what it carries, and let the error own one: `Box[…]`");
}

// The bytes of a payload laid out by itself, as a struct would be.
static uint64_t payload_size(Jir *jir, const Fields *payload) {
    uint64_t size = 0;
    uint32_t align = 1;
    for (uint32_t i = 0; i < payload->count; i++) {
        const TypeLayout *field = layout_get(jir, payload->types[i]);
        size = (size + field->align - 1) / field->align * field->align + field->size;
        if (field->align > align)
            align = field->align;
    }
    return (size + align - 1) / align * align;
}

void ir_check_payloads(Jir *jir) {
    Program *p = jir->program;
    for (uint32_t i = 1; i < p->decls.count; i++) {
        DeclId variant = {i};
        if (program_decl(p, variant)->kind != DECL_VARIANT ||
            program_decl(p, program_decl(p, variant)->parent)->kind != DECL_ERROR)
            continue;
        uint64_t size = payload_size(jir, error_payload(p, variant));
        if (size > ERROR_PAYLOAD_BYTES)
            report_payload(p, variant, size);
    }
}
