// The same as mutex.jan.
package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
)

func cpuTime() int64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

func report(name string, count int, from int64) {
	fmt.Printf("%s %.2f\n", name, float64(cpuTime()-from)/float64(count))
}

func alone(count int) {
	var m sync.Mutex
	var v, a int64
	from := cpuTime()
	for i := 0; i < count; i++ {
		m.Lock()
		v++
		m.Unlock()
	}
	report("with", count, from)
	from = cpuTime()
	for i := 0; i < count; i++ {
		func() {
			m.Lock()
			defer m.Unlock()
			v++
		}()
	}
	report("guard", count, from)
	from = cpuTime()
	for i := 0; i < count; i++ {
		atomic.AddInt64(&a, 1)
	}
	report("atomic", count, from)
	if v != int64(2*count) || a != int64(count) {
		panic("lost")
	}
}

func together(count int) {
	var m sync.Mutex
	var v int64
	var all sync.WaitGroup
	from := cpuTime()
	for k := 0; k < 4; k++ {
		all.Add(1)
		go func() {
			for i := 0; i < count; i++ {
				m.Lock()
				v++
				m.Unlock()
			}
			all.Done()
		}()
	}
	all.Wait()
	report("contended", 4*count, from)
	if v != int64(4*count) {
		panic("lost")
	}
}

func main() {
	for round := 0; round < 5; round++ {
		alone(5_000_000)
		together(500_000)
	}
}
