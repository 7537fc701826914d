package rtp

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"obelus/media"
	"obelus/media/packet"
	"obelus/media/srtp"
	"obelus/media/wire"
)

// formatSlots is more than there are formats.
const formatSlots = 64

// noPayload marks a format that the phone doesn't take.
const noPayload = 0xff

// sender is the half of a stream that speaks to the phone. Whoever speaks
// through it, what leaves is one RTP stream without a seam.
type sender struct {
	mu        sync.Mutex
	rtp, rtcp wire.Port
	closed    bool

	known     bool
	may       bool // the direction lets us send
	mux       bool
	symmetric bool
	elsewhere bool // it talks to somebody else
	signal    netip.Addr
	payloads  []Payload
	numbers   [formatSlots]uint8 // payload type by format
	types     [128]media.Format
	version   atomic.Uint32 // of payloads and ptime: counts the descriptions
	events    uint8         // payload type of telephone events or noPayload
	// passesEvents says that events of the other phone may pass as they are.
	passesEvents bool
	passing      event     // the last one that did
	keyUntil     time.Time // and until when sound would get between its packets
	eventClock   uint32
	ptime        time.Duration
	target       netip.AddrPort
	control      netip.AddrPort // RTCP
	proven       bool           // somebody at target's address sends to us
	unproven     int            // packets that may go there until then
	maxUnproven  int

	floor []*talker // the last speaks; with none, the route does

	begun  bool
	ssrc   uint32
	seq    uint16 // last sent
	ts     uint32 // likewise
	tsAt   time.Time
	tsRate uint32
	src    origin
	srcSeq uint16 // last sequence number taken from src
	seqOff uint16
	tsOff  uint32

	debug *atomic.Pointer[Debug] // the plane's
	tap   *tap                   // nil where nobody here listens
	cut   cutter
	keep  keeper

	packets, bytes, withheld uint64
	remote                   remoteView
	crypt                    *srtp.Sealer         // nil for plain RTP
	buf                      *[packet.MaxLen]byte // of what we say ourselves; nil where we never did
}

// origin is where the packets come from that are being sent: a source of
// another stream, or a talker of ours.
type origin struct {
	from   *Stream
	ssrc   uint32
	talker *talker
}

// passage is what became of a packet on its way out.
type passage uint8

const (
	quiet    passage = iota // not sent, and no fault: hold, something plays
	passed                  // sent
	stranger                // the phone doesn't take the format
)

func (o *sender) init(unproven int) {
	o.ssrc, o.ts = rand.Uint32(), rand.Uint32()
	o.seq = uint16(rand.Uint32N(1 << 15)) // so that the turn is far off, which SRTP's other side has to guess (RFC 3711 §3.3.1)
	o.events, o.passesEvents, o.maxUnproven, o.unproven = noPayload, true, unproven, unproven
	for i := range o.numbers {
		o.numbers[i] = noPayload
	}
}

// scratch is where a packet of ours is written; o.mu is held. Legs that are only
// relayed never need it.
func (o *sender) scratch() []byte {
	if o.buf == nil {
		o.buf = new([packet.MaxLen]byte)
	}
	return o.buf[:]
}

func (o *sender) open(rtp, rtcp wire.Port) { o.rtp, o.rtcp = rtp, rtcp }

// setRemote takes a description; learned is the source that the receiver
// keeps, if any.
func (o *sender) setRemote(r *Remote, crypt *srtp.Sealer, learned netip.AddrPort) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known, o.may, o.mux = true, r.Direction.sends(), r.Mux
	o.symmetric, o.elsewhere, o.signal, o.ptime = r.Symmetric, r.Elsewhere, r.Signal, r.Ptime
	o.setPayloads(r.Payloads)
	o.setCrypt(crypt)
	o.version.Add(1)
	o.control = r.rtcpAddr()
	before := o.target
	o.target = r.Addr
	if o.symmetric && learned.IsValid() {
		o.target = learned
		o.control = netip.AddrPortFrom(learned.Addr(), o.control.Port())
		if o.mux {
			o.control = learned
		}
	}
	if o.target.Addr() != before.Addr() {
		o.proven, o.unproven = false, o.maxUnproven
	}
	if learned.IsValid() {
		o.prove(learned.Addr())
	}
	o.prove(o.signal)
}

func (o *sender) setPayloads(list []Payload) {
	o.payloads = append([]Payload(nil), list...)
	o.types, o.events = [128]media.Format{}, noPayload
	for i := range o.numbers {
		o.numbers[i] = noPayload
	}
	for _, p := range list {
		o.types[p.Type] = p.Format
		if o.numbers[p.Format] == noPayload {
			o.numbers[p.Format] = p.Type
		}
	}
	o.setEvents()
}

// setEvents picks the telephone events that run by the clock of the first
// codec (RFC 4733 §2.5.1.1 wants one clock for both), else any.
func (o *sender) setEvents() {
	want := 0
	for _, p := range o.payloads {
		switch {
		case p.Format.IsCodec() && want == 0:
			want = p.clock()
		case p.Format == media.TelephoneEvent && (o.events == noPayload || p.clock() == want):
			o.events, o.eventClock = p.Type, uint32(p.clock())
		}
	}
}

// prove notes that somebody at the address sends to us.
func (o *sender) prove(a netip.Addr) {
	if a.IsValid() && a == o.target.Addr() {
		o.proven = true
	}
}

// learned takes the source that the receiver settled on.
func (o *sender) learned(from netip.AddrPort) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.symmetric {
		if o.control.Addr() != from.Addr() {
			o.control = netip.AddrPortFrom(from.Addr(), o.control.Port())
		}
		o.target = from
		if o.mux {
			o.control = from
		}
	}
	o.prove(from.Addr())
}

// heardRTCP takes the source of believable RTCP.
func (o *sender) heardRTCP(from netip.AddrPort) {
	if o.symmetric && !o.mux {
		o.control = from
	}
	o.prove(from.Addr())
}

func (o *sender) canSend(f media.Format) bool {
	if o.numbers[f] != noPayload {
		return true
	}
	other := twin(f)
	return other != media.None && o.numbers[other] != noPayload
}

// relay sends on a packet that came in by another stream, changed where it
// lies.
func (o *sender) relay(from *Stream, b []byte, h *packet.Header, p payload, now time.Time) passage {
	o.mu.Lock()
	defer o.mu.Unlock()
	src := origin{from: from, ssrc: h.SSRC}
	if len(o.floor) > 0 || !o.ready() {
		o.skip(src, h)
		return quiet
	}
	pt, ok := o.translate(b, h, p)
	if !ok {
		o.skip(src, h)
		if p.format.IsCodec() {
			return stranger
		}
		return quiet
	}
	if size := o.cutTo(pt, h); size > 0 {
		o.recut(src, b, h, pt, size, p, now)
		return passed
	}
	out := *h
	out.PT = pt
	if o.turnTo(src, h.Seq, h.TS, p.clock, now) && p.format.IsCodec() && p.format.Kind() == media.Audio {
		out.Marker = true // RFC 3551 §4.1: a new talkspurt begins
	}
	out.Seq, out.TS, out.SSRC = h.Seq+o.seqOff, h.TS+o.tsOff, o.ssrc
	until := out.TS
	if p.format == media.TelephoneEvent {
		out.TS = o.eventTime(src, h.TS, out.TS, h.Payload(b), now)
		if until = out.TS; int32(o.ts-until) > 0 {
			until = o.ts // a repeat, behind sound that came after it
		}
	}
	out.Rewrite(b)
	o.advance(out.Seq, until, p.clock, now)
	o.transmit(b, h.End-h.Start)
	if packet.Newer(h.Seq, o.srcSeq) {
		o.srcSeq = h.Seq
	}
	return passed
}

// ready says whether anything may be sent now.
func (o *sender) ready() bool { return o.may && !o.closed && listens(o.target) }

// turnTo makes src the one whose packets are sent: where it is another than
// before, its sequence numbers and timestamps are laid behind the last ones
// sent, with as much time between as went by. So it is with a source that begins
// to count anew under its name.
func (o *sender) turnTo(src origin, seq uint16, ts, clock uint32, now time.Time) bool {
	if o.begun && o.src == src && (src.from == nil || !packet.Leap(seq, o.srcSeq)) {
		return false
	}
	next := o.ts
	if o.begun {
		gap := max(now.Sub(o.tsAt), media.Frame)
		next += uint32(int64(gap/time.Microsecond) * int64(clock) / 1e6)
	}
	o.begun, o.src, o.srcSeq = true, src, seq
	o.seqOff, o.tsOff = o.seq+1-seq, next-ts
	return true
}

// skip closes the gap that a packet left which was not sent: the phone must
// not take it for lost.
func (o *sender) skip(src origin, h *packet.Header) {
	if o.begun && o.src == src && packet.Newer(h.Seq, o.srcSeq) {
		o.srcSeq = h.Seq
		o.seqOff--
	}
}

// leavesOut closes the gap of a packet that is held back; false where it could
// not pass as it is anyway.
func (o *sender) leavesOut(from *Stream, h *packet.Header, f media.Format) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.canSend(f) {
		return false
	}
	o.skip(origin{from: from, ssrc: h.SSRC}, h)
	return true
}

func (o *sender) advance(seq uint16, ts, clock uint32, now time.Time) {
	if packet.Newer(seq, o.seq) {
		o.seq = seq
		if ts != o.ts || o.packets == 0 {
			o.ts, o.tsAt, o.tsRate = ts, now, clock
		}
	}
}

// transmit sends a packet to the phone, unless too many went there already
// with nobody known to listen.
func (o *sender) transmit(b []byte, size int) {
	if o.tap != nil {
		o.overhear(b)
	}
	if !o.spend() {
		return
	}
	if d := o.debug.Load(); d != nil {
		d.sent(o.target, b)
	}
	b, ok := o.protect(b)
	if ok && o.rtp.Send(b, o.target) == nil {
		o.packets++
		o.bytes += uint64(size)
	}
}

// spend says whether a packet may go to the phone's address.
func (o *sender) spend() bool {
	if o.proven {
		return true
	}
	if o.unproven <= 0 {
		o.withheld++
		return false
	}
	o.unproven--
	return true
}

func (o *sender) close() error {
	o.mu.Lock()
	if o.closed {
		o.mu.Unlock()
		return nil
	}
	o.sayBye(time.Now())
	o.closed = true
	o.mu.Unlock()
	return errors.Join(o.rtp.Close(), o.rtcp.Close())
}

func (o *sender) addTo(s *Stats) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.PacketsOut, s.BytesOut, s.Withheld, s.SSRC = o.packets, o.bytes, o.withheld, o.ssrc
	s.RTT, s.RemoteLost, s.RemoteJitter = o.remote.rtt, o.remote.lost, o.remote.jitter(o.tsRate)
}
