package scenario

import (
	"math"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obelus/features"
	"obelus/media"
	"obelus/media/codec"
	tonefile "obelus/media/sound"
	"obelus/sip"
)

// singing is a phone that sends a tone, as µ-law.
type singing struct {
	*ear
	freq int
	n    int // samples so far
	seq  uint16
}

func (s *singing) packet(t *testing.T) {
	t.Helper()
	pcm := make([]int16, 160)
	for i := range pcm {
		pcm[i] = int16(6000 * math.Sin(2*math.Pi*float64(s.freq)*float64(s.n+i)/8000))
	}
	ts := uint32(s.n)
	b := []byte{0x80, 0, byte(s.seq >> 8), byte(s.seq), byte(ts >> 24), byte(ts >> 16), byte(ts >> 8), byte(ts), 9, 9, byte(s.freq >> 8), byte(s.freq)}
	e, _ := codec.NewEncoder(media.Ulaw)
	if _, err := s.pc.WriteTo(e.Encode(b, pcm), net.UDPAddrFromAddrPort(s.to)); err != nil {
		t.Fatal(err)
	}
	s.n += 160
	s.seq++
}

// sing has phones sing for so long.
func (h *house) sing(d time.Duration, all ...*singing) {
	h.t.Helper()
	for range d / media.Frame {
		for _, s := range all {
			s.packet(h.t)
		}
		h.pass(media.Frame)
	}
}

// tape is a recording.
type tape struct {
	t    *testing.T
	name string
	pcm  []int16
}

func (h *house) tape(name string) *tape {
	h.t.Helper()
	src, err := tonefile.OpenFile(filepath.Join(h.recorded, name))
	if err != nil {
		h.t.Fatal(err)
	}
	defer src.Close()
	p := &tape{t: h.t, name: name}
	for frame := make([]int16, 160); ; {
		n, err := src.Read(frame)
		p.pcm = append(p.pcm, frame[:n]...)
		if err != nil {
			return p
		}
	}
}

// holds says for how long a tone is heard on the tape.
func (p *tape) holds(freq int, want time.Duration) {
	p.t.Helper()
	var got time.Duration
	for at := 0; at+400 <= len(p.pcm); at += 400 {
		var s, c float64
		for i, v := range p.pcm[at : at+400] {
			a := 2 * math.Pi * float64(freq) * float64(i) / 8000
			s += float64(v) * math.Sin(a)
			c += float64(v) * math.Cos(a)
		}
		if math.Hypot(s, c)/200 > 4500 {
			got += 50 * time.Millisecond
		}
	}
	if got-want > 200*time.Millisecond || want-got > 200*time.Millisecond {
		p.t.Errorf("%d Hz are heard for %v on %s, which is %v long; want %v", freq, got, p.name, time.Duration(len(p.pcm))*time.Second/8000, want)
	}
}

// TestRecordedCall has MixMonitor and Monitor record both sides of a call that is relayed, by
// phones that may otherwise send to each other.
func TestRecordedCall(t *testing.T) {
	for _, c := range []struct{ name, plan string }{
		{"on the caller", "[my]\nexten => _X.,1,MixMonitor(all.wav,r(in.wav)t(out.wav))\n same => n,Dial(SIP/${EXTEN},30)\n"},
		{"with Monitor", "[my]\nexten => _X.,1,Monitor(wav,mon)\n same => n,MixMonitor(all.gsm)\n same => n,Dial(SIP/${EXTEN},30)\n"},
		{"behind a Local channel", "[my]\nexten => _X.,1,Dial(Local/${EXTEN}@out/n,30)\n[out]\nexten => _X.,1,MixMonitor(all.wav,r(in.wav)t(out.wav))\n same => n,Dial(SIP/${EXTEN},30)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := directHouse("directmedia=yes", "", "", "")
			f.extensions = c.plan
			inHouse(t, f, func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller, mine, theirs := talking(h, one, two)
				a, b := &singing{ear: mine, freq: 440}, &singing{ear: theirs, freq: 1000}
				h.sing(2*time.Second, a)
				h.sing(time.Second, a, b)
				h.sing(2*time.Second, b)
				one.silent(time.Second) // nobody is told of the other
				caller.bye()
				two.reply(two.asked(sip.BYE), 200)
				h.quiet()
				all, in, out := "all.wav", "in.wav", "out.wav"
				if c.name == "with Monitor" {
					all, in, out = "all.gsm", "mon-in.wav", "mon-out.wav"
				}
				mixed := h.tape(all)
				mixed.holds(440, 3*time.Second)
				mixed.holds(1000, 3*time.Second)
				said, sent := h.tape(in), h.tape(out)
				said.holds(440, 3*time.Second)
				said.holds(1000, 0)
				sent.holds(1000, 3*time.Second)
				sent.holds(440, 0)
			})
		})
	}
}

// TestRecordedTransfer: what was begun on a channel goes on when its call is transferred.
func TestRecordedTransfer(t *testing.T) {
	f := directHouse("directmedia=yes", "", "", "")
	f.extensions = "[my]\nexten => 1002,1,MixMonitor(all.wav)\n same => n,Dial(SIP/1002,30)\nexten => 1003,1,Dial(SIP/1003,30)\n"
	inHouse(t, f, func(h *house) {
		one, two, three := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.registered("1003", addrThree)
		caller := one.call("1002")
		m := two.asked(sip.INVITE)
		theirs := two.listens(m)
		callee := two.takes(m)
		mine := one.listens(caller.accepted())
		h.pass(time.Second)
		a, b := &singing{ear: mine, freq: 440}, &singing{ear: theirs, freq: 1000}
		h.sing(time.Second, a, b)
		callee.send(sip.REFER, "", "Refer-To: <sip:1003@10.99.0.1>")
		two.answer(202)
		two.reply(two.asked(sip.NOTIFY), 200)
		two.reply(two.asked(sip.BYE), 200)
		m = three.asked(sip.INVITE)
		c := &singing{ear: three.listens(m), freq: 1500}
		three.takes(m)
		h.pass(time.Second)
		h.sing(2*time.Second, a, c)
		caller.bye()
		three.reply(three.asked(sip.BYE), 200)
		h.quiet()
		all := h.tape("all.wav")
		all.holds(440, 3*time.Second)
		all.holds(1000, time.Second)
		all.holds(1500, 2*time.Second)
	})
}

// TestRecordedLater: phones that send to each other come back for a recording that begins in
// the call, and go again when it has ended.
func TestRecordedLater(t *testing.T) {
	inHouse(t, directHouse("directmedia=yes", "", "", ""), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller, callee := one.direct(two)
		ch := h.calls.Find(h.channel("SIP/1001"))
		x := h.pbx.NewExec(ch, ch.Place())
		run := func(app, data string) {
			if err := x.Application(t.Context(), app, data); err != nil {
				t.Error(err)
			}
		}
		run("MixMonitor", "all.wav")
		back := [2]*sip.Message{callee.sentTo(sip.INVITE, atHouse), caller.sentTo(sip.INVITE, atHouse)}
		mine, theirs := one.listens(back[1]), two.listens(back[0])
		h.sing(2*time.Second, &singing{ear: mine, freq: 440}, &singing{ear: theirs, freq: 1000})
		run("StopMixMonitor", "")
		callee.sentTo(sip.INVITE, atOne)
		caller.sentTo(sip.INVITE, atTwo)
		caller.ends(two)
		h.quiet()
		all := h.tape("all.wav")
		all.holds(440, 2*time.Second)
		all.holds(1000, 2*time.Second)
	})
}

// channel is the name of the channel that begins like that.
func (h *house) channel(begins string) string {
	h.t.Helper()
	for _, c := range h.calls.All() {
		if strings.HasPrefix(c.Name(), begins) {
			return c.Name()
		}
	}
	h.t.Fatalf("there is no channel %s", begins)
	return ""
}

// TestRecordedByKeys: a party has the call recorded by keys (automixmon, automon). A
// caller's number is part of the file's name and of nothing else.
func TestRecordedByKeys(t *testing.T) {
	for _, feature := range []string{"automixmon", "automon"} {
		t.Run(feature, func(t *testing.T) {
			f := threePhones(t)
			f.sip = strings.Replace(f.sip, "[1001]\n", "[1001]\ncallerid=\"Ann\" <10,0,b,touch x>\n", 1)
			f.extensions = "[my]\nexten => _1XXX,1,Dial(SIP/${EXTEN},30,xwXW)\n"
			inHouse(t, f, func(h *house) {
				c := features.Defaults()
				c.Map[feature] = "*3"
				h.features.Load(c)
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				caller := one.call("1002")
				m := two.asked(sip.INVITE)
				theirs := two.listens(m)
				two.takes(m)
				mine := one.listens(caller.accepted())
				h.pass(time.Second)
				a, b := &singing{ear: mine, freq: 440}, &singing{ear: theirs, freq: 1000}
				h.sing(time.Second, a, b)
				caller.press("*3")
				h.pass(time.Second)
				h.sing(2*time.Second, a, b)
				caller.press("*3")
				h.pass(time.Second)
				h.sing(time.Second, a, b)
				caller.bye()
				two.reply(two.asked(sip.BYE), 200)
				h.quiet()
				found, err := filepath.Glob(filepath.Join(h.recorded, "auto-*.wav"))
				if err != nil || len(found) != 1 {
					t.Fatalf("recordings: %v, %v", found, err)
				}
				tape := h.tape(filepath.Base(found[0]))
				tape.holds(440, 2*time.Second)
				tape.holds(1000, 2*time.Second)
			})
		})
	}
}
