package rtp

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"obelus/internal/simnet"
	"obelus/media"
	"obelus/media/codec"
	"obelus/media/dtmf"
	"obelus/media/packet"
)

// keyPhone is a phone in the mix: how its keys are meant to travel, and what it
// sends when one is pressed.
type keyPhone struct {
	name    string
	rules   KeyRules
	codec   Payload
	events  bool // it takes and sends RFC 4733
	audible bool // it sends tones
}

var keyPhones = []keyPhone{
	{"rfc2833", KeyRules{}, ulaw, true, false},
	{"rfc2833, audible too", KeyRules{}, ulaw, true, true},
	{"rfc2833 compensated", KeyRules{Compensate: true}, alaw, true, false},
	{"inband", KeyRules{Mode: KeysAsTones}, ulaw, false, true},
	{"inband g722", KeyRules{Mode: KeysAsTones}, g722, false, true},
	{"inband gsm, relaxed", KeyRules{Mode: KeysAsTones, Relaxed: true}, Payload{Type: 3, Format: media.GSM}, false, true},
	{"auto with events", KeyRules{Mode: KeysByEither}, g722, true, false},
	{"auto with events, audible too", KeyRules{Mode: KeysByEither}, ulaw, true, true},
	{"auto without events", KeyRules{Mode: KeysByEither}, ulaw, false, true},
}

// owner is who has both legs, as a driver: what the plane has not passed on goes
// to the other leg.
func owner(from string, log *keyLog, other **Session) Hooks {
	return Hooks{Digit: func(d Digit) {
		log.hooks().Digit(d)
		if d.Up && !d.Relayed && *other != nil {
			_ = (*other).SendDigit(d.Key, d.Duration)
		}
	}}
}

type keyLeg struct {
	*leg
	keyPhone
	log keyLog
}

func (h *house) keyLeg(p keyPhone, addr string, ssrc uint32, other **Session) *keyLeg {
	k := &keyLeg{keyPhone: p}
	s := h.open(SessionConfig{Hooks: owner(p.name, &k.log, other)})
	s.SetKeys(p.rules)
	e := h.phone(addr)
	ps := []Payload{p.codec}
	if p.events {
		ps = append(ps, keys10)
	}
	set(h.t, s.Audio(), Remote{Addr: e.addr, Payloads: ps})
	k.leg = &leg{s, e, e.voice(s.Audio(), p.codec.Type, ssrc)}
	return k
}

// press talks, presses a key for 100 ms and talks on, in packets of 20 ms.
func (k *keyLeg) press(key byte) {
	enc, _ := codec.NewEncoder(k.codec.Format)
	rate := k.codec.Format.Rate()
	talk := func(src media.Source, n int) {
		pcm := make([]int16, rate/50)
		for range n {
			clear(pcm)
			if src != nil {
				if _, err := src.Read(pcm); err != nil && !errors.Is(err, io.EOF) {
					panic(err)
				}
			}
			b := rtpBytes(packet.Header{PT: k.v.pt, Seq: k.v.seq, TS: k.v.ts, SSRC: k.v.ssrc}, enc.Encode(nil, pcm))
			k.e.c.WriteTo(b, net.UDPAddrFromAddrPort(k.v.to))
			k.v.seq++
			k.v.ts += 160
			time.Sleep(media.Frame)
		}
	}
	tone := func() media.Source {
		src, err := dtmf.NewTone(key, 100*time.Millisecond, rate)
		if err != nil {
			panic(err)
		}
		return src
	}
	talk(nil, 25)
	if k.events {
		code, _ := dtmf.EventCode(key)
		start := k.v.ts
		var src media.Source
		if k.audible {
			src = tone()
		}
		for i := range 7 {
			k.v.key(101, start, i == 0, dtmf.Event{Code: code, End: i >= 4, Duration: uint16(min(160*(i+1), 800))})
			if i < 5 {
				k.v.ts = start + uint32(160*i)
				if src != nil {
					talk(src, 1)
				} else {
					k.v.ts += 160
				}
			}
		}
	} else {
		talk(tone(), 5)
	}
	talk(nil, 50)
}

// about is 100 ms where that was meant: tones are measured in blocks of 13 ms, and
// decoders need some of them to follow a voice that is another from one packet to
// the next.
func about(d time.Duration) time.Duration {
	if d > 50*time.Millisecond && d < 130*time.Millisecond {
		return 100 * time.Millisecond
	}
	return d
}

// hears lists the keys that reach a phone, in either way.
func (k *keyLeg) hears(t *testing.T) string {
	var out []string
	var reader dtmf.Reader
	reader.Timeout = time.Second
	var sound []heard
	for _, p := range k.e.take() {
		if p.PT != 101 {
			sound = append(sound, p)
			continue
		}
		var found dtmf.Presses
		reader.Packet(&p.Header, p.body(), 8000, p.at, &found)
		for _, d := range found.All() {
			if d.Up {
				out = append(out, fmt.Sprintf("event %c %v", d.Key, about(d.Held)))
			}
		}
	}
	d := dtmf.NewDetector(k.codec.Format.Rate(), true)
	pcm := decoded(t, k.codec.Format, sound)
	for frame := k.codec.Format.Rate() / 50; len(pcm) >= frame; pcm = pcm[frame:] {
		for _, p := range d.Hear(pcm[:frame]) {
			if p.Up {
				out = append(out, fmt.Sprintf("tone %c %v", p.Key, about(p.Held)))
			}
		}
	}
	return strings.Join(out, ", ")
}

// Whatever the two modes, a key that is pressed at one phone reaches the other
// once, in the way that one takes it, for as long as it was held.
func TestKeysReachThePhoneOnce(t *testing.T) {
	for _, from := range keyPhones {
		for _, to := range keyPhones {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				inHouse(t, Options{}, func(h *house) {
					var sa, sb *Session
					a := h.keyLeg(from, "198.51.100.1:4000", 1, &sb)
					b := h.keyLeg(to, "198.51.100.2:5000", 2, &sa)
					check(t, Connect(a.s, b.s))
					sa, sb = a.s, b.s
					a.press('5')
					time.Sleep(time.Second)
					want := "tone 5 100ms"
					if to.events {
						want = "event 5 100ms"
					}
					if got := b.hears(t); got != want {
						t.Errorf("the phone hears %q, want %q", got, want)
					}
					down, up := "5 down", "5 up"
					if got := a.log.String(); strings.Count(got, down) != 1 || strings.Count(got, up) != 1 {
						t.Errorf("told of %q", got)
					}
				})
			})
		}
	}
}

// Keys in the sound are heard where the call has no other leg yet, on a network
// that loses and delays, for as long as they were held.
func TestTonesAreHeardByTheHouse(t *testing.T) {
	for _, f := range []Payload{ulaw, g722, {Type: 3, Format: media.GSM}, {Type: 111, Format: media.G726}} {
		inHouse(t, Options{}, func(h *house) {
			var log keyLog
			s := h.open(SessionConfig{Hooks: log.hooks()})
			s.SetKeys(KeyRules{Mode: KeysAsTones, Relaxed: true})
			e := h.phone("198.51.100.1:4000")
			h.net.SetLink(e.addr.Addr(), at, simnet.Link{Delay: 20 * time.Millisecond, Jitter: 25 * time.Millisecond, Loss: 0.01})
			set(t, s.Audio(), Remote{Addr: e.addr, Payloads: []Payload{f}})
			k := &keyLeg{keyPhone: keyPhone{codec: f, audible: true}, leg: &leg{s, e, e.voice(s.Audio(), f.Type, 1)}}
			for _, key := range []byte("159#") {
				k.press(key)
			}
			h.idle()
			got := strings.Split(log.String(), ", ")
			var keys string
			for _, w := range got {
				if strings.Contains(w, "up") {
					keys += w[:1]
				}
			}
			if keys != "159#" {
				t.Errorf("%s: heard %v", f.Format, got)
			}
		})
	}
}

// A phone that sends events is not believed to mean its tones as well, whatever
// its account says.
func TestEventsSilenceTones(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		var none *Session
		k := h.keyLeg(keyPhone{"both", KeyRules{Mode: KeysAsTones}, ulaw, true, true}, "198.51.100.1:4000", 1, &none)
		k.press('7')
		k.press('8')
		h.idle()
		if got := k.log.String(); got != "7 down, 7 up 100ms, 8 down, 8 up 100ms" {
			t.Errorf("heard %q", got)
		}
	})
}

// A key that is down when its leg is closed comes up, and nobody waits for it.
func TestCloseWithAToneDown(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		var none *Session
		k := h.keyLeg(keyPhone{"inband", KeyRules{Mode: KeysAsTones}, ulaw, false, true}, "198.51.100.1:4000", 1, &none)
		enc, _ := codec.NewEncoder(media.Ulaw)
		tone, err := dtmf.NewTone('4', time.Second, 8000)
		check(t, err)
		pcm := make([]int16, 160)
		for range 20 {
			_, err = tone.Read(pcm)
			check(t, err)
			k.v.say(1, enc.Encode(nil, pcm)...)
		}
		k.s.Close()
		h.idle()
		if got := k.log.String(); !strings.HasPrefix(got, "4 down, 4 up ") {
			t.Errorf("heard %q", got)
		}
	})
}

// A line that gives back some of what is sent to it: the key that was sent to it
// is not heard as one of its own, another is.
func TestToneEchoes(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		var none *Session
		k := h.keyLeg(keyPhone{"inband", KeyRules{Mode: KeysAsTones}, ulaw, false, true}, "198.51.100.1:4000", 1, &none)
		k.press('1')
		h.idle()
		check(t, k.s.SendDigit('5', 100*time.Millisecond))
		time.Sleep(150 * time.Millisecond)
		for _, p := range k.e.take() { // 12 dB less comes back
			pcm := codecOf(t, media.Ulaw).Decode(nil, p.body())
			for i := range pcm {
				pcm[i] /= 4
			}
			enc, _ := codec.NewEncoder(media.Ulaw)
			k.v.say(1, enc.Encode(nil, pcm)...)
		}
		k.press('5')
		h.idle()
		if got := strings.Split(k.log.String(), ", "); len(got) != 4 || got[0] != "1 down" || got[2] != "5 down" {
			t.Errorf("heard %v, want 1 and one 5", got)
		}
	})
}

func codecOf(t *testing.T, f media.Format) codec.Decoder {
	t.Helper()
	d, ok := codec.NewDecoder(f)
	if !ok {
		t.Fatalf("no decoder of %s", f)
	}
	return d
}
