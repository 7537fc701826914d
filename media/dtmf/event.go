package dtmf

import (
	"encoding/binary"
	"strings"
	"time"

	"obelus/media/packet"
)

// EventLen is the length of a telephone event (RFC 4733 §2.3).
const EventLen = 4

// EventKeys are the keys by event code (RFC 4733 §3.2); 16 is the hook flash.
const EventKeys = "0123456789*#ABCD!"

// Event is the payload of RFC 4733 §2.3.
type Event struct {
	Code     uint8
	End      bool
	Volume   uint8
	Duration uint16 // in units of the timestamp
}

// ParseEvent reads an event, false for what is too short for one.
func ParseEvent(b []byte) (e Event, ok bool) {
	if len(b) < EventLen {
		return e, false
	}
	return Event{
		Code: b[0], End: b[1]&0x80 != 0, Volume: b[1] & 0x3f,
		Duration: binary.BigEndian.Uint16(b[2:]),
	}, true
}

// Put writes the event into a payload of EventLen.
func (e Event) Put(b []byte) {
	b[0], b[1] = e.Code, e.Volume
	if e.End {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], e.Duration)
}

// EventCode is the event code of a key, false for what is none.
func EventCode(key byte) (uint8, bool) {
	if key >= 'a' && key <= 'd' {
		key -= 'a' - 'A'
	}
	i := strings.IndexByte(EventKeys, key)
	return uint8(i), i >= 0
}

// Presses are what one packet told: at most the end of one key and both ends of
// the next.
type Presses struct {
	list [3]Press
	n    int
}

func (k *Presses) add(p Press) {
	if k.n < len(k.list) {
		k.list[k.n] = p
		k.n++
	}
}

// All lists them.
func (k *Presses) All() []Press { return k.list[:k.n] }

// Reader turns telephone events into keys.
//
//	idle ──new timestamp──▶ down ──E bit, next key or no packets──▶ up
//
// A key is told from the next by its timestamp; all packets of a key bear the
// same (RFC 4733 §2.5.1.2). Those that come after its end are repeats.
type Reader struct {
	Seen  bool
	down  bool
	ssrc  uint32
	ts    uint32 // of the key's last segment
	code  uint8
	units uint32 // of segments before this one
	held  uint16 // of this one
	clock uint32
	last  time.Time

	// Timeout is how long the packets of a held key may be away before it is
	// taken for released: the end, sent three times, must have been lost.
	Timeout time.Duration
	// Lenient is for phones whose timestamps and durations mean nothing
	// (rfc2833compensate): each new timestamp or key is a press by itself, of a
	// length that nobody knows.
	Lenient bool
	ended   bool // the last packet was an end, for lenient
}

// Packet takes in a packet of events, whose timestamps run by the clock, and adds to
// k what it tells.
func (d *Reader) Packet(h *packet.Header, b []byte, clock uint32, now time.Time, k *Presses) {
	e, ok := ParseEvent(b)
	if !ok || int(e.Code) >= len(EventKeys) {
		return
	}
	if d.Lenient {
		d.press(h, e, k)
		d.ended = e.End
		return
	}
	if d.Seen && h.SSRC == d.ssrc {
		switch age := int32(h.TS - d.ts); {
		case age == 0:
			d.again(e, now, k)
			return
		case age < 0 && age > -int32(clock)*60: // out of order
			return
		}
	}
	if d.continues(h, e) {
		// A key held longer than the duration can count goes on in a new
		// segment (RFC 4733 §2.5.1.3).
		d.units += uint32(d.held)
		d.ts, d.held = h.TS, 0
		d.again(e, now, k)
		return
	}
	d.release(k)
	d.begin(h, e, clock)
	k.add(Press{Key: EventKeys[e.Code]})
	d.again(e, now, k)
}

func (d *Reader) begin(h *packet.Header, e Event, clock uint32) {
	*d = Reader{
		Seen: true, down: true, ssrc: h.SSRC, ts: h.TS, code: e.Code, clock: clock, Timeout: d.Timeout, Lenient: d.Lenient,
	}
}

// press takes a packet of a phone whose events are broken.
func (d *Reader) press(h *packet.Header, e Event, k *Presses) {
	if d.Seen && h.SSRC == d.ssrc && h.TS == d.ts && e.Code == d.code {
		return
	}
	d.release(k)
	d.begin(h, e, 0)
	d.down = false
	k.add(Press{Key: EventKeys[e.Code]})
	k.add(Press{Key: EventKeys[e.Code], Up: true})
}

func (d *Reader) continues(h *packet.Header, e Event) bool {
	return d.down && h.SSRC == d.ssrc && e.Code == d.code && !h.Marker && h.TS-d.ts == uint32(d.held) && d.held >= 0xf000
}

// again takes a packet of the present key.
func (d *Reader) again(e Event, now time.Time, k *Presses) {
	if !d.down || e.Code != d.code {
		return
	}
	d.held, d.last = max(d.held, e.Duration), now
	if e.End {
		d.release(k)
	}
}

// release ends the present key, if one is down.
func (d *Reader) release(k *Presses) {
	if !d.down {
		return
	}
	d.down = false
	held := time.Duration(d.units+uint32(d.held)) * time.Second / time.Duration(max(d.clock, 1))
	k.add(Press{Key: EventKeys[d.code], Up: true, Held: held})
}

// Expire ends a key whose packets stay away.
func (d *Reader) Expire(now time.Time, k *Presses) {
	if d.down && now.Sub(d.last) > d.Timeout {
		d.release(k)
	}
}

// keyGap is how long after a packet of a key its sound is held back: a phone that
// sends tones beside the events would be heard twice.
const keyGap = 100 * time.Millisecond

// Mutes is until when the phone's sound may be the tones of the key that was
// heard last.
func (d *Reader) Mutes(now time.Time) time.Time {
	if d.down || d.Lenient && !d.ended {
		return now.Add(keyGap)
	}
	return now
}
