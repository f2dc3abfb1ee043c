# What `--seed` takes, and what it does not.
$ printf 'test "a" do\n    assert(true)\nend\n' > a.jan
$ janus test --seed order:708043:0.3- a.jan
error: `--seed` cannot be `order:708043:0.3-`
help: it is a number or a word, `7`; `pct:SEED:LEVELS:DECISIONS`, `pct:7:3:120`; or `order:SEED:DIFFERENCES`, `order:7:1.4-3,2.2=1`
[exit 2]
$ for seed in order:708043:0.3 order:7:1.x-3 order:7:1.2-3, order:7:, order:7 order:foo pct:a:b:c pct:7: pct:7:3:120:1; do janus test --seed $seed a.jan 2>/dev/null; echo $?; done | sort | uniq -c
      9 2
$ for seed in 7 word order:7: order:7:1.4-3,2.2=1 pct:7 pct:7:3:120; do janus test --seed $seed a.jan | tail -n 1; done | uniq
1 passed, 0 failed

# A test that took too long is run again with as much time.
$ printf 'test "long" do\n    loop do end\nend\n' > long.jan
$ janus test --timeout 1 --seed 7 long.jan 2>/dev/null
FAILED  long
  it did not end within 1 s, and was stopped; `--timeout 2` would let it run on
  again: janus test --timeout 1 long.jan --filter long --seed 7
0 passed, 1 failed
[exit 1]

# A filter that no name contains, and one too many.
$ janus test --filter nomatch a.jan
0 passed, 0 failed
note: no test's name contains `nomatch`
$ janus test --filter a --filter b a.jan
error: `--filter` is given twice
help: name what the names of all these tests contain
[exit 2]

# Programs that read the results are told of errors where they read.
$ printf 'test "a" do\n    x()\nend\n' > bad.jan
$ janus test --format json bad.jan 2>/dev/null
{"tests":[],
"passed":0,"failed":0,
"reports":[{"code":"E0203",[..]}]}
[exit 1]
$ janus test --format junit bad.jan 2>/dev/null
<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
<testsuite name="bad.jan" tests="1" failures="0" errors="1" time="0">
<testcase classname="bad.jan" name="(build)" time="0">
<error message="the tests cannot be built">error[E0203]: [..]
...
</error>
</testcase>
</testsuite>
</testsuites>
[exit 1]
