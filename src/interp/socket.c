// Sockets, and waiting for descriptors, for the program that is being run.
#include "rt/socket.h"
#include "interp/internal.h"
#include "rt/task.h"

enum { FILE_CLOSE = 102 }; // of services.def

static void no_system(Interp *in) {
    if (in->evaluating)
        interp_panic_text(in, "a constant cannot use the operating system");
}

static void check_size(Interp *in, int64_t n) {
    if (n < 0)
        interp_violation(in, "a socket was given %lld bytes", (long long)n);
}

static void reads(Interp *in, const uint8_t *p, int64_t n) {
    check_size(in, n);
    memory_check_read(in, p, (uint64_t)n, 1);
}

static void fills(Interp *in, const uint8_t *p, int64_t n) {
    check_size(in, n);
    memory_check(in, p, (uint64_t)n, 1);
}

// Whether what the call needs of the program's memory is there.
static void check(Interp *in, int64_t code, const uint8_t *p, int64_t n, const uint8_t *q) {
    switch (code) {
    case SOCKET_LISTEN:
    case SOCKET_BIND: reads(in, p, SOCKET_ADDRESS_BYTES); break;
    case SOCKET_CONNECT:
        reads(in, p, SOCKET_ADDRESS_BYTES);
        fills(in, q, sizeof(int64_t));
        break;
    case SOCKET_SEND: reads(in, p, n); break;
    case SOCKET_SEND_TO:
        reads(in, p, n);
        reads(in, q, SOCKET_ADDRESS_BYTES);
        break;
    case SOCKET_RECEIVE: fills(in, p, n); break;
    case SOCKET_RECEIVE_FROM:
        fills(in, p, n);
        fills(in, q, SOCKET_ADDRESS_BYTES);
        break;
    case SOCKET_NAME: fills(in, q, SOCKET_ADDRESS_BYTES); break;
    default: break;
    }
}

int64_t service_socket(Interp *in, int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m) {
    no_system(in);
    check(in, code, p, n, q);
    int64_t result = socket_call(code, p, n, q, m);
    if (result > 0 && (code == SOCKET_RECEIVE || code == SOCKET_RECEIVE_FROM))
        memory_will_write(in, p, (uint64_t)result, 1);
    if (result >= 0 && (code == SOCKET_NAME || code == SOCKET_RECEIVE_FROM))
        memory_will_write(in, q, SOCKET_ADDRESS_BYTES, 1);
    if ((result == 0 || result == -EINPROGRESS) && code == SOCKET_CONNECT)
        memory_will_write(in, q, sizeof(int64_t), 8);
    return result;
}

int64_t service_io_wait(Interp *in, int64_t descriptor, int64_t how, int64_t timeout, const JnLocation *at) {
    no_system(in);
    interp_flush(in);
    if (in->tasks)
        return jn_io_wait(descriptor, how == 1 ? JN_IO_WRITE : JN_IO_READ, timeout, at);
    return io_block(descriptor, how, timeout);
}

void service_io_await(Interp *in, int64_t descriptor, const JnLocation *at) {
    no_system(in);
    if (!in->tasks)
        return;
    interp_flush(in);
    jn_io_await(descriptor, at);
}

int64_t service_io_close(Interp *in, int64_t descriptor) {
    no_system(in);
    return in->tasks ? jn_io_close(descriptor) : service_call(in, FILE_CLOSE, descriptor, 0, 0);
}
