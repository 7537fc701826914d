package rtp

import (
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/packet"
)

// all that a phone in the fuzzer may send.
var anySound = []Payload{
	ulaw, alaw, g722, {Type: 3, Format: media.GSM}, {Type: 111, Format: media.G726}, {Type: 118, Format: media.Slin}, {Type: 119, Format: media.Slin48},
	{Type: 107, Format: media.Opus}, {Type: 5, Format: media.ADPCM}, {Type: 13, Format: media.ComfortNoise}, keys10,
}

// Whatever a phone sends, in whatever order and format, its lane goes on: no
// packet hits a fault, and what leaves is one stream of packets of one length.
func FuzzTranslate(f *testing.F) {
	f.Add([]byte{0, 1, 1, 160, 2, 1, 1, 40, 9, 1, 1, 160}, false)
	f.Add([]byte{7, 1, 1, 20, 7, 1, 1, 3, 7, 1, 1, 0, 9, 2, 2, 1, 7, 1, 1, 50}, true)
	f.Add([]byte{3, 1, 1, 33, 3, 5, 5, 34, 10, 1, 0, 4, 3, 250, 250, 255, 6, 1, 1, 255}, true)
	f.Fuzz(func(t *testing.T, b []byte, inband bool) {
		p, err := New(Options{Engine: EngineGo, Log: slog.New(slog.NewTextHandler(alarm{t}, &slog.HandlerOptions{Level: slog.LevelError}))})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		l := newBenchLane(t, p, ulaw, Payload{Type: 120, Format: media.Slin16})
		far := netip.MustParseAddrPort("127.0.0.1:9")
		set(t, l.a, Remote{Addr: far, Payloads: anySound, Signal: far.Addr()})
		if inband {
			l.a.session.SetKeys(KeyRules{Mode: KeysAsTones})
		}
		heard := &recorder{t: t}
		l.a.route.Load().out.rtp = heard
		seq, ts, now := uint16(1), uint32(0), time.Now()
		for ; len(b) >= 4; b = b[4:] {
			kind := anySound[int(b[0])%len(anySound)]
			seq, ts, now = seq+uint16(int8(b[1])), ts+160*uint32(int8(b[2])), now.Add(media.Frame)
			n := min(int(b[3])*(1+int(b[0]>>5)), len(b)*50, 1500)
			payload := make([]byte, n)
			for i := range payload {
				payload[i] = b[i%len(b)]
			}
			packet := rtpBytes(packet.Header{PT: kind.Type, Seq: seq, TS: ts, SSRC: 7}, payload)
			l.a.rtpPacket(packet, far, now)
			if lane := l.a.lane.Load(); lane.busy() && !lane.turn(now) {
				lane.mu.Lock()
				lane.begun, lane.since = true, now.Add(-time.Second)
				lane.mu.Unlock()
			}
		}
	})
}

// alarm fails a test for what is logged: faults are caught where packets are
// handled, and logged.
type alarm struct{ t *testing.T }

func (a alarm) Write(b []byte) (int, error) {
	a.t.Errorf("logged: %s", b)
	return len(b), nil
}

// recorder is a port that checks what leaves by it.
type recorder struct {
	t    *testing.T
	last packet.Header
	any  bool
}

func (r *recorder) Send(b []byte, _ netip.AddrPort) error {
	h, ok := packet.Parse(b)
	if !ok {
		r.t.Fatalf("no RTP leaves: %x", b)
	}
	if r.any && (h.Seq != r.last.Seq+1 || h.SSRC != r.last.SSRC) {
		r.t.Fatalf("sequence number %d after %d", h.Seq, r.last.Seq)
	}
	if h.PT != 120 || h.End-h.Start != 640 {
		r.t.Fatalf("%d bytes of type %d", h.End-h.Start, h.PT)
	}
	r.last, r.any = h, true
	return nil
}

func (*recorder) Close() error { return nil }
