# Messages that say what to do.
$ mkdir k; janus check k
error[E0001]: cannot read k: it is a folder
help: name a file of Janus source, or the folder of a package: this one has no janus.kdl

1 error
[exit 1]
$ mkdir k/janus.kdl; janus check k
error[E0001]: cannot read k/janus.kdl: it is a folder

1 error
[exit 1]
$ mkdir "sp ace"; janus new "sp ace/pk" | grep 'cd '
  cd 'sp ace/pk'
$ janus new n >/dev/null; janus run n/janus.kdl
error: n/janus.kdl is the manifest of a package, not a source
help: name its folder: `janus run n`
[exit 2]
$ sed -i 's/version/naem "x"; version/' n/janus.kdl; janus check n
warning[W0210]: `package` has no field `naem`
  --> n/janus.kdl:3:5
   |
 3 |     naem "x"; version "0.1.0"
   |     ^^^^ it means nothing
help: the fields are name, version, license, description and profile

1 warning
$ printf 'func f() -> i64 do return 3 end\nconst L = f()\nfunc main() do\n    let a: [L]i64 = [1, 2, 3]\n    println(a.len)\nend\n' > length.jan
$ janus check length.jan
error[E0351]: the length of an array is not known when compiling
  --> length.jan:4:13
   |
 4 |     let a: [L]i64 = [1, 2, 3]
   |             ^ neither an integer nor made of integer constants
help: a length is made of literals, of constants that are made so, and of arithmetic; where it is known only when running, use a list `[]T`

1 error
[exit 1]
