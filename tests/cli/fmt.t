# rule: fmt.same fmt.spelling fmt.width fmt.empty fmt.break fmt.choice fmt.comment
# The layouts of all constructs are in tests/fmt.
$ cat > ugly.jan <<'END'
> func  main( ) !void do
>
>    let xs=[1,2 , 3] // a list
>
>
>    for i in 0 ..<3 do println(xs [i]) end
>    println("no", "comma", "at", "the", "end", "of", "this", "call", "that", "is", "too", "long", "for", "one", "line", "!")
> end
> END
$ cp ugly.jan copy.jan; chmod 750 ugly.jan
$ janus fmt --check .
copy.jan
ugly.jan
[exit 1]
$ janus fmt --diff ugly.jan >ugly.diff; cat ugly.diff
--- ugly.jan
+++ ugly.jan
@@ -1,8 +1,23 @@
...
$ cmp ugly.jan copy.jan
$ janus fmt ugly.jan
ugly.jan
$ cat ugly.jan; stat -c %a ugly.jan; ls
func main() -> !void do
    let xs = [1, 2, 3] // a list

    for i in 0..3 do println(xs[i]) end
    println(
        "no",
        "comma",
        "at",
        "the",
        "end",
        "of",
        "this",
        "call",
        "that",
        "is",
        "too",
        "long",
        "for",
        "one",
        "line",
        "!",
    )
end
750
copy.jan
ugly.diff
ugly.jan
$ mkdir patched; cp copy.jan patched/ugly.jan; (cd patched && git apply -p0 ../ugly.diff); cmp patched/ugly.jan ugly.jan; rm -r patched

# rule: fmt.stable fmt.files
# What is formatted is not touched; other folders' files are not looked at.
$ touch -d 2001-02-03 ugly.jan; janus fmt ugly.jan; stat -c %y ugly.jan | cut -c1-10
2001-02-03
$ mkdir -p .hidden build deep/er; cp copy.jan .hidden/a.jan; cp copy.jan build/a.jan; cp copy.jan deep/er/a.jan; ln -s .. deep/loop; ln -s er/a.jan deep/link.jan
$ janus fmt --check
copy.jan
deep/er/a.jan
deep/link.jan
[exit 1]
$ janus fmt --check build
build/a.jan
[exit 1]
$ janus fmt deep; readlink deep/link.jan
deep/er/a.jan
er/a.jan
$ janus fmt - < copy.jan | cmp - ugly.jan
$ janus fmt --check - < copy.jan
[exit 1]
$ janus fmt --check - < ugly.jan
$ janus fmt --format json --check copy.jan ugly.jan
[{"path":"copy.jan","state":"changed","reports":[]},{"path":"ugly.jan","state":"unchanged","reports":[]}]
[exit 1]

# rule: fmt.errors
$ printf 'func main( do\nend\n' > bad.jan; printf 'const  a = 1' > good.jan
$ janus fmt bad.jan good.jan 2>/dev/null
good.jan
[exit 1]
$ janus fmt bad.jan
error[E0114]: expected a parameter, found the keyword `do`
...
[exit 1]
$ cat bad.jan good.jan
func main( do
end
const a = 1
$ janus fmt none.jan
error[E0001]: cannot read none.jan: no such file or directory

1 error
[exit 1]
$ janus fmt --format json none.jan | cut -c1-48
[{"path":"none.jan","state":"failed","reports":[
$ printf 'a\0b' > binary.jan; janus fmt binary.jan 2>&1 | head -n 1
error[E0002]: binary.jan is not a text file
$ printf '' > empty.jan; janus fmt empty.jan; cat empty.jan
$ janus fmt --chekc
error: `janus fmt` has no option `--chekc`
help: did you mean `--check`?
[exit 2]
$ janus help fmt | head -n 3
janus fmt: lay out source files in the one style

usage: janus fmt [options] [FILE|FOLDER ...]
