// Several processes at a time: started, heard, waited for, ended.
//
// What a child writes is kept, up to a limit, until it is taken. A child has nothing to read, leads a group of its own,
// and is ended with all it has started; it ends when we do.
#ifndef JANUS_OS_CHILD_H
#define JANUS_OS_CHILD_H

#include "base/base.h"

typedef struct {
    const char *path;             // of a program; NULL: `work` is called in a copy of this process
    const char *const *arguments; // the first is its name; NULL at the end
    const char *const *variables; // "NAME=value", added to the environment; NULL at the end
    int shared;                   // a descriptor that it has as OS_CHILD_SHARED, or -1
    int (*work)(void *context);   // only while this process has one thread
    void *context;
} OsChildStart;

enum { OS_CHILD_SHARED = 9, OS_CHILD_KEPT_BYTES = 1 << 20 };

typedef struct {
    int process;    // 0: there is none
    int descriptor; // readable when it has ended
    int streams[2]; // what it writes to standard output and to standard error; -1: closed
    Buffer texts[2];
    bool is_cut[2]; // it wrote more than is kept
    uint64_t started_ns;
    OsExit exit; // when it has ended
} OsChild;

// False if it cannot be started: exit.message says why.
bool os_child_start(OsChild *child, const OsChildStart *start);
// Waits until one of them has ended, whose index it gives, or until `time_ns` of os_now_ns is reached: -1. Those
// without a process are passed over.
int os_children_wait(OsChild *children, uint32_t count, uint64_t time_ns);
bool os_process_catches(int process, int signal_number);       // it has a handler
void os_child_signal(const OsChild *child, int signal_number); // to it alone
void os_child_kill(OsChild *child);                            // with its group, and waits for it
void os_child_forget(OsChild *child);                          // its texts

// Memory to share with children, all 0: the descriptor and where it is mapped. NULL if there is none.
void *os_shared_new(size_t bytes, int *descriptor);
void os_shared_free(void *p, size_t bytes, int descriptor);

#endif
