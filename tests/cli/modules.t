# A program of several files; imports are found from the root file's folder, wherever janus runs.
$ mkdir -p app/shapes; cd app
> printf 'import shapes.circle\nimport shapes.square as sq\n\nfunc main() do\n    println(circle.name())\n    println(sq.name())\nend\n' > main.jan
> printf 'pub func name() -> String do\n    return "circle"\nend\n' > shapes/circle.jan
> printf 'pub func name() -> String do\n    return "square"\nend\n' > shapes/square.jan
$ janus run app/main.jan
circle
square
$ cd app && janus run main.jan
circle
square
$ cd / && janus run "$TMPDIR/../work/app/main.jan"
circle
square

# A report in another file names that file.
$ printf 'pub func name() -> String do\n    return 5\nend\n' > app/shapes/circle.jan; janus check app/main.jan
error[E03[..]]: [..]
  --> app/shapes/circle.jan:2:12
...
1 error
[exit 1]
$ printf 'pub func name\0' > app/shapes/circle.jan; janus check app/main.jan
error[E0002]: app/shapes/circle.jan is not a text file
  --> app/main.jan:1:8
...
1 error
[exit 1]
$ rm app/shapes/circle.jan; mkdir app/shapes/circle.jan; janus check app/main.jan 2>&1 | head -n 1
error[E0202]: there is no module `shapes.circle`
$ printf 'pub trait Area do\n    func size(self) -> i64\nend\n' > areas.jan
$ cat > by_trait.jan <<'EOF'
> import areas
>
> struct Field {
>     width: i64,
> }
>
> impl areas.Area for Field do
>     func size(self) -> i64 do
>         return self.width * self.width
>     end
> end
>
> func made[Area: Default](_like: Area) -> Area do
>     return Area.default()
> end
>
> func main() do
>     println(areas.Area.size(Field { width: 3 }), " ", made(7))
> end
> EOF
$ janus run by_trait.jan
9 0
