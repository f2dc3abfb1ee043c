// A new package: the files that `janus new` writes.
#include "pkg/package.h"

typedef struct {
    const char *path; // below the package
    const char *content;
} Template;

#define MANIFEST                                                                                                       \
    "package {\n"                                                                                                      \
    "    name \"NAME\"\n"                                                                                              \
    "    version \"0.1.0\"\n"                                                                                          \
    "}\n"                                                                                                              \
    "\n"                                                                                                               \
    "// Other packages, by the paths to their folders: geometry path=\"../geometry\"\n"                                \
    "dependencies {\n"                                                                                                 \
    "}\n"

#define IGNORED "/build/\n"

static const Template program[] = {
    {MANIFEST_NAME, MANIFEST},
    {"src/main.jan", "//! NAME greets whom it is told to greet.\n"
                     "\n"
                     "import std.env\n"
                     "\n"
                     "/// The greeting for a name.\n"
                     "func greeting(name: String) -> String do\n"
                     "    return $\"Hello, {name}!\"\n"
                     "end\n"
                     "\n"
                     "func main() do\n"
                     "    let args = env.args()\n"
                     "    println(greeting(args.get(0) ?? \"world\"))\n"
                     "end\n"
                     "\n"
                     "test \"a greeting has the name\" do\n"
                     "    assert_eq(greeting(\"Ada\"), \"Hello, Ada!\")\n"
                     "end\n"},
    {"README.md", "# NAME\n"
                  "\n"
                  "```sh\n"
                  "janus run              # builds and runs src/main.jan\n"
                  "janus run -- Ada       # with an argument\n"
                  "janus test             # runs the test blocks of all modules\n"
                  "janus build --release  # writes build/NAME\n"
                  "```\n"},
    {".gitignore", IGNORED},
};

static const Template library[] = {
    {MANIFEST_NAME, MANIFEST},
    {"src/lib.jan", "//! What other packages get by `import NAME`.\n"
                    "\n"
                    "/// The greeting for a name.\n"
                    "pub func greeting(name: String) -> String do\n"
                    "    return $\"Hello, {name}!\"\n"
                    "end\n"
                    "\n"
                    "test \"a greeting has the name\" do\n"
                    "    assert_eq(greeting(\"Ada\"), \"Hello, Ada!\")\n"
                    "end\n"},
    {"README.md",
     "# NAME\n"
     "\n"
     "```sh\n"
     "janus check  # finds the errors of all modules\n"
     "janus test   # runs the test blocks of all modules\n"
     "```\n"
     "\n"
     "Another package uses it by the line `NAME path=\"../NAME\"` among its dependencies, and `import NAME`.\n"},
    {".gitignore", IGNORED},
};

static Text fill(Arena *arena, const char *content, Text name) {
    Buffer out = {0};
    for (const char *hole; (hole = strstr(content, "NAME")); content = hole + 4) {
        buffer_text(&out, (Text){content, (size_t)(hole - content)});
        buffer_text(&out, name);
    }
    buffer_cstr(&out, content);
    Text filled = arena_text(arena, buffer_view(&out));
    vec_free(&out);
    return filled;
}

static bool write_templates(Arena *arena, const char *folder, Text name, const Template *templates, uint32_t count,
                            Text *why) {
    OsResult result = os_make_folder(arena_printf(arena, "%s/src", folder).data);
    for (uint32_t i = 0; i < count && result.ok; i++) {
        const char *path = arena_printf(arena, "%s/%s", folder, templates[i].path).data;
        result = os_write_file(path, fill(arena, templates[i].content, name), false);
    }
    if (!result.ok)
        *why = arena_printf(arena, "cannot write below %s: %s", folder, result.message);
    return result.ok;
}

bool package_create(Arena *arena, const char *path, bool is_library, Text *why) {
    const char *slash = strrchr(path, '/');
    Text name = text_of(slash ? slash + 1 : path);
    if (os_exists(path)) {
        *why = arena_printf(arena, "%s exists already", path);
        return false;
    }
    bool made = is_library ? write_templates(arena, path, name, library, sizeof library / sizeof *library, why)
                           : write_templates(arena, path, name, program, sizeof program / sizeof *program, why);
    if (!made)
        os_remove_tree(path);
    return made;
}
