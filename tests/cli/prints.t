# What one print writes comes out in one piece: on standard error always, and on standard output where tasks run.
# rule: print.whole
$ cat > tasks.jan <<'END'
> struct Pair { left: i64, right: String }
>
> func main() do
>     nursery |n| do
>         for _ in 0..4 do
>             n.spawn(func() do
>                 for _ in 0..3000 do
>                     println("one ", 1, " two ", Pair { left: 2, right: "text" }, " three")
>                 end
>             end)
>         end
>     end
> end
> END
$ for way in "" --release --interp; do JANUS_WORKERS=4 janus run $way tasks.jan | uniq -c | sed 's/^ *//'; done
12000 one 1 two Pair { left: 2, right: "text" } three
12000 one 1 two Pair { left: 2, right: "text" } three
12000 one 1 two Pair { left: 2, right: "text" } three
$ cat > errors.jan <<'END'
> func main() do
>     for _ in 0..3000 do
>         eprintln("one ", 1, " two ", 2.5, " three")
>     end
> end
> END
$ janus build errors.jan; for _ in 1 2 3 4; do ./errors 2>>all & done; wait; uniq -c all | sed 's/^ *//'
12000 one 1 two 2.5 three
