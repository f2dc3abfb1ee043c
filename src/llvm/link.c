// Linking: objects, the runtime and libc, all from memory, to one static executable.
#include "llvm/internal.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int janus_lld(int argc, const char *const *argv, char *message, size_t size); // lld_shim.cpp

// Files in memory, seen by the linker as /proc/self/fd/N.
typedef struct {
    Arena *arena;
    VEC(int) files;
    VEC(const char *) args;
    bool failed;
} Command;

enum { MESSAGE_BYTES = 8192 };

static void add(Command *c, const char *arg) {
    vec_push(&c->args, arg);
}

static bool write_all(int fd, Text content) {
    while (content.size > 0) {
        ssize_t n = write(fd, content.data, content.size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        content.data += n;
        content.size -= (size_t)n;
    }
    return true;
}

static void add_content(Command *c, const char *name, Text content) {
    int fd = memfd_create(name, 0);
    if (fd < 0 || !write_all(fd, content)) {
        c->failed = true;
        return;
    }
    vec_push(&c->files, fd);
    add(c, arena_printf(c->arena, "/proc/self/fd/%d", fd).data);
}

static void add_carried(Command *c, LlvmTarget target, const char *name) {
    Text content = target_file(target, name);
    if (content.size > 0)
        add_content(c, name, content);
}

static void command_close(Command *c) {
    for (uint32_t i = 0; i < c->files.count; i++)
        close(c->files.items[i]);
    vec_free(&c->files);
    vec_free(&c->args);
}

static void add_flags(Command *c, LinkOptions options, const char *output) {
    add(c, "ld.lld");
    add(c, "-m");
    add(c, options.target == TARGET_X86_64_LINUX_MUSL ? "elf_x86_64" : "aarch64linux");
    add(c, "-static");
    add(c, "--gc-sections");
    add(c, "--eh-frame-hdr"); // how the runtime finds the tables of a panic
    add(c, "--build-id=none");
    add(c, "-z");
    add(c, "noseparate-code"); // small programs: one page for headers, code and data each
    add(c, "--threads=1");
    if (options.strip)
        add(c, "-s");
    add(c, "-o");
    add(c, output);
}

static bool run(Command *c, LinkOptions options, Text *message) {
    vec_push(&c->args, NULL);
    if (c->failed) {
        *message = arena_text(c->arena, TEXT("cannot hand files to the linker in memory"));
        return false;
    }
    if (options.linker) {
        c->args.items[0] = options.linker;
        OsExit ended = os_run(options.linker, c->args.items);
        if (ended.started && !ended.signalled && ended.code == 0)
            return true;
        *message = arena_printf(c->arena, "%s: %s", options.linker, ended.started ? "it failed" : ended.message);
        return false;
    }
    char *text = arena_alloc(c->arena, MESSAGE_BYTES, 1);
    int code = janus_lld((int)c->args.count - 1, c->args.items, text, MESSAGE_BYTES);
    *message = text_of(text);
    return code == 0;
}

// One run of the linker; `table` is an object with the line table, or empty.
static bool link_once(const Text *objects, uint32_t count, Text table, const char *output, LinkOptions options,
                      Arena *arena, Text *message) {
    Command c = {.arena = arena};
    add_flags(&c, options, output);
    add_carried(&c, options.target, "crt1.o");
    add_carried(&c, options.target, "crti.o");
    for (uint32_t i = 0; i < count; i++)
        add_content(&c, "janus.o", objects[i]);
    if (table.size > 0)
        add_content(&c, "lines.o", table);
    if (options.check_memory) {
        add_carried(&c, options.target, "checked_alloc.o");
        add_carried(&c, options.target, "checked_services.o");
    }
    add(&c, "--start-group");
    add_carried(&c, options.target, "libjanus_rt.a");
    add_carried(&c, options.target, "libc.a");
    add_carried(&c, options.target, "builtins.a");
    add(&c, "--end-group");
    add_carried(&c, options.target, "crtn.o");
    bool good = run(&c, options, message);
    command_close(&c);
    return good;
}

static bool fail(Arena *arena, Text *message, const char *what, OsResult result) {
    *message = arena_printf(arena, "%s: %s", what, result.message);
    return false;
}

// Links once for the addresses of lines, makes the table from them and links again with it: the table is data, which
// lies behind the code, so that the addresses stay what they were.
static bool link_in(const char *folder, const Text *objects, uint32_t count, LinkOptions options, Arena *arena,
                    Text *content, Text *message) {
    const char *output = arena_printf(arena, "%s/program", folder).data;
    LinkOptions first = options;
    first.strip = options.strip && !options.line_table;
    if (!link_once(objects, count, (Text){0}, output, first, arena, message))
        return false;
    OsResult result = os_read_file(arena, output, SIZE_MAX, content);
    if (!result.ok)
        return fail(arena, message, "cannot read the linked program", result);
    Text table = {0};
    if (!options.line_table || !line_table_object(*content, options.target, arena, &table))
        return true;
    if (!link_once(objects, count, table, output, options, arena, message))
        return false;
    result = os_read_file(arena, output, SIZE_MAX, content);
    return result.ok || fail(arena, message, "cannot read the linked program", result);
}

bool llvm_link(const Text *objects, uint32_t count, const char *path, LinkOptions options, Arena *arena,
               Text *message) {
    OsResult result;
    const char *folder = os_make_temp_folder(arena, &result);
    if (!folder)
        return fail(arena, message, "cannot make a temporary folder", result);
    Text content = {0};
    bool good = link_in(folder, objects, count, options, arena, &content, message);
    os_remove_tree(folder);
    if (!good)
        return false;
    result = os_write_file(path, content, true);
    return result.ok || fail(arena, message, path, result);
}
