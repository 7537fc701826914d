package rtp

import (
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/packet"
)

// control is a phone's RTCP port.
func (h *house) control(e *ear) *ear {
	return h.phone(netip.AddrPortFrom(e.addr.Addr(), e.addr.Port()+1).String())
}

func (e *ear) sendRTCP(st *Stream, words ...uint32) {
	var b []byte
	for _, w := range words {
		b = binary.BigEndian.AppendUint32(b, w)
	}
	e.c.WriteTo(b, net.UDPAddrFromAddrPort(netip.AddrPortFrom(at, uint16(st.Port())+1)))
	time.Sleep(5 * time.Millisecond)
}

// part finds a packet of a type in the compounds heard.
func part(packets []heard, kind byte) []byte {
	for _, p := range packets {
		for b := p.raw; len(b) >= 4; {
			n := 4 + 4*int(be16(b[2:]))
			if n > len(b) {
				return nil
			}
			if b[1] == kind {
				return b[:n]
			}
			b = b[n:]
		}
	}
	return nil
}

func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

func TestReports(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw)
		rtcp := h.control(a.e)
		a.v.say(400) // nothing is sent: we only receive
		rr := part(rtcp.take(), packet.TypeRR)
		if len(rr) != 32 || rr[0]&0x1f != 1 || be32(rr[4:]) != a.s.Audio().SSRC() || be32(rr[8:]) != 0x1111 || rr[12] != 0 {
			t.Fatalf("receiver report % x", rr)
		}
		if high := be32(rr[16:]); high < 0x1111 || high > 0x1111+400 {
			t.Errorf("highest sequence number %x", high)
		}
		a.s.Echo(true)
		a.v.seq += 20 // lost
		a.v.say(400)
		got := rtcp.take()
		sr := part(got, packet.TypeSR)
		if len(sr) != 52 || be32(sr[20:]) == 0 || be32(sr[24:]) != 160*be32(sr[20:]) {
			t.Fatalf("sender report % x", sr)
		}
		if lost := be32(sr[32:]) & 0xffffff; lost != 20 || sr[32] == 0 {
			t.Errorf("lost %d, fraction %d, want 20 and some", lost, sr[32])
		}
		if name := part(got, packet.TypeSDES); len(name) != 20 || be32(name[4:]) != a.s.Audio().SSRC() {
			t.Errorf("name % x", name)
		}
		a.s.Close()
		if bye := part(rtcp.take(), packet.TypeBye); len(bye) != 8 || be32(bye[4:]) != a.s.Audio().SSRC() {
			t.Errorf("farewell % x", bye)
		}
	})
}

// A phone that talks to another is told nothing, not even that we live; once it is
// back it is.
func TestNothingIsSaidElsewhere(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw)
		rtcp := h.control(a.e)
		a.s.KeepAlive(time.Second)
		a.v.say(100)
		there := Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}, Elsewhere: true}
		set(t, a.s.Audio(), there)
		rtcp.take()
		a.e.take()
		time.Sleep(30 * time.Second)
		if sound, reports := len(a.e.take()), len(rtcp.take()); sound+reports != 0 {
			t.Errorf("%d packets and %d reports", sound, reports)
		}
		there.Elsewhere = false
		set(t, a.s.Audio(), there)
		time.Sleep(10 * time.Second)
		if sound, reports := len(a.e.take()), len(rtcp.take()); sound < 5 || reports == 0 {
			t.Errorf("back: %d packets and %d reports", sound, reports)
		}
	})
}

func TestReportsOfThePhone(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw)
		rtcp := h.control(a.e)
		a.s.Echo(true)
		a.v.say(400)
		sr := part(rtcp.take(), packet.TypeSR)
		if sr == nil {
			t.Fatal("no report in 8 seconds")
		}
		sent := be32(sr[8:])<<16 | be32(sr[12:])>>16
		elapsed := uint32(packet.NTP(time.Now())>>16) - sent
		ours := a.s.Audio().SSRC()
		// It lay there all the time but 250 ms.
		rtcp.sendRTCP(a.s.Audio(), 0x82c9000d, 0x1111,
			0xdead, 0, 0, 0, 0, 0,
			ours, 0xff<<24|7, 0, 80, sent, elapsed-65536/4)
		s := a.s.Audio().Stats()
		if s.RemoteLost != 7 || s.RemoteJitter != 10*time.Millisecond || s.RTT < 249*time.Millisecond || s.RTT > 260*time.Millisecond {
			t.Errorf("lost %d jitter %v rtt %v, want 7, 10ms, 250ms", s.RemoteLost, s.RemoteJitter, s.RTT)
		}
	})
}

// Our report answers the phone's: when it sent its last one, and how long ago.
func TestReportAnswersReport(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw)
		rtcp := h.control(a.e)
		a.v.say(1)
		rtcp.sendRTCP(a.s.Audio(), 0x80c80006, 0x1111, 0xaaaabbbb, 0xccccdddd, 0, 0, 0)
		begin := time.Now()
		a.v.say(400)
		got := rtcp.take()
		rr := part(got, packet.TypeRR)
		if rr == nil || be32(rr[24:]) != 0xbbbbcccc {
			t.Fatalf("report % x", rr)
		}
		if lay := time.Duration(be32(rr[28:])) * time.Second / 65536; (got[0].at.Sub(begin) - lay).Abs() > 10*time.Millisecond {
			t.Errorf("it lay here %v, not %v", lay, got[0].at.Sub(begin))
		}
	})
}

// Reports from elsewhere are not believed, and don't move ours.
func TestSecurity19ForeignRTCP(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw)
		rtcp, stranger := h.control(a.e), h.phone("203.0.113.66:6667")
		set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}, Symmetric: true})
		a.s.Echo(true)
		a.v.say(10)
		stranger.sendRTCP(a.s.Audio(), 0x81c90007, 0x1111, a.s.Audio().SSRC(), 99, 0, 0, 0, 0)
		a.v.say(600)
		if s := a.s.Audio().Stats(); s.RemoteLost != 0 {
			t.Errorf("a stranger reported a loss of %d", s.RemoteLost)
		}
		if n := len(stranger.take()); n != 0 {
			t.Errorf("the stranger hears %d reports", n)
		}
		if len(rtcp.take()) == 0 {
			t.Error("the phone hears none")
		}
	})
}

// What one phone asks for reaches the phone that sends the picture.
func TestFeedback(t *testing.T) {
	h264 := Payload{Type: 99, Format: media.H264}
	for _, c := range []struct {
		name string
		send func(ours uint32, seq uint16) []uint32
		want func(asker, source uint32, seq uint16) []uint32
	}{
		{"picture lost", func(ours uint32, _ uint16) []uint32 { return []uint32{0x81ce0002, 0xb, ours} },
			func(asker, source uint32, _ uint16) []uint32 { return []uint32{0x81ce0002, asker, source} }},
		{"fresh picture", func(ours uint32, _ uint16) []uint32 { return []uint32{0x84ce0004, 0xb, 0, ours, 7 << 24} },
			func(asker, source uint32, _ uint16) []uint32 {
				return []uint32{0x84ce0004, asker, 0, source, 7 << 24}
			}},
		{"fresh picture of old", func(ours uint32, _ uint16) []uint32 { return []uint32{0x80c00001, ours} },
			func(_, source uint32, _ uint16) []uint32 { return []uint32{0x80c00001, source} }},
		{"packets missed", func(ours uint32, seq uint16) []uint32 {
			return []uint32{0x81cd0003, 0xb, ours, uint32(seq)<<16 | 5}
		}, func(asker, source uint32, seq uint16) []uint32 {
			return []uint32{0x81cd0003, asker, source, uint32(seq)<<16 | 5}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, Options{}, func(h *house) {
				camera := func(addr string) (*Session, *ear, *ear) {
					s, e := h.open(SessionConfig{Video: true}), h.phone(addr)
					set(t, s.Video(), Remote{Addr: e.addr, Payloads: []Payload{h264}})
					return s, e, h.control(e)
				}
				a, ea, ca := camera("198.51.100.1:4000")
				b, eb, cb := camera("198.51.100.2:5000")
				check(t, Connect(a, b))
				va, vb := ea.voice(a.Video(), 99, 0xa), eb.voice(b.Video(), 99, 0xb)
				va.say(5)
				vb.say(5)
				seen := eb.take()
				ca.take()
				cb.sendRTCP(b.Video(), c.send(b.Video().SSRC(), seen[2].Seq)...)
				var want []byte
				for _, w := range c.want(a.Video().SSRC(), 0xa, 0xa+2) {
					want = binary.BigEndian.AppendUint32(want, w)
				}
				got := ca.take()
				if p := part(got, want[1]); string(p) != string(want) {
					t.Errorf("the camera got % x, want % x", p, want)
				}
				if part(got, packet.TypeSR) == nil {
					t.Error("feedback must follow a report")
				}
			})
		})
	}
}

// Class 9: bounds. None of these may be taken for more than it is.
func TestSecurity9BrokenRTCP(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, ulaw)
		rtcp := h.control(a.e)
		a.s.Echo(true)
		a.v.say(3)
		for _, words := range [][]uint32{
			{0x81c9ffff, 1, 2},                 // longer than the packet
			{0x9fc90001, 1},                    // 31 blocks, none there
			{0x81c80001, 1},                    // a sender's report without a sender
			{0x84ce0001, 1},                    // feedback without its subject
			{0x81cd0002, 1, 2},                 // packets missed: none
			{0x84ce0003, 1, 0, 5},              // half an entry
			{0x80c00000},                       // a request to nobody
			{0x81c90007, 1, 0, 0, 0, 0, 0},     // a block cut short
			{0x81cb0001, 1, 0x81c90001, 2, 55}, // a farewell, and rubbish behind
			{},
		} {
			rtcp.sendRTCP(a.s.Audio(), words...)
		}
		a.v.say(2)
		if n := len(a.e.take()); n != 5 {
			t.Errorf("%d of 5 packets after that", n)
		}
	})
}
