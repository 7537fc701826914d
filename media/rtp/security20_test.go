package rtp

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"obelus/media"
	"obelus/media/packet"
	"obelus/media/srtp"
)

// attacked is a call between a phone with SRTP and a plain one, and a stranger who
// reads along.
type attacked struct {
	*house
	a, far   *leg
	keys     *secure
	stranger *ear
	port     netip.AddrPort // of a at the plane
}

func underAttack(t *testing.T, o Options, suite srtp.Suite, f func(t *testing.T, x *attacked)) {
	t.Helper()
	inHouse(t, o, func(h *house) {
		a, keys := h.secureLeg("198.51.100.1:4000", 0x1111, keysFor(suite, 1), ulaw)
		far := h.leg("198.51.100.2:5000", 0x2222, ulaw)
		check(h.t, Connect(a.s, far.s))
		f(h.t, &attacked{h, a, far, keys, h.phone("203.0.113.66:6666"), netip.AddrPortFrom(at, uint16(a.s.Audio().Port()))})
	})
}

// goesOn says that the call is what it was: the phone is heard and hears, the
// stranger does not.
func (x *attacked) goesOn() {
	x.t.Helper()
	x.far.e.take()
	x.a.v.saySecure(x.keys, 5)
	if n := len(x.far.e.take()); n != 5 {
		x.t.Errorf("%d of 5 packets of the phone are heard", n)
	}
	x.a.e.take()
	x.far.v.say(5)
	if got := x.keys.open(x.a.e.take()); len(got) != 5 {
		x.t.Errorf("the phone hears %d of 5 packets", len(got))
	}
	if n := len(x.stranger.take()); n != 0 {
		x.t.Errorf("the stranger hears %d packets", n)
	}
	if from := x.a.s.Audio().Stats().Learned; from != x.a.e.addr {
		x.t.Errorf("the source is now %s", from)
	}
}

// TestSecurity20Replay sends a phone's packets again, from elsewhere and in its name:
// they are heard once, and the call goes on (CVE-2021-26712).
func TestSecurity20Replay(t *testing.T) {
	for _, suite := range everySuite {
		underAttack(t, Options{}, suite, func(t *testing.T, x *attacked) {
			sent := x.a.v.saySecure(x.keys, 50)
			if n := len(x.far.e.take()); n != 50 {
				t.Fatalf("%d of 50 packets", n)
			}
			for _, from := range []*ear{x.stranger, x.a.e} {
				for _, b := range sent {
					from.send(x.port, bytes.Clone(b))
				}
			}
			if n := len(x.far.e.take()); n != 0 {
				t.Errorf("%s: %d packets are heard again", suite, n)
			}
			if s := x.a.s.Audio().Stats(); s.Replays != 50 || s.PacketsIn != 50 || s.Foreign != 50 {
				t.Errorf("%s: %+v", suite, s)
			}
			x.goesOn()
		})
	}
}

// TestSecurity20OvertakingReplay has a stranger's copy of each packet arrive before
// the phone's own: it is not heard, and the phone's own is.
func TestSecurity20OvertakingReplay(t *testing.T) {
	underAttack(t, Options{}, srtp.AES128GCM, func(t *testing.T, x *attacked) {
		x.a.v.saySecure(x.keys, 5)
		x.far.e.take()
		for range 20 {
			b := x.keys.seal(x.a.v.packet(make([]byte, 160)))
			x.stranger.send(x.port, bytes.Clone(b))
			time.Sleep(media.Frame)
			x.a.e.send(x.port, b)
		}
		if n := len(x.far.e.take()); n != 20 {
			t.Errorf("%d of 20 packets are heard", n)
		}
		if s := x.a.s.Audio().Stats(); s.Foreign != 20 || s.Replays != 0 || s.Learned != x.a.e.addr {
			t.Errorf("%+v", s)
		}
		x.goesOn()
	})
}

// TestSecurity20Garbage floods a stream with what is no packet of the phone, also in
// its name and with its SSRC and numbers: nothing is heard of it and the call goes on
// (CVE-2021-41105).
func TestSecurity20Garbage(t *testing.T) {
	for _, lenient := range []bool{false, true} {
		for _, suite := range everySuite {
			underAttack(t, Options{Lenient: lenient}, suite, func(t *testing.T, x *attacked) {
				set(t, x.a.s.Audio(), Remote{Addr: x.a.e.addr, Payloads: []Payload{ulaw}, Symmetric: true, Crypto: keysFor(suite, 1)})
				dice := rand.New(rand.NewPCG(1, 2))
				flood := func(e *ear, n int) {
					for i := range n {
						b := x.a.v.packet(make([]byte, dice.IntN(200)))
						for j := range b[packet.HeaderLen:] {
							b[packet.HeaderLen+j] = byte(dice.Uint32())
						}
						switch i % 4 {
						case 0:
							b = b[:dice.IntN(len(b))]
						case 1:
							binary.BigEndian.PutUint32(b[8:], dice.Uint32())
						case 2:
							binary.BigEndian.PutUint16(b[2:], uint16(dice.Uint32()))
						}
						e.send(x.port, b)
					}
					synctest.Wait()
				}
				seq, ts := x.a.v.seq, x.a.v.ts
				flood(x.stranger, 500) // before the phone is known
				x.a.v.seq, x.a.v.ts = seq, ts
				x.a.v.saySecure(x.keys, 10)
				seq, ts = x.a.v.seq, x.a.v.ts
				x.far.e.take()
				flood(x.stranger, 500)
				flood(x.a.e, 500)
				x.a.v.seq, x.a.v.ts = seq, ts
				if n := len(x.far.e.take()); n != 0 {
					t.Errorf("%s: %d packets of garbage are heard", suite, n)
				}
				if s := x.a.s.Audio().Stats(); s.PacketsIn != 10 || s.Unauthentic+s.Replays+s.Foreign < 1450 || s.Unauthentic < 900 {
					t.Errorf("%s: %+v", suite, s)
				}
				x.goesOn()
			})
		}
	}
}

// TestSecurity20WrongKey and plain packets: neither is heard nor learned, before and
// after the phone is, from the very address that the description names.
func TestSecurity20WrongKey(t *testing.T) {
	for _, suite := range everySuite {
		underAttack(t, Options{}, suite, func(t *testing.T, x *attacked) {
			wrong := phoneKeys(t, keysFor(suite, 77))
			for range 2 {
				x.a.v.saySecure(wrong, 20)
				x.a.v.say(20)
				if n := len(x.far.e.take()); n != 0 {
					t.Errorf("%s: %d packets are heard", suite, n)
				}
				s := x.a.s.Audio().Stats()
				if s.Unauthentic != 40 && s.Unauthentic != 80 {
					t.Errorf("%s: %+v", suite, s)
				}
				if s.PacketsIn == 0 && s.Learned.IsValid() {
					t.Errorf("%s: %s was learned", suite, s.Learned)
				}
				x.a.v.saySecure(x.keys, 5)
				x.far.e.take()
			}
			x.goesOn()
		})
	}
}

// TestSecurity20Reflected sends our own packets back to us.
func TestSecurity20Reflected(t *testing.T) {
	underAttack(t, Options{}, srtp.AES128SHA80, func(t *testing.T, x *attacked) {
		x.a.v.saySecure(x.keys, 5)
		x.far.v.say(10)
		heard := x.a.e.take()
		x.far.e.take()
		for _, p := range heard {
			x.a.e.send(x.port, p.raw)
		}
		if n := len(x.far.e.take()); n != 0 {
			t.Errorf("%d packets came back to who sent them", n)
		}
		if s := x.a.s.Audio().Stats(); s.Unauthentic != 10 {
			t.Errorf("%+v", s)
		}
	})
}

// TestSecurity20ManySources has a phone with the keys fill what is remembered of it.
func TestSecurity20ManySources(t *testing.T) {
	a, b, from := pair(slog.New(slog.DiscardHandler), ulaw)
	c := keysFor(srtp.AES128GCM, 1)
	check(t, a.SetRemote(Remote{Addr: from, Payloads: []Payload{ulaw}, Signal: from.Addr(), Crypto: c}))
	phone := phoneKeys(t, c)
	now := time.Now()
	for ssrc := range uint32(3 * 1024) {
		for range 2 {
			a.rtpPacket(phone.seal(rtpBytes(packet.Header{PT: 0, Seq: 1, TS: 1, SSRC: ssrc}, []byte{1})), from, now)
			a.rtcpPacket(phone.sealRTCP([]byte{0x80, packet.TypeRR, 0, 1, byte(ssrc >> 24), byte(ssrc >> 16), byte(ssrc >> 8), byte(ssrc)}), from, now)
		}
	}
	a.rtpPacket(phone.seal(rtpBytes(packet.Header{PT: 0, Seq: 2, TS: 2, SSRC: 7}, []byte{1})), from, now)
	if s := b.Stats(); s.PacketsOut == 0 {
		t.Error("nothing passes any more")
	}
}

// TestTakeReplays is srtpreplayprotection=no.
func TestTakeReplays(t *testing.T) {
	underAttack(t, Options{TakeReplays: true}, srtp.AES128SHA80, func(t *testing.T, x *attacked) {
		sent := x.a.v.saySecure(x.keys, 3)
		x.a.e.send(x.port, bytes.Clone(sent[2]))
		synctest.Wait()
		if s := x.a.s.Audio().Stats(); s.PacketsIn != 4 || s.Replays != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestSecurity20NoTwoTimePad has a plain phone's packets come twice, late, in
// another order and after some that are not passed on: no number goes out under our
// key a second time, or both could be read (RFC 3711 §9.1).
func TestSecurity20NoTwoTimePad(t *testing.T) {
	dice := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		underAttack(t, Options{}, srtp.AES128SHA80, func(t *testing.T, x *attacked) {
			x.a.v.saySecure(x.keys, 5)
			first := x.far.v.seq
			for i := range 300 {
				v := *x.far.v
				v.seq += uint16(i) + uint16(dice.IntN(9)) - 4
				v.ts = uint32(v.seq-first) * 160
				switch dice.IntN(12) {
				case 0:
					v.pt = 0x60 // that the other phone does not take
				case 1:
					v.seq -= uint16(dice.IntN(500))
				}
				b := v.packet(bytes.Repeat([]byte{byte(dice.Uint32())}, 160))
				v.e.send(v.to, b)
			}
			seen := make(map[uint16][]byte)
			got := x.a.e.take()
			for _, p := range got {
				if before := seen[p.Seq]; before != nil && !bytes.Equal(before, p.raw) {
					t.Fatalf("number %d went out twice", p.Seq)
				}
				seen[p.Seq] = p.raw
			}
			if len(got) < 150 {
				t.Errorf("only %d packets went out", len(got))
			}
			x.keys.open(got) // each can be decrypted, whatever the order
		})
	}
}

// TestSourceBeginsAnew has a plain phone count anew under its name: the phone with
// SRTP hears it as one stream.
func TestSourceBeginsAnew(t *testing.T) {
	underAttack(t, Options{}, srtp.AES128SHA80, func(t *testing.T, x *attacked) {
		x.a.v.saySecure(x.keys, 5)
		x.far.v.say(5)
		x.far.v.seq -= 10000
		x.far.v.say(5)
		got := x.keys.open(x.a.e.take())
		if len(got) != 10 {
			t.Fatalf("%d of 10 packets", len(got))
		}
		whole(t, got)
	})
}

// FuzzSRTP sends anything to a stream with SRTP: nothing of it passes, nothing is
// learned, and the phone is heard afterwards.
func FuzzSRTP(f *testing.F) {
	f.Add([]byte{}, uint8(0), false)
	f.Add(rtpBytes(packet.Header{PT: 0, Seq: 7, TS: 9, SSRC: 11}, []byte{1, 2, 3, 4}), uint8(1), false)
	f.Add(append([]byte{0x90, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 5, 0xbe, 0xde, 0, 1, 0x10, 0, 0, 0}, make([]byte, 20)...), uint8(3), false)
	f.Add(append([]byte{0x81, 200, 0, 6}, make([]byte, 40)...), uint8(4), true)
	f.Fuzz(func(t *testing.T, b []byte, n uint8, mki bool) {
		if len(b) > packet.MaxLen {
			return
		}
		x, y, from := pair(slog.New(slog.NewTextHandler(failOn{t}, nil)), ulaw)
		c := keysFor(everySuite[int(n)%len(everySuite)], 1)
		if mki {
			c.RemoteMKI = []byte{1}
		}
		check(t, x.SetRemote(Remote{Addr: from, Payloads: []Payload{ulaw}, Signal: from.Addr(), Mux: true, Crypto: c}))
		now := time.Unix(1e9, 0)
		x.rtpPacket(bytes.Clone(b), from, now)
		x.rtcpPacket(bytes.Clone(b), from, now)
		if s := x.Stats(); s.PacketsIn != 0 || s.Learned.IsValid() || y.Stats().PacketsOut != 0 {
			t.Fatalf("%x passed: %+v", b, s)
		}
		phone := phoneKeys(t, c)
		x.rtpPacket(phone.seal(rtpBytes(packet.Header{PT: 0, Seq: 7, TS: 9, SSRC: 11}, []byte{1})), from, now)
		if y.Stats().PacketsOut != 1 {
			t.Fatalf("after %x the phone is not heard", b)
		}
	})
}
