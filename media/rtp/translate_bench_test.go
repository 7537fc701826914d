package rtp

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/packet"
)

// sink is a port that leads nowhere: what is measured is the plane.
type sink struct{}

func (sink) Send([]byte, netip.AddrPort) error { return nil }
func (sink) Close() error                      { return nil }

// benchLane is one direction of a translated call, turned by hand.
type benchLane struct {
	a       *Stream
	from    netip.AddrPort
	packets [][]byte
	b       []byte
	n       int
	seq     uint16
	ts      uint32
	step20  uint32
	now     time.Time
}

func newBenchLane(tb testing.TB, p *Plane, from, to Payload) *benchLane {
	tb.Helper()
	open := func(far netip.AddrPort, ps Payload) *Session {
		s, err := p.Open(SessionConfig{Bind: netip.MustParseAddr("127.0.0.1")})
		if err != nil {
			tb.Fatal(err)
		}
		if err := s.audio.SetRemote(Remote{Addr: far, Payloads: []Payload{ps}, Signal: far.Addr()}); err != nil {
			tb.Fatal(err)
		}
		s.audio.out.rtp.Close()
		s.audio.out.rtp = sink{}
		tb.Cleanup(func() { s.Close() })
		return s
	}
	far := netip.MustParseAddrPort("127.0.0.1:9")
	a, b := open(far, from), open(netip.MustParseAddrPort("127.0.0.1:11"), to)
	if err := Connect(a, b); err != nil {
		tb.Fatal(err)
	}
	l := &benchLane{a: a.audio, from: far, now: time.Now(), step20: uint32(from.clock() / 50)}
	enc, _ := codec.NewEncoder(from.Format)
	pcm := make([]int16, from.Format.Rate()/50)
	for i := range 50 {
		for k := range pcm {
			x := float64(i*len(pcm)+k) / float64(from.Format.Rate())
			pcm[k] = int16(8000 * math.Sin(2*math.Pi*(300+20*float64(i))*x))
		}
		l.packets = append(l.packets, rtpBytes(packet.Header{PT: from.Type, SSRC: 7}, enc.Encode(nil, pcm)))
	}
	// The lane is turned here, not by a worker.
	lane := a.audio.hasLane()
	lane.begun, lane.since = true, l.now.Add(-time.Second)
	return l
}

// step is 20 ms: a packet comes in, a frame is made.
func (l *benchLane) step() {
	p := l.packets[l.n%len(l.packets)]
	l.b = append(l.b[:0], p...)
	l.seq, l.ts, l.n = l.seq+1, l.ts+l.step20, l.n+1
	h := packet.Header{PT: p[1] & 0x7f, Seq: l.seq, TS: l.ts, SSRC: 7}
	h.Rewrite(l.b)
	l.now = l.now.Add(media.Frame)
	l.a.rtpPacket(l.b, l.from, l.now)
	if lane := l.a.lane.Load(); l.n > 2 && lane.duty.carries {
		lane.turn(l.now)
	}
}

// BenchmarkTranscode is the plane's work for a packet of 20 ms on its way from one
// format to another: learning, jitter buffer, codecs, sending, without the
// network's.
func BenchmarkTranscode(b *testing.B) {
	for _, pair := range [][2]Payload{
		{ulaw, ulaw}, {ulaw, alaw}, {ulaw, g722}, {g722, ulaw}, {ulaw, {Type: 3, Format: media.GSM}}, {{Type: 3, Format: media.GSM}, ulaw},
		{ulaw, {Type: 111, Format: media.G726}}, {{Type: 111, Format: media.G726}, ulaw}, {ulaw, {Type: 118, Format: media.Slin}}, {g722, {Type: 3, Format: media.GSM}},
	} {
		b.Run(pair[0].Format.String()+"-"+pair[1].Format.String(), func(b *testing.B) {
			p, err := New(Options{Engine: EngineGo})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Close()
			l := newBenchLane(b, p, pair[0], pair[1])
			for b.Loop() {
				l.step()
			}
			if l.n > 10 && l.a.route.Load().out.packets == 0 {
				b.Fatal("nothing was sent")
			}
		})
	}
}

// BenchmarkSeekKeys is the same where keys are looked for in the sound.
func BenchmarkSeekKeys(b *testing.B) {
	p, err := New(Options{Engine: EngineGo})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	l := newBenchLane(b, p, ulaw, ulaw)
	l.a.session.SetKeys(KeyRules{Mode: KeysAsTones})
	l.a.route.Load().session.SetKeys(KeyRules{Mode: KeysElsewhere})
	for b.Loop() {
		l.step()
	}
}
