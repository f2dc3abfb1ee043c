$ janus explain E0001 | head -n 1
E0001: a source file cannot be read
$ janus explain e0001 | head -n 1
E0001: a source file cannot be read
$ janus explain | head -n 2
E0001  source file cannot be read
E0002  source file is not text
$ janus explain E9001
error: there is no code `E9001`
help: did you mean `janus explain E0001`?
[exit 2]
$ janus explain nonsense
error: there is no code `nonsense`
help: `janus explain` lists all codes
[exit 2]
