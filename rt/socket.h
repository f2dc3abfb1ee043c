// What socket calls do (sockets.def), for programs and for the interpreter alike. Nothing here waits, but for io_block.
#ifndef JANUS_SOCKET_H
#define JANUS_SOCKET_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
#define SOCKET(number, name) SOCKET_##name = number,
#include "sockets.def"
#undef SOCKET
};

// An address: byte 0 says what it is: 4, 6, 1 for a path, or 0 for none. Of 4 and 6, bytes 1 and 2 are the port, the
// higher one first, then come 4 or 16 bytes, and at 20 the scope, the lowest byte first. Of a path, byte 1 is its
// length.
enum { SOCKET_ADDRESS_BYTES = 128 };
enum { SOCKET_OF_PATHS = 1, SOCKET_OF_IP4 = 4, SOCKET_OF_IP6 = 6 };

typedef union {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
    struct sockaddr_un path;
    struct sockaddr_storage room;
} SocketName;

// Its size, 0 if it is no address. A path that begins with NUL names no file (unix(7)).
static inline socklen_t socket_name_of(const uint8_t *address, SocketName *name) {
    memset(name, 0, sizeof *name);
    switch (address[0]) {
    case SOCKET_OF_IP4:
        name->ip4.sin_family = AF_INET;
        memcpy(&name->ip4.sin_port, address + 1, 2);
        memcpy(&name->ip4.sin_addr, address + 3, 4);
        return sizeof name->ip4;
    case SOCKET_OF_IP6:
        name->ip6.sin6_family = AF_INET6;
        memcpy(&name->ip6.sin6_port, address + 1, 2);
        memcpy(&name->ip6.sin6_addr, address + 3, 16);
        for (int i = 0; i < 4; i++)
            name->ip6.sin6_scope_id |= (uint32_t)address[20 + i] << (8 * i);
        return sizeof name->ip6;
    case SOCKET_OF_PATHS:
        if (address[1] >= sizeof name->path.sun_path)
            return 0;
        name->path.sun_family = AF_UNIX;
        memcpy(name->path.sun_path, address + 2, address[1]);
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + address[1] + (address[2] != 0));
    default: return 0;
    }
}

static inline void socket_address_of(const SocketName *name, socklen_t size, uint8_t *address) {
    memset(address, 0, SOCKET_ADDRESS_BYTES);
    if (size >= sizeof name->ip4 && name->any.sa_family == AF_INET) {
        address[0] = SOCKET_OF_IP4;
        memcpy(address + 1, &name->ip4.sin_port, 2);
        memcpy(address + 3, &name->ip4.sin_addr, 4);
    } else if (size >= sizeof name->ip6 && name->any.sa_family == AF_INET6) {
        address[0] = SOCKET_OF_IP6;
        memcpy(address + 1, &name->ip6.sin6_port, 2);
        memcpy(address + 3, &name->ip6.sin6_addr, 16);
        for (int i = 0; i < 4; i++)
            address[20 + i] = (uint8_t)(name->ip6.sin6_scope_id >> (8 * i));
    } else if (size > offsetof(struct sockaddr_un, sun_path) && name->any.sa_family == AF_UNIX) {
        size_t length = size - offsetof(struct sockaddr_un, sun_path);
        if (name->path.sun_path[0] != 0)
            length = strnlen(name->path.sun_path, length);
        address[0] = SOCKET_OF_PATHS;
        address[1] = (uint8_t)length;
        memcpy(address + 2, name->path.sun_path, length);
    }
}

static inline int64_t socket_result(int64_t value) {
    return value < 0 ? -errno : value;
}

// The descriptor is closed, and what went wrong before is told.
static inline int64_t socket_give_up(int fd) {
    int why = errno;
    close(fd);
    return -why;
}

static inline int socket_set(int fd, int level, int option, int value) {
    return setsockopt(fd, level, option, &value, sizeof value);
}

// A socket of the address's family, and the address as the system has it. The descriptor or -errno.
static inline int64_t socket_open(const uint8_t *address, int type, SocketName *name, socklen_t *size) {
    *size = socket_name_of(address, name);
    if (*size == 0)
        return -EINVAL;
    return socket_result(socket(name->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// A listener may take its port again at once when it starts anew, and one of IPv6 leaves IPv4 to another.
static inline int64_t socket_bind(const uint8_t *address, int64_t queue, int type) {
    SocketName name;
    socklen_t size;
    int64_t opened = socket_open(address, type, &name, &size);
    if (opened < 0)
        return opened;
    int fd = (int)opened;
    bool is_good = true;
    if (type == SOCK_STREAM && address[0] != SOCKET_OF_PATHS)
        is_good = socket_set(fd, SOL_SOCKET, SO_REUSEADDR, 1) == 0;
    if (address[0] == SOCKET_OF_IP6)
        is_good = is_good && socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0;
    is_good = is_good && bind(fd, &name.any, size) == 0;
    if (type == SOCK_STREAM)
        is_good = is_good && listen(fd, (int)queue) == 0;
    return is_good ? fd : socket_give_up(fd);
}

static inline int64_t socket_connect(const uint8_t *address, int type, int64_t *descriptor) {
    SocketName name;
    socklen_t size;
    int64_t opened = socket_open(address, type, &name, &size);
    if (opened < 0)
        return opened;
    int fd = (int)opened;
    if (type == SOCK_STREAM && address[0] != SOCKET_OF_PATHS)
        socket_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    int result = connect(fd, &name.any, size);
    if (result < 0 && errno != EINPROGRESS && errno != EINTR)
        return socket_give_up(fd);
    *descriptor = fd;
    return result < 0 ? -EINPROGRESS : 0;
}

// Who hung up before was accepted is passed over.
static inline int64_t socket_accept(int listener) {
    int fd;
    do
        fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0)
        return -errno;
    socket_set(fd, IPPROTO_TCP, TCP_NODELAY, 1); // of a path there is no such option
    return fd;
}

static inline int64_t socket_send(int fd, const uint8_t *p, int64_t n, const SocketName *to, socklen_t size) {
    ssize_t done;
    do
        done = sendto(fd, p, (size_t)n, MSG_NOSIGNAL, to ? &to->any : NULL, size);
    while (done < 0 && errno == EINTR);
    return socket_result(done);
}

static inline int64_t socket_send_to(int fd, const uint8_t *p, int64_t n, const uint8_t *address) {
    SocketName name;
    socklen_t size = socket_name_of(address, &name);
    return size == 0 ? -EINVAL : socket_send(fd, p, n, &name, size);
}

static inline int64_t socket_receive(int fd, uint8_t *p, int64_t n, uint8_t *address) {
    SocketName name = {0};
    socklen_t size;
    ssize_t got;
    do {
        size = sizeof name;
        got = recvfrom(fd, p, (size_t)n, 0, address ? &name.any : NULL, address ? &size : NULL);
    } while (got < 0 && errno == EINTR);
    if (got >= 0 && address)
        socket_address_of(&name, size, address);
    return socket_result(got);
}

static inline int64_t socket_name(int fd, bool of_peer, uint8_t *address) {
    SocketName name = {0};
    socklen_t size = sizeof name;
    int result = of_peer ? getpeername(fd, &name.any, &size) : getsockname(fd, &name.any, &size);
    if (result == 0)
        socket_address_of(&name, size, address);
    return socket_result(result);
}

static inline int64_t socket_option(int fd, int64_t which, int value) {
    switch (which) {
    case 0: return socket_result(socket_set(fd, IPPROTO_TCP, TCP_NODELAY, value));
    case 1: return socket_result(socket_set(fd, SOL_SOCKET, SO_BROADCAST, value));
    case 2: return socket_result(socket_set(fd, SOL_SOCKET, SO_KEEPALIVE, value));
    default: return -EINVAL;
    }
}

static inline int64_t socket_failure(int fd) {
    int why = 0;
    socklen_t size = sizeof why;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) < 0 ? -errno : -why;
}

// Waits without tasks: 0 when the descriptor can be read (how 0) or written (1), -ETIMEDOUT after so many nanoseconds,
// -1 for none.
static inline int64_t io_block(int64_t fd, int64_t how, int64_t timeout) {
    struct pollfd wanted = {.fd = (int)fd, .events = how == 1 ? POLLOUT : POLLIN};
    struct timespec now, left;
    int64_t end = 0;
    for (int64_t rest = timeout;;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t time = now.tv_sec * 1000000000 + now.tv_nsec;
        if (rest == timeout && timeout >= 0 && __builtin_add_overflow(time, timeout, &end))
            end = INT64_MAX;
        rest = timeout < 0 ? -1 : end > time ? end - time : 0;
        left = (struct timespec){rest / 1000000000, rest % 1000000000};
        int result = ppoll(&wanted, 1, timeout < 0 ? NULL : &left, NULL);
        if (result >= 0)
            return result > 0 ? 0 : -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

static inline int64_t socket_nonblocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 ? -errno : socket_result(fcntl(fd, F_SETFL, flags | O_NONBLOCK));
}

static inline int64_t socket_call(int64_t code, uint8_t *p, int64_t n, uint8_t *q, int64_t m) {
    int fd = (int)m;
    switch (code) {
    case SOCKET_LISTEN: return socket_bind(p, n, SOCK_STREAM);
    case SOCKET_BIND: return socket_bind(p, n, SOCK_DGRAM);
    case SOCKET_CONNECT: return socket_connect(p, n == 1 ? SOCK_DGRAM : SOCK_STREAM, (int64_t *)(void *)q);
    case SOCKET_ACCEPT: return socket_accept(fd);
    case SOCKET_SEND: return socket_send(fd, p, n, NULL, 0);
    case SOCKET_RECEIVE: return socket_receive(fd, p, n, NULL);
    case SOCKET_SEND_TO: return socket_send_to(fd, p, n, q);
    case SOCKET_RECEIVE_FROM: return socket_receive(fd, p, n, q);
    case SOCKET_NAME: return socket_name(fd, n == 1, q);
    case SOCKET_SHUTDOWN: return socket_result(shutdown(fd, n == 0 ? SHUT_RD : n == 1 ? SHUT_WR : SHUT_RDWR));
    case SOCKET_OPTION: return socket_option(fd, n >> 32, (int)n);
    case SOCKET_FAILURE: return socket_failure(fd);
    case SOCKET_READY: return io_block(fd, n, 0) == -ETIMEDOUT ? 0 : 1;
    case SOCKET_NONBLOCKING: return socket_nonblocking(fd);
    default: return -ENOSYS;
    }
}

#endif
