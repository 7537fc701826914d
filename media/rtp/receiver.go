package rtp

import (
	"net/netip"
	"sync"
	"time"

	"obelus/media"
	"obelus/media/dtmf"
	"obelus/media/learn"
	"obelus/media/packet"
	"obelus/media/srtp"
)

// receiver is the half of a stream that hears the phone.
type receiver struct {
	mu       sync.Mutex
	known    bool // SetRemote was called
	may      bool // the direction lets the phone send
	mux      bool
	payloads payloadTable
	learn    learn.RTP
	digits   dtmf.Reader
	crypt    *srtp.Opener // nil for plain RTP
	deaf     bool         // events are not listened to: KeysElsewhere
	keyUntil time.Time    // a key is down, by its events: the sound may be its tones

	packet.Reception
	last         time.Time
	format       media.Format
	bytes        uint64
	foreign      uint64
	malformed    uint64
	untranslated uint64
	unauthentic  uint64
	replays      uint64
	namedForeign bool
	namedFormats uint64 // a bit for each format
}

// setRemote takes a description and returns the source that stays learned.
func (in *receiver) setRemote(r *Remote, crypt *srtp.Opener, table payloadTable) netip.AddrPort {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.known, in.may, in.mux = true, r.Direction.receives(), r.Mux
	in.payloads = table
	in.setCrypt(crypt)
	in.namedForeign, in.namedFormats = false, 0
	in.learn.Negotiate(r.Addr, r.Symmetric, r.Signal)
	return in.learn.Source()
}

// verdict is what became of a packet, and what to tell the leg's owner.
type verdict struct {
	pass    bool // to be sent on
	mute    bool // ... as silence: its key has come as an event already
	learned bool
	foreign bool // name its source, for the first time
	payload payload
	keys    dtmf.Presses
}

// packet judges a packet, counts it and looks for keys.
func (in *receiver) packet(b []byte, h *packet.Header, from netip.AddrPort, now time.Time) (v verdict) {
	in.mu.Lock()
	defer in.mu.Unlock()
	v.payload = in.payloads.find(h.PT)
	if !in.known {
		in.foreign++
		return v
	}
	if v.payload.format == media.None {
		in.malformed++
		return v
	}
	switch in.learn.Packet(from, h, now) {
	case learn.Foreign:
		in.foreign++
		v.foreign = !in.namedForeign
		in.namedForeign = true
		return v
	case learn.Waiting:
		return v
	case learn.Learned:
		v.learned = true
		in.Reception.Restart()
	}
	in.account(h, v.payload, now)
	if !in.may {
		return v
	}
	v.pass = true
	if v.payload.format == media.TelephoneEvent {
		v.pass = !in.deaf && !in.digits.Lenient
		if !in.deaf {
			in.digits.Packet(h, h.Payload(b), v.payload.clock, now, &v.keys)
			in.keyUntil = in.digits.Mutes(now)
		}
	} else {
		v.mute = now.Before(in.keyUntil)
		in.digits.Expire(now, &v.keys)
	}
	return v
}

func (in *receiver) account(h *packet.Header, p payload, now time.Time) {
	in.Reception.Packet(h, p.clock, now)
	in.bytes += uint64(h.End - h.Start)
	in.last = now
	if p.format.IsCodec() {
		in.format = p.format
	}
}

// notRTP counts a packet that could not be read.
func (in *receiver) notRTP() {
	in.mu.Lock()
	in.malformed++
	in.mu.Unlock()
}

// stranger counts a packet that could not leave, and says whether its format
// is to be named.
func (in *receiver) stranger(f media.Format) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.untranslated++
	bit := uint64(1) << f
	first := in.namedFormats&bit == 0
	in.namedFormats |= bit
	return first
}

// expire ends a key whose last packets were lost.
func (in *receiver) expire(now time.Time) (k dtmf.Presses) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.digits.Expire(now, &k)
	return k
}

func (in *receiver) addTo(s *Stats) {
	in.mu.Lock()
	defer in.mu.Unlock()
	s.PacketsIn, s.BytesIn, s.Lost = in.Packets, in.bytes, in.Lost()
	s.Jitter = in.JitterTime()
	s.Foreign, s.Malformed, s.Untranslated = in.foreign, in.malformed, in.untranslated
	s.Unauthentic, s.Replays = in.unauthentic, in.replays
	if in.crypt != nil {
		s.Suite = in.crypt.Suite()
	}
	s.RemoteSSRC, s.Learned, s.LastReceived, s.Format = in.SSRC, in.learn.Source(), in.last, in.format
}
