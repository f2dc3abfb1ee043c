# Without a command the overview is an error; asked for, it is a result.
$ janus 2>/dev/null
[exit 2]
$ janus help | head -n 1
janus: the compiler of the Janus language
$ janus --help | head -n 1
janus: the compiler of the Janus language
$ janus help build
janus build: compile a program to a static executable

usage: janus build [options] [FILE]

options:
  --release            optimise
  -o, --output PATH    where to write the result
  --emit KIND          print a stage: tokens, ast, jir, effects, captures, llvm, asm; or write an obj
  --check-memory       find leaks and wrong uses of memory while the program runs
  --linker PATH        link with this program, not with the built-in lld
  --target NAME        compile for another machine, such as aarch64-linux-musl
  --timings            print how long each stage took
  --format KIND        reports for a human (the default) or as json
  --color WHEN         colours: auto (the default), always, never
  --deny warnings      warnings count as errors
  -h, --help           print this help

examples:
  janus build                           writes build/NAME of the package we are in
  janus build hello.jan                 writes ./hello
  janus build --release -o app main.jan writes ./app, optimised
  janus build --emit llvm hello.jan     prints what is handed to LLVM
$ janus build --help >build.txt; janus help build | diff - build.txt
$ for c in new run check test fmt explain version help; do janus $c --help | grep -c '^examples:'; done
1
1
1
1
1
1
1
1

# Mistakes name what was probably meant.
$ janus biuld
error: `biuld` is not a command
help: did you mean `janus build`?
[exit 2]
$ janus frobnicate
error: `frobnicate` is not a command
help: `janus help` lists the commands
[exit 2]
$ janus hello.jan
error: `hello.jan` is not a command
help: `janus run FILE` runs a program
[exit 2]
$ janus --release
error: unknown option `--release`
help: options stand after the command: `janus COMMAND [options]`
[exit 2]
$ janus build --relaese hello.jan
error: `janus build` has no option `--relaese`
help: did you mean `--release`?
[exit 2]
$ janus check --release hello.jan
error: `janus check` has no option `--release`
help: `janus check --help` lists the options
[exit 2]
$ janus build --emit ats hello.jan
error: `--emit` cannot be `ats`
help: did you mean `--emit ast`?
[exit 2]
$ janus check --color=sometimes hello.jan
error: `--color` cannot be `sometimes`
help: `--color` takes `auto`, `always` or `never`
[exit 2]
$ janus build -o
error: `--output` needs a value: `--output PATH`
[exit 2]
$ janus build --release=yes hello.jan
error: `--release` takes no value
[exit 2]
$ janus check
error: `janus check` needs a FILE
help: without a FILE it works on a package, but there is no janus.kdl here or above; `janus new` makes a package
[exit 2]
$ janus run a.jan b
error: `b` is one argument too many
help: arguments of the program go after `--`: janus run FILE -- b
[exit 2]
$ janus check a.jan b.jan
error: `b.jan` is one argument too many
usage: janus check [options] [FILE]
[exit 2]
$ janus help biuld
error: `biuld` is not a command
help: did you mean `janus help build`?
[exit 2]

# Results that cannot be written are an error, not silence.
$ janus help >/dev/full
error: cannot write to standard output: No space left on device
[exit 1]
$ janus version
janus [..] (LLVM 22.[..])
$ janus --version | cut -c 1-5
janus
