package waiting

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// names makes the IDs of messages: 12 digits of the millisecond, 4 that count
// within it and 8 that no other process has, all of them hexadecimal. They sort in
// the order they were made, whatever the clock does.
type names struct {
	mu   sync.Mutex
	last int64 // millisecond
	n    uint16
	ours string
}

// idTime is how many digits of an ID are its time.
const idTime = 12

func newNames() *names {
	var b [4]byte
	rand.Read(b[:])
	return &names{ours: hex.EncodeToString(b[:])}
}

// after has new IDs sort behind one that there is.
func (g *names) after(id string) {
	if len(id) < idTime {
		return
	}
	ms, err := strconv.ParseInt(id[:idTime], 16, 64)
	if err != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if ms >= g.last {
		g.last, g.n = ms+1, 0
	}
}

// next makes an ID.
func (g *names) next(now time.Time) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if ms := now.UnixMilli(); ms > g.last {
		g.last, g.n = ms, 0
	} else if g.n++; g.n == 0 {
		g.last++
	}
	return fmt.Sprintf("%012x%04x%s", g.last, g.n, g.ours)
}
