// Package jitter makes a steady stream of packets that come in unsteadily.
package jitter

import (
	"time"

	"obelus/media"
	"obelus/media/packet"
)

// slots is how many packets wait at most: 640 ms of the shortest in use.
const slots = 64

const (
	spare       = media.Frame // may always wait, beside what is being played
	pacePeriod  = 200         // turns in which more than that is looked for
	mostStretch = 200 * time.Millisecond
	mostWaiting = 300 * time.Millisecond // more is dropped, down to
	afterSkip   = 100 * time.Millisecond
)

// Slot holds one packet. Its buffer grows to what packets need, and stays.
type Slot struct {
	full   bool
	Mute   bool // it is heard as silence
	seq    uint16
	ts     uint32
	Clock  uint32
	Format media.Format
	Data   []byte
}

// Buffer is the buffer that makes a steady stream of what comes in unsteadily: a
// ring of packets by sequence number. What is missing is told by timestamps: a
// sequence number may have been a key's, which takes no time.
//
// How long packets wait is not set but found: when the buffer runs dry, or a
// packet comes behind its time, sound is made up without its time going on, and
// what follows waits longer by that; when for some seconds there was always more
// than needed, a little sound is taken out (shrink, by whoever has the samples).
type Buffer struct {
	slots []Slot // as many as slots, or none yet
	begun bool
	ssrc  uint32
	next  uint16 // the first that was not played
	end   uint16 // behind the newest that came
	full  int    // slots
	late  bool   // a packet came behind its time: wait longer

	timed bool // pos counts
	pos   uint32
	clock uint32 // of pos
	owed  uint32 // made up without pos going on
}

// Put takes a packet in. A new source, or one that leaps, begins anew.
func (j *Buffer) Put(b []byte, h *packet.Header, format media.Format, clock uint32, mute bool) {
	ahead := int16(h.Seq - j.next)
	if !j.begun || h.SSRC != j.ssrc || ahead >= slots || ahead < -packet.MaxDropout {
		j.Reset()
		j.begun, j.ssrc, j.next, j.end = true, h.SSRC, h.Seq, h.Seq
		ahead = 0
	}
	if ahead < 0 {
		if !j.timed { // nothing has been played yet: it was overtaken
			if int16(j.end-h.Seq) > slots {
				return
			}
			j.next = h.Seq
		} else {
			j.late = j.late || ahead > -slots
			return
		}
	}
	s := &j.slots[h.Seq%slots]
	if s.full && s.seq == h.Seq {
		return // twice
	}
	s.full, s.seq, s.ts, s.Clock, s.Format, s.Mute = true, h.Seq, h.TS, clock, format, mute
	s.Data = append(s.Data[:0], h.Payload(b)...)
	j.full++
	if packet.Newer(h.Seq+1, j.end) {
		j.end = h.Seq + 1
	}
}

// Reset empties the buffer, and makes it where there was none.
func (j *Buffer) Reset() {
	if j.slots == nil {
		j.slots = make([]Slot, slots)
	}
	for i := range j.slots {
		j.slots[i].full = false
	}
	j.begun, j.timed, j.late, j.full, j.owed = false, false, false, 0, 0
}

// first is the packet that comes next, nil when there is none.
func (j *Buffer) first() *Slot {
	if j.full == 0 {
		return nil
	}
	for seq := j.next; seq != j.end; seq++ {
		if s := &j.slots[seq%slots]; s.full && s.seq == seq {
			return s
		}
	}
	return nil
}

// Due is what has to be played now.
type Due uint8

// What may be due.
const (
	Packet Due = iota // the packet
	Lost              // so much sound that has been lost
	Pause             // so much silence: the phone had nothing to say
	Longer            // a frame beside: what follows is to wait longer
	None              // there is nothing
)

// Take says what comes next: a packet, which stays good until the next put or
// take, or what to fill a gap with, in units of the clock, a frame at most.
func (j *Buffer) Take() (what Due, s *Slot, fill uint32) {
	if j.lengthens() {
		return Longer, nil, 0
	}
	if j.Waits() > mostWaiting {
		j.skip()
	}
	if s = j.first(); s == nil {
		return None, nil, 0
	}
	gap := j.gap(s)
	if gap > 0 {
		fill = min(gap, j.clock/uint32(time.Second/media.Frame))
		j.pos += fill
		if s.seq == j.next {
			return Pause, nil, fill
		}
		return Lost, nil, fill
	}
	j.drop(s)
	return Packet, s, 0
}

// drop takes a packet out.
func (j *Buffer) drop(s *Slot) {
	s.full = false
	j.full--
	j.next = s.seq + 1
}

// lengthens says, once for packets that came behind their time, that what
// follows is to wait longer.
func (j *Buffer) lengthens() bool {
	late := j.late
	j.late = false
	return late && j.Waits() < mostStretch
}

// skip drops what is too old where far too much waits: a network that gives out
// in one go what it kept for long.
func (j *Buffer) skip() {
	for s := j.first(); s != nil && time.Duration(j.newest().ts-s.ts)*time.Second/time.Duration(j.clock) > afterSkip; s = j.first() {
		j.drop(s)
	}
	j.timed = false
}

// newest is the slot of the newest packet.
func (j *Buffer) newest() *Slot { return &j.slots[(j.end-1)%slots] }

// gap is how much is missing before the packet, less what was made up for it
// already. Where time leaps there is no gap but a new time.
func (j *Buffer) gap(s *Slot) uint32 {
	ahead := int32(s.ts - j.pos)
	if !j.timed || s.Clock != j.clock || ahead < 0 || ahead > int32(s.Clock) {
		j.timed, j.pos, j.clock, j.owed = true, s.ts, s.Clock, 0
		return 0
	}
	paid := min(uint32(ahead), j.owed)
	j.pos += paid
	j.owed = 0
	return uint32(ahead) - paid
}

// Waits is how much sound lies between the next to be played and the newest
// packet.
func (j *Buffer) Waits() time.Duration {
	if j.full == 0 || !j.timed {
		return 0
	}
	s := j.newest()
	if !s.full || s.Clock != j.clock || int32(s.ts-j.pos) < 0 {
		return 0
	}
	return time.Duration(s.ts-j.pos) * time.Second / time.Duration(j.clock)
}

// Clock is the clock of what was taken last.
func (j *Buffer) Clock() uint32 { return j.clock }

// Owe counts sound that was made up because nothing was there: what follows waits
// longer by that.
func (j *Buffer) Owe(d time.Duration) {
	j.owed += uint32(d * time.Duration(j.clock) / time.Second)
}

// Played counts sound that a packet gave, in units of its clock.
func (j *Buffer) Played(n uint32) { j.pos += n }

// Pace looks whether packets wait longer than they need to.
type Pace struct {
	least time.Duration // that waited in this period
	turns int           // of it
}

// Begin starts a period.
func (p *Pace) Begin() { p.least, p.turns = time.Hour, 0 }

// Shortens takes a turn into account, and says whether some sound is to be taken
// out.
func (p *Pace) Shortens(waits time.Duration) bool {
	p.least = min(p.least, waits)
	if p.turns++; p.turns < pacePeriod {
		return false
	}
	too := p.least >= spare
	p.Begin()
	return too
}
