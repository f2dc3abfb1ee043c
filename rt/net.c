// Sockets, and waiting for descriptors in programs without tasks. In a file of its own: programs that use neither have
// none of it.
#include "rt.h"
// Its own header comes first, as it says what `bool` is.
#include "socket.h"

int64_t jn_socket(int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m) {
    return socket_call(code, p, n, q, m);
}

int64_t jn_io_block(int64_t fd, int64_t how, int64_t timeout) {
    return io_block(fd, how, timeout);
}
