#include "base/base.h"
#include "base/os_cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static OsResult result_ok(void) {
    return (OsResult){.ok = true};
}

static OsResult result_message(int code, const char *message) {
    OsResult result = {.ok = false, .code = code};
    snprintf(result.message, sizeof result.message, "%s", message);
    return result;
}

// The system's words, with a small first letter so that they fit into a sentence.
static OsResult result_errno(int code) {
    OsResult result = result_message(code, strerror(code));
    char first = result.message[0], second = result.message[0] ? result.message[1] : 0;
    if (first >= 'A' && first <= 'Z' && !(second >= 'A' && second <= 'Z'))
        result.message[0] = (char)(first + ('a' - 'A'));
    return result;
}

static OsResult too_large(size_t limit_bytes) {
    OsResult result = {.code = EFBIG};
    if (limit_bytes >= 1024 * 1024)
        snprintf(result.message, sizeof result.message, "it is larger than %zu MB", limit_bytes / (1024 * 1024));
    else
        snprintf(result.message, sizeof result.message, "it is larger than %zu bytes", limit_bytes);
    return result;
}

static OsResult read_all(Arena *arena, int fd, size_t size, Text *content) {
    char *data = arena_alloc(arena, size + 1, 8);
    size_t at = 0;
    while (at < size) {
        ssize_t got = read(fd, data + at, size - at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return result_errno(errno);
        if (got == 0)
            break;
        at += (size_t)got;
    }
    data[at] = 0;
    *content = (Text){data, at};
    return result_ok();
}

OsResult os_read_file(Arena *arena, const char *path, size_t limit_bytes, Text *content) {
    *content = (Text){0};
    // Non-blocking, or opening a named pipe would wait for its writer.
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return result_errno(errno);
    struct stat info;
    OsResult result;
    if (fstat(fd, &info) < 0)
        result = result_errno(errno);
    else if (S_ISDIR(info.st_mode))
        result = result_message(EISDIR, "it is a folder");
    else if (!S_ISREG(info.st_mode))
        result = result_message(EINVAL, "it is not a regular file");
    else if ((uint64_t)info.st_size > limit_bytes)
        result = too_large(limit_bytes);
    else
        result = read_all(arena, fd, (size_t)info.st_size, content);
    close(fd);
    return result;
}

OsResult os_read_stdin(Arena *arena, size_t limit_bytes, Text *content) {
    *content = (Text){0};
    Buffer buffer = {0};
    OsResult result = result_ok();
    for (;;) {
        vec_reserve(&buffer, 64 * 1024);
        ssize_t got = read(0, buffer.items + buffer.count, 64 * 1024);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            result = result_errno(errno);
        if (got <= 0)
            break;
        buffer.count += (uint32_t)got;
        if (buffer.count > limit_bytes) {
            result = too_large(limit_bytes);
            break;
        }
    }
    if (result.ok)
        *content = arena_text(arena, buffer_view(&buffer));
    vec_free(&buffer);
    return result;
}

static OsResult write_all(int fd, Text content) {
    for (size_t at = 0; at < content.size;) {
        ssize_t put = write(fd, content.data + at, content.size - at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return result_errno(errno);
        at += (size_t)put;
    }
    return result_ok();
}

static OsResult write_device(const char *path, Text content) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return result_errno(errno);
    OsResult result = write_all(fd, content);
    if (close(fd) < 0 && result.ok)
        result = result_errno(errno);
    return result;
}

// `kept`: the permissions of the file that is replaced, or 0.
static OsResult write_beside(const char *path, const char *temporary, Text content, bool executable, mode_t kept) {
    cleanup_hold();
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, executable ? 0777 : 0666);
    int error = errno;
    bool registered = fd >= 0 && cleanup_add(temporary);
    cleanup_release();
    if (fd < 0)
        return result_errno(error);
    OsResult result = write_all(fd, content);
    if (kept && fchmod(fd, kept) < 0 && result.ok)
        result = result_errno(errno);
    // Some file systems report a full disk only here.
    if (close(fd) < 0 && result.ok)
        result = result_errno(errno);
    if (result.ok && rename(temporary, path) < 0)
        result = result_errno(errno);
    if (!result.ok)
        unlink(temporary);
    if (registered)
        cleanup_forget(temporary);
    return result;
}

static OsResult write_file(const char *path, Text content, bool executable, bool keeps_permissions) {
    struct stat info;
    bool exists = stat(path, &info) == 0;
    if (exists && S_ISDIR(info.st_mode))
        return result_message(EISDIR, "it is a folder");
    if (exists && !S_ISREG(info.st_mode))
        return write_device(path, content);
    if (keeps_permissions && access(path, W_OK) < 0)
        return result_errno(errno);
    Arena *arena = arena_new();
    // Through a symbolic link, the file it points to is replaced and the link stays.
    const char *target = exists ? os_real_path(arena, path) : path;
    if (!target)
        target = path;
    Text temporary = arena_printf(arena, "%s.%d.tmp", target, (int)getpid());
    mode_t kept = keeps_permissions ? info.st_mode & 07777 : 0;
    OsResult result = write_beside(target, temporary.data, content, executable, kept);
    arena_free(arena);
    return result;
}

OsResult os_write_file(const char *path, Text content, bool executable) {
    return write_file(path, content, executable, false);
}

OsResult os_rewrite_file(const char *path, Text content) {
    return write_file(path, content, false, true);
}

OsResult os_check_writable(const char *path) {
    if (os_is_folder(path))
        return result_message(EISDIR, "it is a folder");
    const char *slash = strrchr(path, '/');
    Arena *arena = arena_new();
    const char *folder = slash ? arena_cstr(arena, (Text){path, (size_t)(slash - path) + 1}) : ".";
    OsResult result = result_ok();
    if (access(folder, F_OK) < 0)
        result = result_message(errno, "its folder does not exist");
    else if (access(folder, W_OK | X_OK) < 0)
        result = result_errno(errno);
    arena_free(arena);
    return result;
}

OsResult os_rename(const char *from, const char *to) {
    if (rename(from, to) < 0)
        return result_errno(errno);
    return result_ok();
}

OsResult os_make_folder(const char *path) {
    Arena *arena = arena_new();
    Text whole = text_of(path);
    OsResult result = result_ok();
    for (size_t i = 1; i <= whole.size && result.ok; i++) {
        if (i < whole.size && path[i] != '/')
            continue;
        const char *part = arena_cstr(arena, (Text){path, i});
        if (mkdir(part, 0777) < 0 && !(errno == EEXIST && os_is_folder(part)))
            result = result_errno(errno);
    }
    arena_free(arena);
    return result;
}

OsResult os_remove_tree(const char *path) {
    if (!cleanup_remove(path) && errno != ENOENT)
        return result_errno(errno);
    cleanup_forget(path);
    return result_ok();
}

static int compare_texts(const void *a, const void *b) {
    return text_compare(*(const Text *)a, *(const Text *)b);
}

OsResult os_list_folder(Arena *arena, const char *path, Text **names, uint32_t *count) {
    *names = NULL;
    *count = 0;
    DIR *folder = opendir(path);
    if (!folder)
        return result_errno(errno);
    if (access(path, X_OK) < 0) { // names, of which nothing can be known
        OsResult result = result_errno(errno);
        closedir(folder);
        return result;
    }
    VEC(Text) found = {0};
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            vec_push(&found, arena_text(arena, text_of(entry->d_name)));
    }
    closedir(folder);
    if (found.count) {
        qsort(found.items, found.count, sizeof(Text), compare_texts);
        *names = arena_copy(arena, found.items, found.count * sizeof(Text), _Alignof(Text));
        *count = found.count;
    }
    vec_free(&found);
    return result_ok();
}

bool os_is_link_to_folder(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode) && os_is_folder(path);
}

bool os_is_same_file(const char *a, const char *b) {
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

bool os_exists(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0;
}

bool os_is_file(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

bool os_is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

const char *os_real_path(Arena *arena, const char *path) {
    char *real = realpath(path, NULL);
    if (!real)
        return NULL;
    const char *copy = arena_cstr(arena, text_of(real));
    free(real);
    return copy;
}

const char *os_executable_path(Arena *arena) {
    return os_real_path(arena, "/proc/self/exe");
}

const char *os_make_temp_folder(Arena *arena, OsResult *result) {
    const char *base = os_getenv("TMPDIR");
    Text path = arena_printf(arena, "%s/janus-XXXXXX", base && *base ? base : "/tmp");
    char *name = arena_alloc(arena, path.size + 1, 1);
    memcpy(name, path.data, path.size);
    cleanup_hold();
    bool made = mkdtemp(name);
    *result = made ? result_ok() : result_errno(errno);
    if (made)
        cleanup_add(name);
    cleanup_release();
    return made ? name : NULL;
}
