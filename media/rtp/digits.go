package rtp

import (
	"encoding/binary"
	"strings"
	"time"

	"obelus/media/packet"
)

// eventLen is the length of a telephone event (RFC 4733 §2.3).
const eventLen = 4

// keyNames are the keys by event code (RFC 4733 §3.2); 16 is the hook flash.
const keyNames = "0123456789*#ABCD!"

// telephoneEvent is the payload of RFC 4733 §2.3.
type telephoneEvent struct {
	code     uint8
	end      bool
	volume   uint8
	duration uint16 // in units of the timestamp
}

func parseEvent(b []byte) (e telephoneEvent, ok bool) {
	if len(b) < eventLen {
		return e, false
	}
	return telephoneEvent{
		code: b[0], end: b[1]&0x80 != 0, volume: b[1] & 0x3f,
		duration: binary.BigEndian.Uint16(b[2:]),
	}, true
}

func (e telephoneEvent) put(b []byte) {
	b[0], b[1] = e.code, e.volume
	if e.end {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], e.duration)
}

// keyCode is the event code of a key, false for what is none.
func keyCode(key byte) (uint8, bool) {
	if key >= 'a' && key <= 'd' {
		key -= 'a' - 'A'
	}
	i := strings.IndexByte(keyNames, key)
	return uint8(i), i >= 0
}

// keys are what one packet told: at most the end of one key and both ends of
// the next.
type keys struct {
	list [3]Digit
	n    int
}

func (k *keys) add(d Digit) {
	if k.n < len(k.list) {
		k.list[k.n] = d
		k.n++
	}
}

// digitReader turns telephone events into keys.
//
//	idle ──new timestamp──▶ down ──E bit, next key or no packets──▶ up
//
// A key is told from the next by its timestamp; all packets of a key bear the
// same (RFC 4733 §2.5.1.2). Those that come after its end are repeats.
type digitReader struct {
	seen  bool
	down  bool
	ssrc  uint32
	ts    uint32 // of the key's last segment
	code  uint8
	units uint32 // of segments before this one
	held  uint16 // of this one
	clock uint32
	last  time.Time

	// timeout is how long the packets of a held key may be away before it is
	// taken for released: the end, sent three times, must have been lost.
	timeout time.Duration
	// lenient is for phones whose timestamps and durations mean nothing
	// (rfc2833compensate): each new timestamp or key is a press by itself, of a
	// length that nobody knows.
	lenient bool
	ended   bool // the last packet was an end, for lenient
}

func (d *digitReader) packet(h *packet.Header, b []byte, clock uint32, now time.Time, k *keys) {
	e, ok := parseEvent(b)
	if !ok || int(e.code) >= len(keyNames) {
		return
	}
	if d.lenient {
		d.press(h, e, k)
		d.ended = e.end
		return
	}
	if d.seen && h.SSRC == d.ssrc {
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
	k.add(Digit{Key: keyNames[e.code]})
	d.again(e, now, k)
}

func (d *digitReader) begin(h *packet.Header, e telephoneEvent, clock uint32) {
	*d = digitReader{
		seen: true, down: true, ssrc: h.SSRC, ts: h.TS, code: e.code, clock: clock, timeout: d.timeout, lenient: d.lenient,
	}
}

// press takes a packet of a phone whose events are broken.
func (d *digitReader) press(h *packet.Header, e telephoneEvent, k *keys) {
	if d.seen && h.SSRC == d.ssrc && h.TS == d.ts && e.code == d.code {
		return
	}
	d.release(k)
	d.begin(h, e, 0)
	d.down = false
	k.add(Digit{Key: keyNames[e.code]})
	k.add(Digit{Key: keyNames[e.code], Up: true})
}

func (d *digitReader) continues(h *packet.Header, e telephoneEvent) bool {
	return d.down && h.SSRC == d.ssrc && e.code == d.code && !h.Marker && h.TS-d.ts == uint32(d.held) && d.held >= 0xf000
}

// again takes a packet of the present key.
func (d *digitReader) again(e telephoneEvent, now time.Time, k *keys) {
	if !d.down || e.code != d.code {
		return
	}
	d.held, d.last = max(d.held, e.duration), now
	if e.end {
		d.release(k)
	}
}

// release ends the present key, if one is down.
func (d *digitReader) release(k *keys) {
	if !d.down {
		return
	}
	d.down = false
	held := time.Duration(d.units+uint32(d.held)) * time.Second / time.Duration(max(d.clock, 1))
	k.add(Digit{Key: keyNames[d.code], Up: true, Duration: held})
}

// expire ends a key whose packets stay away.
func (d *digitReader) expire(now time.Time, k *keys) {
	if d.down && now.Sub(d.last) > d.timeout {
		d.release(k)
	}
}

// keyGap is how long after a packet of a key its sound is held back: a phone that
// sends tones beside the events would be heard twice.
const keyGap = 100 * time.Millisecond

// mutes is until when the phone's sound may be the tones of the key that was
// heard last.
func (d *digitReader) mutes(now time.Time) time.Time {
	if d.down || d.lenient && !d.ended {
		return now.Add(keyGap)
	}
	return now
}
