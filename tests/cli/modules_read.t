# Files that no import can name are none of a package's modules.
$ janus new pk >/dev/null; mkdir pk/src/std pk/src/sub
$ cd pk; touch src/func.jan src/self.jan src/std.jan src/std/mine.jan src/sub/match.jan; janus check
warning[W0212]: no import can name src/func.jan
note: it does not belong to the package's modules
help: `func` is a word of the language

warning[W0212]: no import can name src/self.jan
note: it does not belong to the package's modules
help: `self` is a word of the language

warning[W0212]: no import can name src/std/mine.jan
note: it does not belong to the package's modules
help: `std` is the standard library

warning[W0212]: no import can name src/std.jan
note: it does not belong to the package's modules
help: `std` is the standard library

4 warnings
$ cd pk; rm -r src/func.jan src/self.jan src/std src/std.jan

# What cannot be read is told, once.
$ cd pk; ln -s nowhere src/lost.jan; janus check
error[E0001]: cannot read src/lost.jan: no such file or directory

1 error
[exit 1]
$ rm pk/src/lost.jan; chmod 0 pk/src/main.jan pk/src/sub
$ cat > user <<'END'
> #!/bin/sh
> if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=65534 --bounding-set=-all --inh-caps=-all "$@"; else exec "$@"; fi
> END
$ chmod 755 . user pk pk/src
$ cd pk; ../user janus check
error[E0001]: cannot read src/main.jan: permission denied

error[E0001]: cannot read the folder src/sub/: permission denied

2 errors
[exit 1]
$ cd pk; chmod 644 src/main.jan; chmod 444 src/sub; chmod 777 .; TMPDIR=. ../user janus test
error[E0001]: cannot read the folder src/sub/: permission denied

1 error
[exit 1]
$ cd pk; ../user janus fmt --check src
error[E0001]: cannot read the folder src/sub: permission denied

1 error
[exit 1]
$ chmod 755 pk/src/sub
