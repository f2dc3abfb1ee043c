// Nodes of KDL: names with values, properties and children.
#include "pkg/kdl_internal.h"

typedef VEC(KdlNode) NodeList;

typedef struct {
    KdlNode node;
    VEC(KdlValue) args;
    VEC(KdlProp) props;
    bool closed; // a block has been seen: only blocks may follow
} NodeReader;

static bool read_nodes(Kdl *k, uint32_t depth, uint32_t opened, KdlNodes *nodes);

static bool skip_space(Kdl *k) {
    bool any;
    return kdl_skip_space(k, &any);
}

// `(type)`, if there is one, and the space behind it.
static bool read_type(Kdl *k, bool *has_type, Text *type) {
    *has_type = kdl_looking_at(k, "(");
    if (!*has_type)
        return true;
    uint32_t start = k->at++;
    if (!skip_space(k) || !kdl_read_name(k, type) || !skip_space(k))
        return false;
    if (!kdl_looking_at(k, ")")) {
        kdl_error(k, DIAG_E0940, start, k->at, "the type annotation is not closed", "`)` is expected behind its name");
        return false;
    }
    k->at++;
    return skip_space(k);
}

// ---- values and properties -----------------------------------------------------------------------------------------

static void add_property(NodeReader *r, KdlProp prop) {
    for (uint32_t i = 0; i < r->props.count; i++) {
        if (!text_equal(r->props.items[i].name, prop.name))
            continue;
        r->props.items[i] = prop;
        return;
    }
    vec_push(&r->props, prop);
}

static bool read_property(Kdl *k, NodeReader *r, const KdlValue *name, bool dropped) {
    KdlProp prop = {.name = name->text, .span = name->span};
    if (name->kind != KDL_STRING || name->has_type) {
        Report *report = kdl_error(k, DIAG_E0940, k->at, k->at + 1, "a property begins with a name",
                                   "what stands before is no name");
        if (name->has_type)
            report_help(report, "the type of a property stands before its value: name=(type)value");
        return false;
    }
    k->at++;
    if (!skip_space(k) || !read_type(k, &prop.value.has_type, &prop.value.type) || !kdl_read_value(k, &prop.value))
        return false;
    if (!dropped)
        add_property(r, prop);
    return true;
}

static bool read_entry(Kdl *k, NodeReader *r, bool dropped) {
    KdlValue value = {0};
    if (!read_type(k, &value.has_type, &value.type) || !kdl_read_value(k, &value))
        return false;
    uint32_t behind = k->at;
    if (!skip_space(k))
        return false;
    if (kdl_looking_at(k, "="))
        return read_property(k, r, &value, dropped);
    k->at = behind;
    if (!dropped)
        vec_push(&r->args, value);
    return true;
}

// ---- nodes ---------------------------------------------------------------------------------------------------------

static bool read_children(Kdl *k, NodeReader *r, uint32_t depth, bool dropped) {
    uint32_t start = k->at++;
    if (r->node.has_children && !dropped) {
        kdl_error(k, DIAG_E0940, start, start + 1, "a node has one block of children", "this is its second");
        return false;
    }
    if (depth >= KDL_DEPTH) {
        Report *report =
            kdl_error(k, DIAG_E0944, start, start + 1, "nodes are nested too deeply", "one level too many");
        report_note(report, (Span){0}, "%d levels are allowed", KDL_DEPTH);
        return false;
    }
    KdlNodes children = {0};
    if (!read_nodes(k, depth + 1, start, &children))
        return false;
    r->closed = true;
    if (!dropped) {
        r->node.has_children = true;
        r->node.children = children;
    }
    return true;
}

static bool at_node_end(const Kdl *k) {
    return k->at == k->text.size || kdl_newline_size(k, k->at) || kdl_looking_at(k, ";") || kdl_looking_at(k, "}") ||
           kdl_looking_at(k, "//");
}

// One part behind a node's name: a value, a property or a block.
static bool read_part(Kdl *k, NodeReader *r, uint32_t depth, bool spaced) {
    bool dropped = kdl_looking_at(k, "/-");
    if (dropped) {
        k->at += 2;
        if (!kdl_skip_lines(k))
            return false;
    }
    if (kdl_looking_at(k, "{"))
        return read_children(k, r, depth, dropped);
    if (r->closed) {
        kdl_error(k, DIAG_E0940, k->at, k->at + (k->at < k->text.size), "a value stands behind a block of children",
                  "values and properties come before the block");
        return false;
    }
    if (!spaced && !dropped) {
        Report *report = kdl_error(k, DIAG_E0940, k->at, k->at + 1, "something stands right behind a value",
                                   "a space is missing before this");
        if (strchr(",:", k->text.data[k->at]))
            report_help(report, "KDL has no commas or colons: `name \"value\" key=\"value\"`");
        return false;
    }
    return read_entry(k, r, dropped);
}

static bool read_parts(Kdl *k, NodeReader *r, uint32_t depth) {
    for (;;) {
        bool spaced = false;
        if (!kdl_skip_space(k, &spaced))
            return false;
        if (at_node_end(k))
            return true;
        if (!read_part(k, r, depth, spaced))
            return false;
    }
}

static bool read_node(Kdl *k, uint32_t depth, NodeReader *r) {
    KdlNode *node = &r->node;
    if (!read_type(k, &node->has_type, &node->type))
        return false;
    uint32_t start = k->at;
    if (!kdl_read_name(k, &node->name))
        return false;
    node->span = kdl_span(k, start, k->at);
    if (!read_parts(k, r, depth))
        return false;
    node->arg_count = r->args.count;
    node->args = arena_copy(k->arena, r->args.items, r->args.count * sizeof(KdlValue), _Alignof(KdlValue));
    node->prop_count = r->props.count;
    node->props = arena_copy(k->arena, r->props.items, r->props.count * sizeof(KdlProp), _Alignof(KdlProp));
    return true;
}

// `/- kdl-version 2` is a node that is left out; a document of another version is not ours to read.
static bool check_version(Kdl *k, const KdlNode *node) {
    bool is_marker = text_equal(node->name, TEXT("kdl-version")) && node->arg_count == 1 && !node->prop_count;
    if (!is_marker || !node->args[0].is_integer || node->args[0].integer != 1)
        return true;
    Report *report = diag_report(k->diags, DIAG_E0940, node->args[0].span, "the manifest is written in KDL 1");
    report_label(report, "KDL 2 is expected");
    report_help(report, "in KDL 2 it is #true, #false, #null and #\"raw\"#");
    return false;
}

static bool read_one(Kdl *k, uint32_t depth, NodeList *list) {
    bool dropped = kdl_looking_at(k, "/-");
    if (dropped) {
        k->at += 2;
        if (!kdl_skip_lines(k))
            return false;
    }
    NodeReader reader = {0};
    bool good = read_node(k, depth, &reader);
    vec_free(&reader.args);
    vec_free(&reader.props);
    if (!good)
        return false;
    if (dropped)
        return check_version(k, &reader.node);
    vec_push(list, reader.node);
    return true;
}

static bool read_list(Kdl *k, uint32_t depth, uint32_t opened, NodeList *list) {
    for (;;) {
        if (!kdl_skip_lines(k))
            return false;
        if (kdl_looking_at(k, ";")) { // the end of the node before it
            kdl_error(k, DIAG_E0940, k->at, k->at + 1, "`;` ends no node", "nothing stands before it");
            return false;
        }
        if (k->at == k->text.size) {
            if (depth)
                kdl_error(k, DIAG_E0941, opened, opened + 1, "the block is not closed", "it has no `}`");
            return depth == 0;
        }
        if (kdl_looking_at(k, "}")) {
            if (!depth)
                kdl_error(k, DIAG_E0940, k->at, k->at + 1, "`}` closes nothing", "no block is open here");
            k->at++;
            return depth != 0;
        }
        if (!read_one(k, depth, list))
            return false;
        if (kdl_looking_at(k, ";"))
            k->at++;
    }
}

static bool read_nodes(Kdl *k, uint32_t depth, uint32_t opened, KdlNodes *nodes) {
    NodeList list = {0};
    bool good = read_list(k, depth, opened, &list);
    nodes->count = list.count;
    nodes->items = arena_copy(k->arena, list.items, list.count * sizeof(KdlNode), _Alignof(KdlNode));
    vec_free(&list);
    return good;
}

bool kdl_parse(Diags *diags, Arena *arena, FileId file, KdlNodes *nodes) {
    Kdl k = {.diags = diags, .arena = arena, .file = file, .text = diags_source(diags, file)->content};
    *nodes = (KdlNodes){0};
    return kdl_check_text(&k) && read_nodes(&k, 0, 0, nodes);
}
