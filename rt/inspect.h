// How `janus inspect` asks a program: SIGQUIT with a value, which names a pipe of the process that asks. The answer
// ends with a byte 0. A program that listens has the mark in its file.
#ifndef JANUS_RT_INSPECT_H
#define JANUS_RT_INSPECT_H

#define JN_INSPECT_MARK "janus-listens-to-inspect:1"
#define JN_INSPECT_VALUE(pipe, is_json) (0x4a400000 | (is_json) << 16 | (pipe))
#define JN_INSPECT_IS(value) (((unsigned)(value) >> 20) == 0x4a4)
#define JN_INSPECT_JSON(value) (((value) >> 16 & 1) == 1)
#define JN_INSPECT_PIPE(value) ((value) & 0xffff)

#endif
