# rule: net.seed
# Under a seed a program with sockets does the same in the same virtual time, whatever the seed.
$ cat > quiz.jan <<'END'
> import std.io
> import std.net
>
> func ask(at: net.SocketAddress, name: String) -> io.IoError!String do
>     let stream = net.TcpStream.connect(at)?
>     sleep(5ms)
>     stream.write_text($"{name}\n")?
>     var lines = io.Buffered.new(stream)
>     return lines.read_line()? ?? "nothing"
> end
>
> func main() -> !void do
>     let listener = net.TcpListener.bind(net.SocketAddress.parse("127.0.0.1:0")?)?
>     let at = listener.local_address()?
>     var answers: []String = []
>     nursery |n| do
>         for _ in 0..4 do
>             let _ = listener.accept(1ms) catch |err| do
>                 println(err)
>                 break
>             end
>         end
>         for i in 0..4 do
>             n.spawn(func() do
>                 answers.push(ask(at, $"client {i}")?)
>             end)
>         end
>         nursery |servers| do
>             for _ in 0..4 do
>                 let stream = listener.accept()?
>                 servers.spawn(func() do
>                     var lines = io.Buffered.new(stream)
>                     let line = lines.read_line()? ?? ""
>                     sleep(20ms)
>                     lines.source.write_text($"hello, {line}\n")?
>                 end)
>             end
>         end
>     end
>     println(answers)
> end
> END
$ janus build -o quiz quiz.jan && for seed in $(seq 1 20); do JANUS_SEED=$seed timeout 20 ./quiz; done | sort | uniq -c | tr -s ' '
 20 IoError.TimedOut
 20 ["hello, client 0", "hello, client 1", "hello, client 2", "hello, client 3"]
$ for workers in 1 2 4; do JANUS_WORKERS=$workers timeout 20 ./quiz; done | sort | uniq -c | tr -s ' '
 3 IoError.TimedOut
 3 ["hello, client 0", "hello, client 1", "hello, client 2", "hello, client 3"]
$ for seed in 1 2 3; do JANUS_SEED=$seed timeout 20 janus run --interp quiz.jan; done | sort | uniq -c | tr -s ' '
 3 IoError.TimedOut
 3 ["hello, client 0", "hello, client 1", "hello, client 2", "hello, client 3"]

# Without descriptors a connection waits to be accepted, and is when there are some again.
$ cat > many.jan <<'END'
> import std.io
> import std.net
>
> func main() -> !void do
>     let listener = net.TcpListener.bind(net.SocketAddress.parse("127.0.0.1:0")?)?
>     let at = listener.local_address()?
>     var kept: []net.TcpStream = []
>     nursery |n| do
>         let done = n.spawn(func() do
>             return listener.accept()?.peer_address()?.port > 0
>         end)
>         let first = net.TcpStream.connect(at)?
>         println(done.join())
>         loop do
>             let stream = net.TcpStream.connect(at) catch |err| do
>                 println(err)
>                 break
>             end
>             kept.push(stream)
>         end
>         println(why(listener))
>         let _ = kept.pop()
>         println(why(listener))
>         println(first.peer_address()? == at)
>     end
> end
>
> func why(listener: net.TcpListener) -> ?io.IoError do
>     let _ = listener.accept() catch |err| do
>         return err
>     end
>     return null
> end
> END
$ janus build -o many many.jan && sh -c 'ulimit -n 24; timeout 20 ./many'
true
IoError.TooManyOpenFiles
IoError.TooManyOpenFiles
null
true

# A program that uses sockets without a nursery has no scheduler.
$ cat > plain.jan <<'END'
> import std.net
>
> func main() -> !void do
>     let listener = net.TcpListener.bind(net.SocketAddress.parse("127.0.0.1:0")?)?
>     let stream = net.TcpStream.connect(listener.local_address()?)?
>     listener.accept()?.write_text("hi")?
>     var got: []u8 = []
>     println(stream.read(mut got)?)
> end
> END
$ janus build -o plain plain.jan && ./plain && nm plain | grep -c 'jn_io_block'; nm plain | grep -c 'jn_io_wait\|jn_nursery'
2
1
0
[exit 1]

# rule: io.blocking
# What blocks in a file holds up no other task, also on one worker: opening a FIFO waits for its other end.
$ cat > fifo.jan <<'END'
> import std.fs
> import std.io
>
> func main() -> !void do
>     nursery |n| do
>         let read = n.spawn(func() do
>             return fs.read_text("fifo")?
>         end)
>         let line = n.spawn(func() do
>             var reader = io.stdin()
>             return reader.read_line()? ?? "the end"
>         end)
>         n.spawn(func() do
>             fs.write_text("fifo", "through the fifo")?
>             fs.append_text("input", "a line\n")?
>         end)
>         println(read.join(), ", ", line.join())
>     end
> end
> END
$ mkfifo fifo input && janus build -o fifos fifo.jan && for workers in 1 2 4; do JANUS_WORKERS=$workers timeout 20 ./fifos <>input; done
through the fifo, a line
through the fifo, a line
through the fifo, a line
$ janus build --release -o fifos fifo.jan && for workers in 1 2; do JANUS_WORKERS=$workers timeout 20 ./fifos <>input; done
through the fifo, a line
through the fifo, a line

# std.time.sleep is one of tasks, too.
$ cat > naps.jan <<'END'
> import std.time
>
> func main() do
>     nursery |n| do
>         for i in 1..4 do
>             n.spawn(func() do
>                 time.sleep([3h, 2h, 1h][i - 1])
>                 println(i)
>             end)
>         end
>     end
> end
> END
$ janus build -o naps naps.jan && JANUS_SEED=1 timeout 20 ./naps
3
2
1
