#include "cli/cli.h"

int command_help(const Options *options) {
    const Command *command = options->operand ? command_find(text_of(options->operand)) : NULL;
    if (options->operand && !command) {
        const Command *near = command_nearest(text_of(options->operand));
        char help[64] = "`janus help` lists the commands";
        if (near)
            snprintf(help, sizeof help, "did you mean `janus help %s`?", near->name);
        return usage_error(help, "`%s` is not a command", options->operand);
    }
    Buffer out = {0};
    if (command)
        help_write_command(command, &out);
    else
        help_write_overview(&out);
    int code = output_result(buffer_view(&out));
    vec_free(&out);
    return code;
}
