// Feeds any bytes to the whole front end, std included. What is found right must verify.
#include "driver/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Session *session = session_new((SessionOptions){.path = "fuzz.jan", .content = {(const char *)data, size}});
    pipeline_check(session);
    Buffer out = {0};
    diags_render(session->diags, (RenderOptions){.color = true}, &out);
    vec_free(&out);
    session_free(session);
    return 0;
}
