// What must not outlive the process: temporary folders and half-written files.
//
// The table behind these functions is the one piece of process-wide state, because signal handlers take no argument.
// It has a fixed size, and removing uses only calls that are allowed in a signal handler.
#ifndef JANUS_OS_CLEANUP_H
#define JANUS_OS_CLEANUP_H

#include <stdbool.h>
#include <sys/types.h>

// Registers a path for removal at exit or on SIGINT, SIGTERM, SIGHUP, SIGPIPE. False if the table is full or the path
// too long.
bool cleanup_add(const char *path);
void cleanup_forget(const char *path); // it has been renamed or removed

// Between these two a signal waits: what is made meanwhile is registered before it can end the process. They do not
// nest.
void cleanup_hold(void);
void cleanup_release(void);

// While a child runs, SIGINT and SIGTERM sent to us by another process are passed on; 0 ends that. Signals are held
// before the child starts, so that none finds a child that it cannot name; setting it releases them.
void cleanup_set_child(pid_t child);

void cleanup_run(void); // removes everything registered

// Removes a file or a folder with its contents; symbolic links are removed, not followed. False with errno set.
bool cleanup_remove(const char *path);

#endif
