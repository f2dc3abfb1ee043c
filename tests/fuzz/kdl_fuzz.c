// Any bytes: reading KDL ends with a tree, or with exactly one report that can be shown; what the tree says stays below
// the limits.
#include "pkg/kdl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(Text text) {
    invariant(text_is_utf8(text, NULL), "a text that is not UTF-8");
}

static void check_nodes(const KdlNodes *nodes, int depth) {
    invariant(depth <= 65, "nested deeper than allowed");
    for (uint32_t i = 0; i < nodes->count; i++) {
        const KdlNode *node = &nodes->items[i];
        check_text(node->name);
        for (uint32_t j = 0; j < node->arg_count; j++)
            if (node->args[j].kind == KDL_STRING)
                check_text(node->args[j].text);
        for (uint32_t j = 0; j < node->prop_count; j++)
            check_text(node->props[j].name);
        check_nodes(&node->children, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Arena *arena = arena_new();
    Diags *diags = diags_new(arena);
    Text text = arena_text(arena, (Text){(const char *)data, size});
    FileId file = diags_add_source(diags, "janus.kdl", text);
    KdlNodes nodes;
    bool good = kdl_parse(diags, arena, file, &nodes);
    invariant(diags_error_count(diags) == (good ? 0 : 1), "%u reports", diags_error_count(diags));
    if (good)
        check_nodes(&nodes, 0);
    Buffer out = {0};
    diags_render(diags, (RenderOptions){0}, &out);
    vec_free(&out);
    diags_free(diags);
    arena_free(arena);
    return 0;
}
