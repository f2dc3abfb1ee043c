// The peer of map.jan: Go's map.
package main

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

func cpuSeconds() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)*1e-6
}

func keyOf(i int64) int64 {
	x := int64(uint64(i) * 0x1e3779b97f4a7c15)
	return x ^ ((x >> 29) & 0x7ffffffff)
}

func report(name string, start float64) {
	fmt.Printf("TIME %s %.6f\n", name, cpuSeconds()-start)
}

func numbers(n int64) int64 {
	start := cpuSeconds()
	m := map[int64]int64{}
	for i := int64(0); i < n; i++ {
		m[keyOf(i)] = i
	}
	report("i64-insert", start)
	sum := int64(0)
	hits := cpuSeconds()
	at := int64(0)
	for i := int64(0); i < n; i++ {
		at = (at + 7368787) % n
		value, ok := m[keyOf(at)]
		if !ok {
			panic("lost")
		}
		sum += value
	}
	report("i64-hit", hits)
	misses := cpuSeconds()
	for i := n; i < 2*n; i++ {
		if _, ok := m[keyOf(i)]; ok {
			sum++
		}
	}
	report("i64-miss", misses)
	return sum
}

func texts(n int64) int64 {
	keys := make([]string, 0, n)
	others := make([]string, 0, n)
	for i := int64(0); i < n; i++ {
		keys = append(keys, fmt.Sprintf("key:%d:%d", keyOf(i)&0xffffffffff, i))
		others = append(others, fmt.Sprintf("key:%d:%d", keyOf(i)&0xffffffffff, i+n))
	}
	start := cpuSeconds()
	m := map[string]int64{}
	for i := int64(0); i < n; i++ {
		m[keys[i]] = i
	}
	report("text-insert", start)
	sum := int64(0)
	hits := cpuSeconds()
	at := int64(0)
	for i := int64(0); i < n; i++ {
		at = (at + 7368787) % n
		value, ok := m[keys[at]]
		if !ok {
			panic("lost")
		}
		sum += value
	}
	report("text-hit", hits)
	misses := cpuSeconds()
	for _, other := range others {
		if _, ok := m[other]; ok {
			sum++
		}
	}
	report("text-miss", misses)
	return sum
}

const few = 1024

func fewNumbers(n int64) int64 {
	m := map[int64]int64{}
	for i := int64(0); i < few; i++ {
		m[keyOf(i)] = i
	}
	sum := int64(0)
	hits := cpuSeconds()
	for i := int64(0); i < n; i++ {
		sum += m[keyOf((i*7)%few)]
	}
	report("few-i64-hit", hits)
	misses := cpuSeconds()
	for i := n; i < 2*n; i++ {
		if _, ok := m[keyOf(i)]; ok {
			sum++
		}
	}
	report("few-i64-miss", misses)
	changes := cpuSeconds()
	for i := int64(0); i < n; i++ {
		if _, ok := m[keyOf(i)]; ok {
			delete(m, keyOf(i))
			sum++
		}
		m[keyOf(i+few)] = i
	}
	report("few-i64-change", changes)
	return sum + int64(len(m))
}

func fewTexts(n int64) int64 {
	keys := []string{}
	others := []string{}
	for i := int64(0); i < 2*few; i++ {
		keys = append(keys, fmt.Sprintf("key:%d:%d", keyOf(i)&0xffffffffff, i))
		others = append(others, fmt.Sprintf("key:%d:%d", keyOf(i)&0xffffffffff, i))
	}
	m := map[string]int64{}
	for i := int64(0); i < few; i++ {
		m[keys[i]] = i
	}
	sum := int64(0)
	hits := cpuSeconds()
	for i := int64(0); i < n; i++ {
		sum += m[others[(i*7)%few]]
	}
	report("few-text-hit", hits)
	misses := cpuSeconds()
	for i := int64(0); i < n; i++ {
		if _, ok := m[others[few+(i*7)%few]]; ok {
			sum++
		}
	}
	report("few-text-miss", misses)
	changes := cpuSeconds()
	for i := int64(0); i < n; i++ {
		if _, ok := m[others[i%(2*few)]]; ok {
			delete(m, others[i%(2*few)])
			sum++
		}
		m[keys[(i+few)%(2*few)]] = i
	}
	report("few-text-change", changes)
	return sum + int64(len(m))
}

func main() {
	n := int64(10000000)
	if len(os.Args) > 1 {
		n, _ = strconv.ParseInt(os.Args[1], 10, 64)
	}
	fmt.Println("CHECK", numbers(n)*3+texts(n)+fewNumbers(n)+fewTexts(n))
}
