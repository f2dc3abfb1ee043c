#include "cli/cli.h"

static int unknown_command(const char *name) {
    if (text_ends_with(text_of(name), TEXT(".jan")))
        return usage_error("`janus run FILE` runs a program", "`%s` is not a command", name);
    if (name[0] == '-')
        return usage_error("options stand after the command: `janus COMMAND [options]`", "unknown option `%s`", name);
    const Command *near = command_nearest(text_of(name));
    if (!near)
        return usage_error("`janus help` lists the commands", "`%s` is not a command", name);
    char help[64];
    snprintf(help, sizeof help, "did you mean `janus %s`?", near->name);
    return usage_error(help, "`%s` is not a command", name);
}

int main(int count, char **values) {
    os_keep_memory();
    if (count < 2) {
        Buffer out = {0};
        help_write_overview(&out);
        fwrite(out.items, 1, out.count, stderr);
        vec_free(&out);
        return EXIT_USAGE;
    }
    const char *const *args = (const char *const *)values + 1;
    const char *name = args[0];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    const Command *command = command_find(text_of(name));
    if (!command)
        return unknown_command(name);
    Options options = {0};
    bool help = false;
    if (!args_read(command, args + 1, &options, &help))
        return EXIT_USAGE;
    if (!help) {
        int code = command->run(&options);
        vec_free(&options.operands);
        return code;
    }
    options.operand = command->name;
    return command_help(&options);
}
