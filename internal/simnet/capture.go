package simnet

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Packet is one hop of one packet as a capture saw it, or what a filter is
// asked about.
type Packet struct {
	At       time.Duration // since the network was made; 0 for a filter
	Proto    string        // "udp" or "tcp"
	FromName string        // the host or NAT box that put it on the network
	ToName   string        // who takes it; empty for a filter
	From, To netip.AddrPort
	Data     []byte // not to be written to; of a stream, one write
	Fate     string // empty when all went well, else "lost", "twice", "no socket"...
}

// fate notes what became of a packet; a nil Packet is one that nobody captures.
func (p *Packet) fate(word string) {
	if p != nil && word != "" {
		p.Fate = strings.TrimPrefix(p.Fate+", "+word, ", ")
	}
}

// Capture holds what was sent since it began, on all networks that hang
// together.
type Capture struct {
	w       *world
	packets []*Packet
}

// Capture begins to record every packet, hop by hop.
func (n *Network) Capture() *Capture {
	c := &Capture{w: n.w}
	n.w.mu.Lock()
	defer n.w.mu.Unlock()
	n.w.captures = append(n.w.captures, c)
	return c
}

// Packets returns what was captured up to now.
func (c *Capture) Packets() []Packet {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	all := make([]Packet, len(c.packets))
	for i, p := range c.packets {
		all[i] = *p
	}
	return all
}

// Stop ends the capture; what it holds stays.
func (c *Capture) Stop() {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	for i, other := range c.w.captures {
		if other == c {
			c.w.captures = append(c.w.captures[:i:i], c.w.captures[i+1:]...)
			return
		}
	}
}

// Filter asks stop about every packet that a host writes, before the dice
// are rolled; one it says true to is not sent. It loses just the packet that a
// test is about ("the first ACK"). It is called on the goroutine of the
// writer, with no lock held. For a stream it sees one write at a time, and what
// it stops is missing from the stream. A nil filter ends it.
func (n *Network) Filter(stop func(Packet) bool) {
	if stop == nil {
		n.w.filter.Store(nil)
		return
	}
	n.w.filter.Store(&stop)
}

// stops asks the filter; the lock is not held.
func (w *world) stops(p Packet) bool {
	stop := w.filter.Load()
	return stop != nil && (*stop)(p)
}

// Reporter is the part of testing.TB that OnFailure needs.
type Reporter interface {
	Helper()
	Cleanup(func())
	Failed() bool
	Log(args ...any)
}

// OnFailure logs the ladder at the end of a test that failed.
func (c *Capture) OnFailure(t Reporter) {
	t.Helper()
	t.Cleanup(func() {
		t.Helper()
		if t.Failed() {
			t.Log("\n" + c.Ladder())
		}
	})
}

const (
	columnWidth = 30
	timeWidth   = 10
)

// Ladder draws the capture as people draw calls: a column for every host and
// NAT box in the order of appearance, an arrow for every hop, with its first
// line over it.
func (c *Capture) Ladder() string {
	packets := c.Packets()
	var names []string
	column := make(map[string]int)
	for _, p := range packets {
		for _, name := range [...]string{p.FromName, p.ToName} {
			if _, known := column[name]; !known {
				column[name] = len(names)
				names = append(names, name)
			}
		}
	}
	var out strings.Builder
	out.WriteString(strings.Repeat(" ", timeWidth))
	for _, name := range names {
		fmt.Fprintf(&out, "%-*s", columnWidth, name)
	}
	out.WriteByte('\n')
	for _, p := range packets {
		out.WriteString(rung(p, column[p.FromName], column[p.ToName], len(names)))
	}
	return out.String()
}

// rung draws one packet.
func rung(p Packet, from, to, columns int) string {
	row := []rune(strings.Repeat("|"+strings.Repeat(" ", columnWidth-1), columns))
	left, right := min(from, to)*columnWidth, max(from, to)*columnWidth
	if left == right {
		right = left + columnWidth
	}
	for i := left + 1; i < right; i++ {
		row[i] = '-'
	}
	if from <= to {
		row[right-1] = '>'
	} else {
		row[left+1] = '<'
	}
	label := []rune(" " + firstLine(p.Data, columnWidth-8) + " ")
	copy(row[left+3:right-2], label)
	note := fmt.Sprintf("  %s %s > %s, %d bytes", p.Proto, p.From, p.To, len(p.Data))
	if p.Fate != "" {
		note += " (" + p.Fate + ")"
	}
	return fmt.Sprintf("%*.3f  %s%s\n", timeWidth-2, p.At.Seconds(), string(row), note)
}

// firstLine makes a label of at most n runes of a packet: its first line
// when it is text, else its first bytes in hexadecimal.
func firstLine(data []byte, n int) string {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	line = bytes.TrimSpace(line)
	text := string(line)
	if !utf8.Valid(line) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		text = fmt.Sprintf("%x", data[:min(len(data), n/2)])
	}
	if runes := []rune(text); len(runes) > n {
		text = string(runes[:n])
	}
	return text
}
