# rule: pkg.commands pkg.output pkg.tests
# A new package builds, runs and passes its tests, from every folder of it.
$ janus new word_count
made the package word_count in word_count

next:
  cd word_count
  janus run     builds the program and runs it
  janus test    runs its tests
$ find word_count | LC_ALL=C sort
word_count
word_count/.gitignore
word_count/README.md
word_count/janus.kdl
word_count/src
word_count/src/main.jan
$ cat word_count/.gitignore
/build/
$ cd word_count && janus run
Hello, world!
$ cd word_count/src && janus run --interp -- Ada
Hello, Ada!
$ janus run word_count -- Bob
Hello, Bob!
$ cd word_count/src && janus test
ok      main: a greeting has the name
1 passed, 0 failed
$ cd word_count/src && janus test --filter main: && janus test --filter nothing
ok      main: a greeting has the name
1 passed, 0 failed
0 passed, 0 failed
note: no test's name contains `nothing`
$ cd word_count && janus check --deny warnings

# The executable lands in the folder build of the package, wherever janus runs.
$ cd word_count/src && janus build && ls ../build && ../build/word_count
word_count
Hello, world!
$ cd word_count/src && janus build -o mine && ./mine && rm mine
Hello, world!
$ rm -r word_count/build; janus build --release word_count/ && word_count/build/word_count
Hello, world!
$ cd word_count && janus build --emit obj && ls build
word_count
word_count.o
$ rm -r word_count/build; touch word_count/build; janus build word_count
error[E0901]: cannot make the folder word_count/build: [..]

1 error
[exit 1]
$ rm word_count/build

# A file that is named stays a program of its own.
$ cd word_count && janus run src/main.jan && janus test src/main.jan
Hello, world!
ok      a greeting has the name
1 passed, 0 failed

# A library.
$ janus new --lib deep/er/shapes | head -n 1
made the package shapes in deep/er/shapes
$ cd deep/er/shapes && janus check && janus test
ok      lib: a greeting has the name
1 passed, 0 failed
$ cd deep/er/shapes && janus build 2>&1 | head -n 1
error[E0958]: the package `shapes` is a library

# The file says why what its manifest lists is not known to it.
$ cd word_count; sed -i 's|^dependencies {|&\n    shapes path="../deep/er/shapes"|' janus.kdl; sed -i '3i import shapes' src/main.jan
$ cd word_count; janus check --deny warnings
error[W0201]: [..]
...
[exit 1]
$ cd word_count; janus check src/main.jan
error[E0202]: there is no module `shapes`
...
note: this file was named on the command line: src/../janus.kdl and its dependencies count where no file is named
...
[exit 1]

# Reports name files as they are seen from here.
$ cd word_count/src; sed -i 's/deep/depp/' ../janus.kdl; janus check
error[E0960]: the package `shapes` is not there
  --> ../janus.kdl:8:17
...
[exit 1]

# What cannot be made, is not.
$ janus new word_count
error: word_count exists already
[exit 1]
$ janus new Word
error: `Word` cannot be the name of a package
help: it begins with no small letter; a name has small letters, digits and `_`, such as `word_count`
[exit 2]
$ janus new match
error: `match` cannot be the name of a package
help: this word means something else in an import; a name has small letters, digits and `_`, such as `word_count`
[exit 2]
$ janus new /proc/nothing
error: cannot write below /proc/nothing: [..]
[exit 1]
$ janus new
error: `janus new` needs a NAME
usage: janus new [--lib] NAME
[exit 2]
$ janus build
error: `janus build` needs a FILE
help: without a FILE it works on a package, but there is no janus.kdl here or above; `janus new` makes a package
[exit 2]
$ mkdir bare; janus run bare 2>&1 | head -n 1
error[E0001]: cannot read bare: it is a folder
$ printf 'package { name "bare"; version "1.0.0" }\n' > bare/janus.kdl; janus run bare
error[E0957]: the package `bare` has no modules to begin at
  --> bare/janus.kdl:1:16
   |
 1 | package { name "bare"; version "1.0.0" }
   |                ^^^^^^ neither bare/src/main.jan nor bare/src/lib.jan exists
help: a program begins at src/main.jan, a library at src/lib.jan

1 error
[exit 1]
$ ls -A "$TMPDIR"
