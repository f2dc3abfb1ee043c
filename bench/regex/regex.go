// The peer of regex.jan: Go's regexp, which takes linear time, too.
package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
)

func cpuSeconds() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)*1e-6
}

var worst = [][3]string{
	{"(a*)*b", "a", "c"},
	{"(a|aa)+$", "a", "c"},
	{"(a|a)*b", "a", "c"},
	{"^(([a-z])+.)+[A-Z]([a-z])+$", "a", ""},
	{"(x+x+)+y", "x", "z"},
	{"((a{0,8}){0,8})b", "a", "c"},
	{"(.*)(.*)(.*)(.*)[^a]$", "a", "a"},
	{"a?a?a?a?a?a?a?a?aaaaaaaac", "a", "b"},
	{"(\\w+\\s?)+!", "word ", "."},
	{"[ab]*a[ab]{18}[cd]", "abbabaabbbabaaaabababbabbaababbbaabaababbabab", "e"},
}

func main() {
	size := 10000000
	if len(os.Args) > 1 {
		size, _ = strconv.Atoi(os.Args[1])
	}
	for _, w := range worst {
		pattern := regexp.MustCompile(w[0])
		text := strings.Repeat(w[1], size/len(w[1])) + w[2]
		start := cpuSeconds()
		if pattern.MatchString(text) {
			panic("a match")
		}
		fmt.Printf("TIME %s %.6f\n", w[0], cpuSeconds()-start)
	}
	for _, source := range []string{"(a|aa)+$", "^(a*)*$", "^(a|b|ab)*(c?)$", "^((a{0,8}){0,8})"} {
		pattern := regexp.MustCompile(source)
		text := strings.Repeat("a", size)
		start := cpuSeconds()
		if pattern.FindStringSubmatchIndex(text) == nil {
			panic("no match")
		}
		fmt.Printf("TIME groups of %s %.6f\n", source, cpuSeconds()-start)
	}
}
