package rtp

import (
	"time"

	"obelus/media"
	"obelus/media/packet"
)

// jitterSlots is how many packets wait at most: 640 ms of the shortest in use.
const jitterSlots = 64

const (
	spare       = media.Frame // may always wait, beside what is being played
	pacePeriod  = 200         // turns in which more than that is looked for
	mostStretch = 200 * time.Millisecond
	mostWaiting = 300 * time.Millisecond // more is dropped, down to
	afterSkip   = 100 * time.Millisecond
)

// slot holds one packet. Its buffer grows to what packets need, and stays.
type slot struct {
	full   bool
	mute   bool // it is heard as silence
	seq    uint16
	ts     uint32
	clock  uint32
	format media.Format
	data   []byte
}

// jitter is the buffer that makes a steady stream of what comes in unsteadily: a
// ring of packets by sequence number. What is missing is told by timestamps: a
// sequence number may have been a key's, which takes no time.
//
// How long packets wait is not set but found: when the buffer runs dry, or a
// packet comes behind its time, sound is made up without its time going on, and
// what follows waits longer by that; when for some seconds there was always more
// than needed, a little sound is taken out (shrink, by whoever has the samples).
type jitter struct {
	slots []slot // jitterSlots, or none yet
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

// put takes a packet in. A new source, or one that leaps, begins anew.
func (j *jitter) put(b []byte, h *packet.Header, p payload, mute bool) {
	ahead := int16(h.Seq - j.next)
	if !j.begun || h.SSRC != j.ssrc || ahead >= jitterSlots || ahead < -packet.MaxDropout {
		j.reset()
		j.begun, j.ssrc, j.next, j.end = true, h.SSRC, h.Seq, h.Seq
		ahead = 0
	}
	if ahead < 0 {
		if !j.timed { // nothing has been played yet: it was overtaken
			if int16(j.end-h.Seq) > jitterSlots {
				return
			}
			j.next = h.Seq
		} else {
			j.late = j.late || ahead > -jitterSlots
			return
		}
	}
	s := &j.slots[h.Seq%jitterSlots]
	if s.full && s.seq == h.Seq {
		return // twice
	}
	s.full, s.seq, s.ts, s.clock, s.format, s.mute = true, h.Seq, h.TS, p.clock, p.format, mute
	s.data = append(s.data[:0], h.Payload(b)...)
	j.full++
	if packet.Newer(h.Seq+1, j.end) {
		j.end = h.Seq + 1
	}
}

// reset empties the buffer, and makes it where there was none.
func (j *jitter) reset() {
	if j.slots == nil {
		j.slots = make([]slot, jitterSlots)
	}
	for i := range j.slots {
		j.slots[i].full = false
	}
	j.begun, j.timed, j.late, j.full, j.owed = false, false, false, 0, 0
}

// first is the packet that comes next, nil when there is none.
func (j *jitter) first() *slot {
	if j.full == 0 {
		return nil
	}
	for seq := j.next; seq != j.end; seq++ {
		if s := &j.slots[seq%jitterSlots]; s.full && s.seq == seq {
			return s
		}
	}
	return nil
}

// due is what has to be played now.
type due uint8

const (
	duePacket due = iota // the packet
	dueLost              // so much sound that has been lost
	duePause             // so much silence: the phone had nothing to say
	dueLonger            // a frame beside: what follows is to wait longer
	dueNone              // there is nothing
)

// take says what comes next: a packet, which stays good until the next put or
// take, or what to fill a gap with, in units of the clock, a frame at most.
func (j *jitter) take() (what due, s *slot, fill uint32) {
	if j.lengthens() {
		return dueLonger, nil, 0
	}
	if j.waits() > mostWaiting {
		j.skip()
	}
	if s = j.first(); s == nil {
		return dueNone, nil, 0
	}
	gap := j.gap(s)
	if gap > 0 {
		fill = min(gap, j.clock/uint32(framesPerSecond))
		j.pos += fill
		if s.seq == j.next {
			return duePause, nil, fill
		}
		return dueLost, nil, fill
	}
	j.drop(s)
	return duePacket, s, 0
}

// drop takes a packet out.
func (j *jitter) drop(s *slot) {
	s.full = false
	j.full--
	j.next = s.seq + 1
}

// lengthens says, once for packets that came behind their time, that what
// follows is to wait longer.
func (j *jitter) lengthens() bool {
	late := j.late
	j.late = false
	return late && j.waits() < mostStretch
}

// skip drops what is too old where far too much waits: a network that gives out
// in one go what it kept for long.
func (j *jitter) skip() {
	for s := j.first(); s != nil && time.Duration(j.newest().ts-s.ts)*time.Second/time.Duration(j.clock) > afterSkip; s = j.first() {
		j.drop(s)
	}
	j.timed = false
}

// newest is the slot of the newest packet.
func (j *jitter) newest() *slot { return &j.slots[(j.end-1)%jitterSlots] }

// gap is how much is missing before the packet, less what was made up for it
// already. Where time leaps there is no gap but a new time.
func (j *jitter) gap(s *slot) uint32 {
	ahead := int32(s.ts - j.pos)
	if !j.timed || s.clock != j.clock || ahead < 0 || ahead > int32(s.clock) {
		j.timed, j.pos, j.clock, j.owed = true, s.ts, s.clock, 0
		return 0
	}
	paid := min(uint32(ahead), j.owed)
	j.pos += paid
	j.owed = 0
	return uint32(ahead) - paid
}

// waits is how much sound lies between the next to be played and the newest
// packet.
func (j *jitter) waits() time.Duration {
	if j.full == 0 || !j.timed {
		return 0
	}
	s := j.newest()
	if !s.full || s.clock != j.clock || int32(s.ts-j.pos) < 0 {
		return 0
	}
	return time.Duration(s.ts-j.pos) * time.Second / time.Duration(j.clock)
}

// pace looks whether packets wait longer than they need to.
type pace struct {
	least time.Duration // that waited in this period
	turns int           // of it
}

func (p *pace) begin() { p.least, p.turns = time.Hour, 0 }

// shortens takes a turn into account, and says whether some sound is to be taken
// out.
func (p *pace) shortens(waits time.Duration) bool {
	p.least = min(p.least, waits)
	if p.turns++; p.turns < pacePeriod {
		return false
	}
	too := p.least >= spare
	p.begin()
	return too
}
