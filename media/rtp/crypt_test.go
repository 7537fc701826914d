package rtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	pion "github.com/pion/srtp/v3"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/packet"
	"obelus/media/srtp"
)

var everySuite = []srtp.Suite{srtp.AES128SHA80, srtp.AES128SHA32, srtp.AES256SHA80, srtp.AES128GCM, srtp.AES256GCM}

// keysFor are keys of a test: the same for the same number.
func keysFor(s srtp.Suite, n byte) *srtp.Crypto {
	fill := func(first byte) []byte {
		b := make([]byte, s.KeyLen())
		for i := range b {
			b[i] = first + byte(i)
		}
		return b
	}
	return &srtp.Crypto{Suite: s, Local: fill(n), Remote: fill(n + 100)}
}

// secure is what a phone does with packets, by pion's contexts: keys are those of
// the plane, the other way round.
type secure struct {
	t       testing.TB
	out, in *pion.Context
}

// profileOf is pion's name for a suite, and the length of its master key.
func profileOf(s srtp.Suite) (p pion.ProtectionProfile, key int) {
	switch s {
	case srtp.AES128SHA80:
		return pion.ProtectionProfileAes128CmHmacSha1_80, 16
	case srtp.AES128SHA32:
		return pion.ProtectionProfileAes128CmHmacSha1_32, 16
	case srtp.AES256SHA80:
		return pion.ProtectionProfileAes256CmHmacSha1_80, 32
	case srtp.AES128GCM:
		return pion.ProtectionProfileAeadAes128Gcm, 16
	}
	return pion.ProtectionProfileAeadAes256Gcm, 32
}

func phoneKeys(t testing.TB, c *srtp.Crypto) *secure {
	t.Helper()
	profile, n := profileOf(c.Suite)
	make := func(key, mki []byte) *pion.Context {
		var options []pion.ContextOption
		if mki != nil {
			options = append(options, pion.MasterKeyIndicator(mki))
		}
		ctx, err := pion.CreateContext(key[:n], key[n:], profile, options...)
		if err != nil {
			t.Fatal(err)
		}
		return ctx
	}
	return &secure{t, make(c.Remote, c.RemoteMKI), make(c.Local, nil)}
}

func (s *secure) seal(b []byte) []byte {
	s.t.Helper()
	out, err := s.out.EncryptRTP(nil, b, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *secure) sealRTCP(b []byte) []byte {
	s.t.Helper()
	out, err := s.out.EncryptRTCP(nil, b, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// open takes the protection off what a phone heard.
func (s *secure) open(packets []heard) []heard {
	s.t.Helper()
	for i, p := range packets {
		raw, err := s.in.DecryptRTP(nil, p.raw, nil)
		if err != nil {
			s.t.Fatalf("packet %d of %d can't be decrypted: %v", i, len(packets), err)
		}
		packets[i].raw = raw
		packets[i].Header, _ = packet.Parse(raw)
	}
	return packets
}

// secureLeg is a leg whose phone does SRTP.
func (h *house) secureLeg(addr string, ssrc uint32, c *srtp.Crypto, ps ...Payload) (*leg, *secure) {
	h.t.Helper()
	l := h.leg(addr, ssrc, ps...)
	set(h.t, l.s.Audio(), Remote{Addr: l.e.addr, Payloads: ps, Crypto: c})
	return l, phoneKeys(h.t, c)
}

// packet is the next of a voice.
func (v *voiceOf) packet(payload []byte) []byte {
	b := rtpBytes(packet.Header{PT: v.pt, Seq: v.seq, TS: v.ts, SSRC: v.ssrc}, payload)
	v.seq++
	v.ts += 160
	return b
}

// send brings bytes to a port of the plane.
func (e *ear) send(to netip.AddrPort, b []byte) { e.c.WriteTo(b, net.UDPAddrFromAddrPort(to)) }

// saySecure is say with SRTP; it returns what was sent.
func (v *voiceOf) saySecure(s *secure, n int, payload ...byte) (sent [][]byte) {
	if payload == nil {
		payload = make([]byte, 160)
	}
	for range n {
		b := s.seal(v.packet(payload))
		sent = append(sent, b)
		v.e.send(v.to, b)
		time.Sleep(media.Frame)
	}
	synctest.Wait()
	return sent
}

// TestSRTP has a phone with SRTP talk to one without, and to another with other
// keys, in each suite and also translated; what is on the wire is no plain text.
func TestSRTP(t *testing.T) {
	for i, suite := range everySuite {
		t.Run(string(suite), func(t *testing.T) {
			inHouse(t, Options{}, func(h *house) {
				a, ak := h.secureLeg("198.51.100.1:4000", 0x1111, keysFor(suite, 1), ulaw)
				b := h.leg("198.51.100.2:5000", 0x2222, alaw)
				c, ck := h.secureLeg("198.51.100.3:6000", 0x3333, keysFor(everySuite[(i+1)%len(everySuite)], 2), ulaw)
				check(t, Connect(a.s, b.s))
				a.v.saySecure(ak, 10, bytes.Repeat([]byte{0xff}, 160)...)
				got := b.e.take()
				if len(got) != 10 || !bytes.Equal(got[9].body(), bytes.Repeat([]byte{0xd5}, 160)) {
					t.Fatalf("the plain phone heard %d packets, the last %x", len(got), got[len(got)-1].body())
				}
				whole(t, got)
				back := bytes.Repeat([]byte{0xd5}, 160)
				b.v.say(10, back...)
				codec.AlawToUlaw(back)
				got = a.e.take()
				if bytes.Contains(got[0].raw, back[:8]) || bytes.Contains(got[0].raw, bytes.Repeat([]byte{0xd5}, 8)) {
					t.Errorf("plain text on the wire: %x", got[0].raw)
				}
				if got = ak.open(got); len(got) != 10 || !bytes.Equal(got[9].body(), back) {
					t.Errorf("the phone with SRTP heard %d packets", len(got))
				}
				check(t, Connect(a.s, c.s))
				a.v.saySecure(ak, 5)
				if got := ck.open(c.e.take()); len(got) != 5 {
					t.Errorf("under other keys %d packets came through", len(got))
				}
				c.v.saySecure(ck, 5)
				if again := ak.open(a.e.take()); len(again) != 5 {
					t.Errorf("%d packets came back", len(again))
				} else {
					whole(t, append(got, again...))
				}
				if s := a.s.Audio().Stats(); s.PacketsIn != 15 || s.Unauthentic != 0 || s.Replays != 0 || s.Malformed != 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// TestSRTPMKI takes packets that name their key; ours name none.
func TestSRTPMKI(t *testing.T) {
	for _, suite := range []srtp.Suite{srtp.AES128SHA80, srtp.AES256GCM} {
		inHouse(t, Options{}, func(h *house) {
			c := keysFor(suite, 1)
			c.RemoteMKI = []byte{0, 0, 0, 1}
			a, ak := h.secureLeg("198.51.100.1:4000", 0x1111, c, ulaw)
			a.s.Echo(true)
			a.v.saySecure(ak, 5)
			if got := ak.open(a.e.take()); len(got) != 5 {
				t.Errorf("%s: %d packets came back", suite, len(got))
			}
		})
	}
}

// TestSRTCP has reports go and come under the keys, and no plain ones be believed;
// a picture is asked for across a leg with SRTP and one without.
func TestSRTCP(t *testing.T) {
	for _, suite := range everySuite {
		inHouse(t, Options{}, func(h *house) {
			a, ak := h.secureLeg("198.51.100.1:4000", 0x1111, keysFor(suite, 1), ulaw)
			control := h.control(a.e)
			a.s.Echo(true)
			a.v.saySecure(ak, 10)
			time.Sleep(2 * reportEvery)
			var report []byte
			for _, p := range control.take() {
				plain, err := ak.in.DecryptRTCP(nil, p.raw, nil)
				if err != nil {
					t.Fatalf("%s: a report can't be decrypted: %v", suite, err)
				}
				report = part([]heard{{raw: plain}}, packet.TypeSR)
			}
			if report == nil || be32(report[4:]) != a.s.Audio().SSRC() || be32(report[20:]) != 10 {
				t.Errorf("%s: the report says %x", suite, report)
			}
			lost := []uint32{0x81c90007, 0x1111, a.s.Audio().SSRC(), 7, 0, 0, 0, 0}
			control.sendRTCP(a.s.Audio(), lost...)
			synctest.Wait()
			if s := a.s.Audio().Stats(); s.RemoteLost != 0 || s.Unauthentic != 1 {
				t.Errorf("%s: a plain report was taken: %+v", suite, s)
			}
			var b []byte
			for _, w := range lost {
				b = binary.BigEndian.AppendUint32(b, w)
			}
			to := netip.AddrPortFrom(at, uint16(a.s.Audio().Port()+1))
			sealed := ak.sealRTCP(b)
			for range 3 {
				control.send(to, bytes.Clone(sealed))
			}
			synctest.Wait()
			if s := a.s.Audio().Stats(); s.RemoteLost != 7 || s.Unauthentic != 1 || s.Replays != 2 {
				t.Errorf("%s: %+v", suite, s)
			}
		})
	}
}

func TestSRTPPicturesAreAskedFor(t *testing.T) {
	vp8 := Payload{Type: 96, Format: media.VP8}
	inHouse(t, Options{}, func(h *house) {
		a, b := h.open(SessionConfig{Video: true}), h.open(SessionConfig{Video: true})
		phoneA, phoneB := h.phone("198.51.100.1:4000"), h.phone("198.51.100.2:5000")
		c := keysFor(srtp.AES128GCM, 1)
		ak := phoneKeys(t, c)
		set(t, a.Video(), Remote{Addr: phoneA.addr, Payloads: []Payload{vp8}, Crypto: c, Mux: true})
		set(t, b.Video(), Remote{Addr: phoneB.addr, Payloads: []Payload{vp8}, Mux: true})
		check(t, Connect(a, b))
		phoneA.voice(a.Video(), 96, 0xa).saySecure(ak, 3, 1, 2, 3)
		vb := phoneB.voice(b.Video(), 96, 0xb)
		vb.say(3, 4, 5, 6)
		if got := ak.open(phoneA.take()); len(got) != 3 {
			t.Fatalf("%d pictures arrived", len(got))
		}
		phoneB.take()
		pli := func(of uint32) []byte {
			return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte{0x81, packet.TypePSFB, 0, 2}, 1), of)
		}
		phoneA.send(netip.AddrPortFrom(at, uint16(a.Video().Port())), ak.sealRTCP(pli(a.Video().SSRC())))
		if got := part(phoneB.take(), packet.TypePSFB); got == nil || be32(got[8:]) != 0xb {
			t.Errorf("the plain phone is asked %x", got)
		}
		phoneB.send(netip.AddrPortFrom(at, uint16(b.Video().Port())), pli(b.Video().SSRC()))
		var asked []byte
		for _, p := range phoneA.take() {
			plain, err := ak.in.DecryptRTCP(nil, p.raw, nil)
			if err != nil {
				t.Fatal(err)
			}
			asked = part([]heard{{raw: plain}}, packet.TypePSFB)
		}
		if asked == nil || be32(asked[8:]) != 0xa {
			t.Errorf("the phone with SRTP is asked %x", asked)
		}
	})
}

// TestSRTPRekey has a further description with the same keys go on, over the turn of
// the sequence numbers too, and one with new keys leave the old ones behind.
func TestSRTPRekey(t *testing.T) {
	for _, suite := range everySuite {
		inHouse(t, Options{}, func(h *house) {
			c := keysFor(suite, 1)
			a, ak := h.secureLeg("198.51.100.1:4000", 0x1111, c, ulaw)
			a.v.seq = 65533
			a.s.Audio().out.seq = 65530
			a.s.Echo(true)
			var got []heard
			say := func(n int) {
				a.v.saySecure(ak, n)
				got = append(got, ak.open(a.e.take())...)
			}
			say(8)
			again := *keysFor(suite, 1)
			set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}, Crypto: &again, Direction: SendRecv})
			say(8)
			if len(got) != 16 {
				t.Fatalf("%s: %d of 16 packets over the turn and a hold", suite, len(got))
			}
			old := ak
			next := keysFor(suite, 50)
			set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}, Crypto: next})
			a.v.saySecure(old, 3)
			if n := len(a.e.take()); n != 0 || a.s.Audio().Stats().Unauthentic != 3 {
				t.Errorf("%s: %d packets under the old key passed", suite, n)
			}
			ak = phoneKeys(t, next)
			say(3)
			whole(t, got[:16])
			if len(got) != 19 {
				t.Errorf("%s: %d of 3 packets under the new key", suite, len(got)-16)
			}
			// And back to plain RTP, as a further answer may say.
			set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}})
			a.v.say(3)
			if n := len(a.e.take()); n != 3 {
				t.Errorf("%s: %d of 3 plain packets", suite, n)
			}
		})
	}
}

// TestSRTPRekeyGoesOn has a phone count on under its new key, or begin anew; what
// comes before, under no key of the phone, changes nothing.
func TestSRTPRekeyGoesOn(t *testing.T) {
	for _, suite := range everySuite {
		for _, roc := range []uint32{0, 1} {
			inHouse(t, Options{}, func(h *house) {
				a, ak := h.secureLeg("198.51.100.1:4000", 0x1111, keysFor(suite, 1), ulaw)
				a.v.seq = 65530
				a.s.Echo(true)
				a.v.saySecure(ak, 10)
				next := keysFor(suite, 50)
				set(t, a.s.Audio(), Remote{Addr: a.e.addr, Payloads: []Payload{ulaw}, Crypto: next})
				a.v.saySecure(phoneKeys(t, keysFor(suite, 99)), 3)
				a.e.take()
				nk := phoneKeys(t, next)
				nk.out.SetROC(0x1111, roc)
				a.v.saySecure(nk, 5)
				if got := nk.open(a.e.take()); len(got) != 5 {
					t.Errorf("%s, %d turns: %d of 5 packets", suite, roc, len(got))
				}
				if s := a.s.Audio().Stats(); s.Unauthentic != 3 || s.Replays != 0 {
					t.Errorf("%s, %d turns: %+v", suite, roc, s)
				}
			})
		}
	}
}

// TestKeysThatDoNotFit leave everything as it was.
func TestKeysThatDoNotFit(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a, ak := h.secureLeg("198.51.100.1:4000", 0x1111, keysFor(srtp.AES128SHA80, 1), ulaw)
		a.s.Echo(true)
		good := keysFor(srtp.AES128SHA80, 9)
		for _, c := range []*srtp.Crypto{
			{Suite: srtp.AES128SHA80}, {Suite: srtp.AES128SHA80, Local: good.Local}, {Suite: srtp.AES128SHA80, Local: good.Local[1:], Remote: good.Remote},
			{Suite: srtp.AES256GCM, Local: good.Local, Remote: good.Remote}, {Suite: "F8_128_HMAC_SHA1_80", Local: good.Local, Remote: good.Remote},
		} {
			err := a.s.Audio().SetRemote(Remote{Addr: netip.MustParseAddrPort("198.51.100.66:1"), Payloads: []Payload{ulaw}, Crypto: c})
			if !errors.Is(err, srtp.ErrKey) {
				t.Errorf("%v: %v", c, err)
			}
		}
		a.v.saySecure(ak, 3)
		if got := ak.open(a.e.take()); len(got) != 3 {
			t.Errorf("afterwards %d of 3 packets", len(got))
		}
	})
}

// TestSRTPTakesNoMemory counts what a packet takes between two legs with SRTP.
func TestSRTPTakesNoMemory(t *testing.T) {
	for _, suite := range everySuite {
		step, b := securePair(t, suite)
		if n := testing.AllocsPerRun(1000, step); n != 0 && !raced {
			t.Errorf("%s: %v allocations a packet", suite, n)
		}
		if out := b.Stats().PacketsOut; out < 1000 {
			t.Errorf("%s: %d packets were relayed", suite, out)
		}
	}
}

// securePair is two streams with SRTP, and a step that sends a packet through them.
func securePair(t testing.TB, suite srtp.Suite) (step func(), out *Stream) {
	a, b, from := pair(slog.New(slog.DiscardHandler), ulaw)
	c := keysFor(suite, 1)
	for _, st := range []*Stream{a, b} {
		if err := st.SetRemote(Remote{Addr: from, Payloads: []Payload{ulaw}, Signal: from.Addr(), Crypto: c}); err != nil {
			t.Fatal(err)
		}
	}
	phone := phoneKeys(t, c)
	const many = 4096
	var sealed [many][]byte
	h := packet.Header{PT: 0, Seq: 1, TS: 1, SSRC: 5}
	for i := range sealed {
		sealed[i] = phone.seal(rtpBytes(h, make([]byte, 160)))
		h.Seq++
		h.TS += 160
	}
	i, now, buf := 0, time.Now(), make([]byte, packet.MaxLen)
	return func() {
		if i == many { // from the beginning, with the state of the beginning
			i = 0
			again, err := srtp.New(c, true)
			if err != nil {
				t.Fatal(err)
			}
			a.in.crypt = again.In
		}
		now = now.Add(media.Frame)
		a.rtpPacket(buf[:copy(buf, sealed[i])], from, now)
		i++
	}, b
}

// BenchmarkSRTP is a packet of G.711 in from a leg with SRTP and out to another.
func BenchmarkSRTP(b *testing.B) {
	for _, suite := range everySuite {
		b.Run(string(suite), func(b *testing.B) {
			step, _ := securePair(b, suite)
			b.ReportAllocs()
			for b.Loop() {
				step()
			}
		})
	}
}
