#include "cli/cli.h"

int command_version(const Options *options) {
    (void)options;
    Buffer out = {0};
    buffer_printf(&out, "janus %s (LLVM %s)\n", JANUS_VERSION, session_llvm_version());
    int code = output_result(buffer_view(&out));
    vec_free(&out);
    return code;
}
