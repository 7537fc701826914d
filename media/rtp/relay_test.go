package rtp

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/dtmf"
	"obelus/media/packet"
)

func TestRelay(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw, keys96)
		b := h.leg("198.51.100.2:5000", 0x2222, ulaw, keys10)
		if err := Connect(a.s, b.s); err != nil {
			t.Fatal(err)
		}
		a.v.say(50)
		got := b.e.take()
		if len(got) != 50 {
			t.Fatalf("%d of 50 packets came through", len(got))
		}
		whole(t, got)
		if !got[0].Marker || got[1].Marker {
			t.Errorf("markers %v %v: the first begins a talkspurt, no other", got[0].Marker, got[1].Marker)
		}
		if got[0].SSRC != b.s.Audio().SSRC() || got[0].SSRC == 0x1111 {
			t.Errorf("ssrc %x: b hears the plane's own", got[0].SSRC)
		}
		if got[0].from.Port() != uint16(b.s.Audio().Port()) {
			t.Errorf("from port %d: media leaves by b's own port %d", got[0].from.Port(), b.s.Audio().Port())
		}
		s := a.s.Audio().Stats()
		if s.PacketsIn != 50 || s.Learned != a.e.addr || s.Format != media.Ulaw || s.RemoteSSRC != 0x1111 || s.Lost != 0 {
			t.Errorf("stats in %+v", s)
		}
		if s = b.s.Audio().Stats(); s.PacketsOut != 50 || s.BytesOut != 8000 {
			t.Errorf("stats out %+v", s)
		}
		b.v.say(3)
		if got := a.e.take(); len(got) != 3 {
			t.Errorf("%d of 3 packets came back", len(got))
		}
	})
}

// Hold, a new partner, a prompt, echo: the phone must hear one stream.
func TestOneStreamOverAllChanges(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw)
		b := h.leg("198.51.100.2:5000", 0x2222, ulaw)
		c := h.leg("198.51.100.3:6000", 0x3333, alaw)
		a.v.say(1)
		check(t, Connect(a.s, b.s))
		b.v.say(5)
		check(t, Connect(a.s, c.s))
		c.v.say(5)
		b.v.say(5) // no longer connected
		check(t, a.s.Play(h.t.Context(), &ramp{left: 800, rate: 8000}))
		c.v.say(5)
		a.s.Part()
		time.Sleep(time.Second)
		a.s.Echo(true)
		a.v.say(5)
		got := a.e.take()
		if len(got) != 25 {
			t.Fatalf("a heard %d packets, not 25", len(got))
		}
		whole(t, got)
		for i, p := range got {
			if want := i%5 == 0; p.Marker != want {
				t.Errorf("packet %d: marker %v: each change begins a talkspurt", i, p.Marker)
			}
		}
		if gap := got[20].TS - got[19].TS; gap < 8000 || gap > 8400 {
			t.Errorf("timestamp grew by %d over a second of silence", gap)
		}
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A packet that overtakes another, and one that is lost, stay so.
func TestRelayKeepsOrderAndLoss(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw)
		b := h.leg("198.51.100.2:5000", 0x2222, ulaw)
		check(t, Connect(a.s, b.s))
		for _, seq := range []uint16{65534, 65535, 1, 0, 2, 4} {
			a.v.seq = seq
			a.v.say(1)
		}
		var steps []int16
		got := b.e.take()
		for i := 1; i < len(got); i++ {
			steps = append(steps, int16(got[i].Seq-got[i-1].Seq))
		}
		want := []int16{1, 2, -1, 2, 2}
		if len(steps) != len(want) {
			t.Fatalf("steps %v, want %v", steps, want)
		}
		for i := range want {
			if steps[i] != want[i] {
				t.Fatalf("steps %v, want %v", steps, want)
			}
		}
		if lost := a.s.Audio().Stats().Lost; lost != 1 {
			t.Errorf("lost %d, want 1", lost)
		}
	})
}

func TestTranslateWhereItLies(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw)
		b := h.leg("198.51.100.2:5000", 0x2222, alaw)
		check(t, Connect(a.s, b.s))
		var all [256]byte
		for i := range all {
			all[i] = byte(i)
		}
		a.v.say(1, all[:]...)
		b.v.say(1, all[:]...)
		toA, toB := a.e.take(), b.e.take()
		if len(toA) != 1 || len(toB) != 1 || toA[0].PT != 0 || toB[0].PT != 8 {
			t.Fatalf("a heard %d, b heard %d", len(toA), len(toB))
		}
		for i := range all {
			if want := codec.EncodeAlaw(codec.DecodeUlaw(byte(i))); toB[0].body()[i] != want {
				t.Errorf("µ-law %02x became %02x, want %02x", i, toB[0].body()[i], want)
			}
			if want := codec.EncodeUlaw(codec.DecodeAlaw(byte(i))); toA[0].body()[i] != want {
				t.Errorf("A-law %02x became %02x, want %02x", i, toA[0].body()[i], want)
			}
		}
	})
}

// The numbers on both sides differ; what neither side can make is dropped,
// counted and named once.
func TestFormatsByName(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		var named []media.Format
		hooks := Hooks{Dropped: func(_ media.Kind, f media.Format) { named = append(named, f) }}
		opus, opus2 := Payload{Type: 107, Format: media.Opus}, Payload{Type: 111, Format: media.Opus}
		s := h.open(SessionConfig{Hooks: hooks})
		e := h.phone("198.51.100.1:4000")
		set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{opus, g729}})
		b := h.leg("198.51.100.2:5000", 0x2222, opus2, ulaw)
		check(t, Connect(s, b.s))
		v := e.voice(s.Audio(), 107, 0x1111)
		v.say(2)
		v.pt = 18
		v.say(4)
		v.pt = 107
		v.say(2)
		got := b.e.take()
		if len(got) != 4 || got[0].PT != 111 {
			t.Fatalf("b heard %d packets of type %d", len(got), got[0].PT)
		}
		whole(t, got)
		if len(named) != 1 || named[0] != media.G729 || s.Audio().Stats().Untranslated != 4 {
			t.Errorf("named %v, counted %d", named, s.Audio().Stats().Untranslated)
		}
	})
}

func TestConnectNoCommonFormat(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, g729)
		if err := Connect(a.s, b.s); !errors.Is(err, ErrNoFormat) {
			t.Errorf("err = %v", err)
		}
	})
}

func TestDirections(t *testing.T) {
	for _, c := range []struct {
		d         Direction
		out, back int
	}{{SendRecv, 5, 5}, {SendOnly, 5, 0}, {RecvOnly, 0, 5}, {Inactive, 0, 0}} {
		t.Run(c.d.String(), func(t *testing.T) {
			inHouse(t, Options{}, func(h *house) {
				a := h.leg("198.51.100.1:4000", 1, ulaw)
				b := h.leg("198.51.100.2:5000", 2, ulaw)
				check(t, Connect(a.s, b.s))
				set(t, b.s.Audio(), Remote{Addr: b.e.addr, Payloads: []Payload{ulaw}, Direction: c.d})
				a.v.say(5)
				b.v.say(5)
				if n := len(b.e.take()); n != c.out {
					t.Errorf("%d packets to the phone, want %d", n, c.out)
				}
				if n := len(a.e.take()); n != c.back {
					t.Errorf("%d packets from the phone, want %d", n, c.back)
				}
			})
		})
	}
}

// The hold of RFC 2543: nothing goes to 0.0.0.0.
func TestHoldByAddress(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, ulaw)
		check(t, Connect(a.s, b.s))
		set(t, b.s.Audio(), Remote{Addr: netip.MustParseAddrPort("0.0.0.0:5000"), Payloads: []Payload{ulaw}})
		a.v.say(5)
		set(t, b.s.Audio(), Remote{Addr: b.e.addr, Payloads: []Payload{ulaw}})
		a.v.say(5)
		got := b.e.take()
		if len(got) != 5 {
			t.Fatalf("b heard %d packets, want 5", len(got))
		}
		whole(t, got)
	})
}

func TestEcho(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		s := h.open(SessionConfig{Video: true})
		e, pic := h.phone("198.51.100.1:4000"), h.phone("198.51.100.1:4002")
		set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{ulaw, keys10}})
		set(t, s.Video(), Remote{Addr: pic.addr, Payloads: []Payload{{Type: 99, Format: media.H264}}})
		s.Echo(true)
		a, v := e.voice(s.Audio(), 0, 1), pic.voice(s.Video(), 99, 2)
		a.say(3, 1, 2, 3)
		a.key(101, a.ts, true, dtmf.Event{Code: 5, Duration: 160})
		v.say(2, 7, 8)
		sound, pictures := e.take(), pic.take()
		if len(sound) != 4 || len(pictures) != 2 {
			t.Fatalf("echoed %d and %d packets, want 4 and 2", len(sound), len(pictures))
		}
		if !bytes.Equal(sound[0].body(), []byte{1, 2, 3}) || sound[3].PT != 101 || !bytes.Equal(pictures[0].body(), []byte{7, 8}) {
			t.Errorf("the echo differs from what was sent")
		}
		whole(t, sound)
		if pictures[0].Marker {
			t.Errorf("a marker was put on a picture: there it ends one")
		}
		s.Echo(false)
		a.say(1)
		if n := len(e.take()); n != 0 {
			t.Errorf("%d packets after the end of echo", n)
		}
	})
}

// Redundant text carries payload types inside (RFC 2198).
func TestRedundantTextIsRenumbered(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		text := func(addr string, red, t140 uint8) (*Session, *ear) {
			s := h.open(SessionConfig{Text: true})
			e := h.phone(addr)
			set(t, s.Text(), Remote{Addr: e.addr, Payloads: []Payload{{Type: red, Format: media.Red}, {Type: t140, Format: media.T140}}})
			return s, e
		}
		a, ea := text("198.51.100.1:4000", 105, 106)
		b, eb := text("198.51.100.2:5000", 98, 99)
		check(t, Connect(a, b))
		v := ea.voice(a.Text(), 105, 1)
		v.say(1, 0x80|106, 0, 0, 1, 106, 'o', 'k')
		v.say(1, 0x80|106, 0, 0, 200, 106, 'o', 'k') // longer than the packet
		v.say(1, 0x80|106, 0)                        // cut in a header
		v.say(1)                                     // 160 blocks of type 0
		got := eb.take()
		if len(got) == 0 || got[0].PT != 98 || !bytes.Equal(got[0].body(), []byte{0x80 | 99, 0, 0, 1, 99, 'o', 'k'}) {
			t.Fatalf("got %d packets", len(got))
		}
		if len(got) != 2 {
			t.Errorf("%d packets came through, want the 2 that can be read", len(got))
		}
	})
}

// rtcp-mux: reports come and go by the RTP port (RFC 5761).
func TestMux(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		s := h.open(SessionConfig{})
		e := h.phone("198.51.100.1:4000")
		set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{ulaw}, Mux: true})
		s.Echo(true)
		v := e.voice(s.Audio(), 0, 1)
		v.say(500)
		var reports int
		for _, p := range e.take() {
			if packet.IsRTCP(p.raw) {
				reports++
			}
		}
		if reports == 0 {
			t.Error("no report came by the RTP port in 10 seconds")
		}
		e.c.WriteTo(make([]byte, 1), net.UDPAddrFromAddrPort(v.to))
	})
}
