# What cannot be read is named, with the reason; nothing crashes.
$ janus check missing.jan
error[E0001]: cannot read missing.jan: no such file or directory

1 error
[exit 1]
$ mkdir folder; janus check folder
error[E0001]: cannot read folder: it is a folder
help: name a file of Janus source, or the folder of a package: this one has no janus.kdl

1 error
[exit 1]
$ touch folder/main.jan; janus build folder
error[E0001]: cannot read folder: it is a folder
help: name the file that has `main`: folder/main.jan

1 error
[exit 1]
$ janus check /dev/null
error[E0001]: cannot read /dev/null: it is not a regular file

1 error
[exit 1]
$ mkfifo pipe.jan; janus check pipe.jan
error[E0001]: cannot read pipe.jan: it is not a regular file

1 error
[exit 1]
$ printf 'func main() do\n\0end\n' > binary.jan; janus check binary.jan
error[E0002]: binary.jan is not a text file
note: it has a zero byte at offset 15
help: Janus sources are UTF-8 text; is this a compiled program?

1 error
[exit 1]
$ head -c 100000000 /dev/zero | tr '\0' x > long.jan; janus check long.jan; rm long.jan
error[E0001]: cannot read long.jan: it is larger than 64 MB

1 error
$ head -c 60000000 /dev/zero | tr '\0' x > long.jan; janus check long.jan >/dev/null 2>&1; echo $?; rm long.jan
1
$ head -c 30000000 /dev/urandom > noise.jan; janus check noise.jan >/dev/null 2>&1; echo $?; rm noise.jan
1
$ head -c 300000 /dev/urandom | tr '\0' a > noise.jan; janus check noise.jan >/dev/null 2>&1; echo $?; rm noise.jan
1
$ { printf 'func main() do\n    let x = '; head -c 20000 /dev/zero | tr '\0' '('; printf 1; head -c 20000 /dev/zero | tr '\0' ')'; printf '\nend\n'; } > deep.jan
$ janus check deep.jan
error[E0120]: this is nested more than 256 levels deep
...
1 error
[exit 1]
$ : > empty.jan; janus check empty.jan
$ janus build empty.jan
error[E0003]: empty.jan has no function `main`
help: a program begins at `func main() do … end`; `janus check` does not need one

1 error
[exit 1]

# Imports are looked for beside the root file; near misses are offered.
$ cat > app.jan <<'END'
> import shaps
> import std.oi
> import fs
>
> func main() do
> end
> END
$ echo 'pub func area() -> i64 do return 1 end' > shapes.jan
$ janus check app.jan
error[E0202]: there is no module `shaps`
  --> app.jan:1:8
   |
 1 | import shaps
   |        ^^^^^ shaps.jan does not exist
note: modules are found from the folder of the program's root file
help: import `shapes`
   |
 1 - import shaps
 1 + import shapes

error[E0202]: there is no module `std.oi`
  --> app.jan:2:8
   |
 2 | import std.oi
   |        ^^^^^^ std has no such module
help: import `std.io`
   |
 2 - import std.oi
 2 + import std.io

error[E0202]: there is no module `fs`
  --> app.jan:3:8
   |
 3 | import fs
   |        ^^ fs.jan does not exist
note: modules are found from the folder of the program's root file
help: import `std.fs`
   |
 3 - import fs
 3 + import std.fs

3 errors
[exit 1]
$ printf 'import folder\n' > app.jan; janus check app.jan
error[E0202]: there is no module `folder`
  --> app.jan:1:8
   |
 1 | import folder
   |        ^^^^^^ this is a folder
help: import one of its modules: `import folder.name`

1 error
[exit 1]
$ printf 'import std.core.list\n' > app.jan; janus check app.jan 2>&1 | head -n 1
error[E0202]: there is no module `std.core.list`
