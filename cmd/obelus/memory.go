package main

import (
	"os"
	"runtime"
	"runtime/debug"
)

// How much the heap may grow between two collections: it is a trade of memory for
// time. Where little lives (30 MB with 10,000 accounts) twice of it is nothing; where
// much does, as with 100,000 phones, it would be more than all the rest.
const (
	mostGrowth  = 200 // percent of what lives
	leastGrowth = 25
	growth      = 48 << 20 // bytes, between those two
)

// tradeMemory sets how much the heap may grow while the server starts. GOGC= in the
// environment has the last word.
func tradeMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(mostGrowth)
	}
}

// settleMemory gives back what reading the files and the store took, and lets the heap
// grow by what lives now. It takes a collection, and is not to be waited for.
func settleMemory() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetGCPercent(growthOf(m.HeapAlloc))
}

// growthOf is how much the heap may grow over what lives, in percent.
func growthOf(live uint64) int {
	return int(min(max(100*growth/max(live, 1), leastGrowth), mostGrowth))
}

// spareMemory has the heap grow less while files are read again, beside those at work: what that takes is garbage soon. It returns what undoes it.
func spareMemory() (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	was := debug.SetGCPercent(leastGrowth)
	return func() { debug.SetGCPercent(was) }
}
