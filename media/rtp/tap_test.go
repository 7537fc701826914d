package rtp

import (
	"context"
	"io"
	"math"
	"sync"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
)

// heardBy is what a listener has heard.
type heardBy struct {
	mu      sync.Mutex
	in, out []int16
	frames  int
}

func (b *heardBy) hear(in, out []int16) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frames++
	b.in, b.out = append(b.in, in...), append(b.out, out...)
}

func (b *heardBy) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.frames
}

// loudFor is how much of the samples is not silence.
func loudFor(pcm []int16, rate int) time.Duration {
	n := 0
	for ; len(pcm) >= rate/50; pcm = pcm[rate/50:] {
		sum := 0
		for _, v := range pcm[:rate/50] {
			sum += int(math.Abs(float64(v)))
		}
		if sum/(rate/50) > 500 {
			n++
		}
	}
	return time.Duration(n) * media.Frame
}

// TestHearRelayed listens to calls whose sound passes as it came, is turned into its
// twin where it lies, or goes through samples; at the coding's rate and another.
func TestHearRelayed(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b Payload
		rate int
	}{
		{"ulaw to ulaw", ulaw, ulaw, 8000},
		{"ulaw to alaw", ulaw, alaw, 8000},
		{"ulaw to g722", ulaw, g722, 16000},
		{"g722 to g722 at 8000", g722, g722, 8000},
		{"alaw to gsm at 48000", alaw, Payload{Type: 3, Format: media.GSM}, 48000},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, Options{Codecs: codec.NewSet(codec.Options{})}, func(h *house) {
				a, b := h.leg("198.51.100.1:4000", 1, c.a), h.leg("198.51.100.2:5000", 2, c.b)
				check(t, Connect(a.s, b.s))
				var said, sent heardBy
				stop, err := a.s.Hear(c.rate, said.hear)
				check(t, err)
				stopB, err := b.s.Hear(c.rate, sent.hear)
				check(t, err)
				a.v.singer(t, c.a.Format, media.Frame).sing(2*time.Second, 0, 0)
				time.Sleep(200 * time.Millisecond)
				stop()
				stopB()
				if n := len(b.e.take()); n < 95 {
					t.Errorf("%d packets passed", n)
				}
				for _, one := range []struct {
					what          string
					sound, silent []int16
				}{{"said", said.in, said.out}, {"sent", sent.out, sent.in}} {
					if len(one.sound) != len(one.silent) || len(one.sound) < c.rate*2 {
						t.Fatalf("%s: %d samples beside %d", one.what, len(one.sound), len(one.silent))
					}
					snr, amplitude, share := fits(one.sound, c.rate)
					if snr < 14 || amplitude < 7000 || share < 0.85 {
						t.Errorf("%s: the tone is %.0f dB above the rest in %.0f %% of the frames, at %.0f", one.what, snr, share*100, amplitude)
					}
					if d := loudFor(one.sound, c.rate); d < 1960*time.Millisecond || d > 2100*time.Millisecond {
						t.Errorf("%s: %v of sound", one.what, d)
					}
					if d := loudFor(one.silent, c.rate); d != 0 {
						t.Errorf("%s: %v of sound the other way", one.what, d)
					}
				}
				before := said.count()
				a.v.singer(t, c.a.Format, media.Frame).sing(200*time.Millisecond, 0, 0)
				if said.count() != before {
					t.Error("it is heard behind the end")
				}
			})
		})
	}
}

// TestHearPlayed listens to a prompt, twice at once and at two rates; the phone says
// nothing, and later something that nobody is connected to.
func TestHearPlayed(t *testing.T) {
	inHouse(t, Options{Codecs: codec.NewSet(codec.Options{})}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		var one, two heardBy
		stop, err := a.s.Hear(8000, one.hear)
		check(t, err)
		stop2, err := a.s.Hear(16000, two.hear)
		check(t, err)
		check(t, a.s.Play(context.Background(), &hum{rate: 8000, left: 8000}))
		a.v.singer(t, media.Ulaw, media.Frame).sing(time.Second, 0, 0)
		time.Sleep(200 * time.Millisecond)
		stop()
		stop2()
		for _, c := range []struct {
			b    *heardBy
			rate int
		}{{&one, 8000}, {&two, 16000}} {
			if d := loudFor(c.b.out, c.rate); d < 960*time.Millisecond || d > 1100*time.Millisecond {
				t.Errorf("%v of the prompt at %d", d, c.rate)
			}
			if d := loudFor(c.b.in, c.rate); d < 960*time.Millisecond || d > 1100*time.Millisecond {
				t.Errorf("%v of the phone at %d", d, c.rate)
			}
			for i := range c.rate * 95 / 100 {
				if c.b.in[i] != 0 {
					t.Fatalf("sample %d of the phone is %d while the prompt played", i, c.b.in[i])
				}
			}
		}
	})
}

// hum is a source of a loud tone.
type hum struct{ rate, left, n int }

func (s *hum) Rate() int { return s.rate }

func (s *hum) Read(frame []int16) (int, error) {
	n := min(len(frame), s.left)
	for i := range n {
		frame[i] = int16(8000 * math.Sin(2*math.Pi*toneHz*float64(s.n)/float64(s.rate)))
		s.n++
	}
	if s.left -= n; s.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

func TestHearTheUnheard(t *testing.T) {
	inHouse(t, Options{Codecs: codec.NewSet(codec.Options{})}, func(h *house) {
		a, b := h.leg("198.51.100.1:4000", 1, g729), h.leg("198.51.100.2:5000", 2, g729)
		check(t, Connect(a.s, b.s))
		var said heardBy
		stop, err := a.s.Hear(8000, said.hear)
		check(t, err)
		a.v.say(50, make([]byte, 20)...)
		if n := len(b.e.take()); n != 50 {
			t.Errorf("%d packets passed", n)
		}
		stop()
		if d := loudFor(said.in, 8000); d != 0 || said.count() < 40 {
			t.Errorf("%v of sound in %d frames", d, said.count())
		}
		_, err = a.s.Hear(8000, said.hear)
		check(t, err)
		for _, rate := range []int{0, 7999, 8001, 400000} {
			if _, err := a.s.Hear(rate, said.hear); err == nil {
				t.Errorf("%d samples a second were taken", rate)
			}
		}
		check(t, a.s.Close())
		frames := said.count()
		time.Sleep(time.Second)
		if said.count() > frames+1 {
			t.Error("it goes on behind the end of the session")
		}
		if _, err := a.s.Hear(8000, said.hear); err == nil {
			t.Error("a closed session can be heard")
		}
	})
}

// TestFaultInAListener: a fault in who listens ends his listening and nothing else.
func TestFaultInAListener(t *testing.T) {
	inHouse(t, Options{Codecs: codec.NewSet(codec.Options{})}, func(h *house) {
		a, b := h.leg("198.51.100.1:4000", 1, ulaw), h.leg("198.51.100.2:5000", 2, g722)
		check(t, Connect(a.s, b.s))
		stop, err := a.s.Hear(8000, func(in, out []int16) { panic("a fault") })
		check(t, err)
		a.v.singer(t, media.Ulaw, media.Frame).sing(time.Second, 0, 0)
		if n := len(b.e.take()); n < 45 {
			t.Errorf("%d packets passed", n)
		}
		var again heardBy
		stop2, err := a.s.Hear(8000, again.hear)
		check(t, err)
		a.v.singer(t, media.Ulaw, media.Frame).sing(time.Second, 0, 0)
		stop()
		stop2()
		if d := loudFor(again.in, 8000); d < 900*time.Millisecond {
			t.Errorf("%v are heard after the fault", d)
		}
	})
}

// TestHearSRTP listens to a phone that does SRTP, and to what it is sent.
func TestHearSRTP(t *testing.T) {
	inHouse(t, Options{Codecs: codec.NewSet(codec.Options{})}, func(h *house) {
		a, ak := h.secureLeg("198.51.100.1:4000", 0x1111, keysFor(everySuite[0], 1), ulaw)
		b := h.leg("198.51.100.2:5000", 0x2222, ulaw)
		check(t, Connect(a.s, b.s))
		a.v.saySecure(ak, 1)
		var said heardBy
		stop, err := a.s.Hear(8000, said.hear)
		check(t, err)
		for _, packet := range a.v.sealed(t, ak, media.Ulaw, 50) {
			a.e.send(a.v.to, packet)
			time.Sleep(media.Frame)
		}
		b.v.singer(t, media.Ulaw, media.Frame).sing(time.Second, 0, 0)
		time.Sleep(200 * time.Millisecond)
		stop()
		for what, pcm := range map[string][]int16{"said": said.in, "sent": said.out} {
			snr, amplitude, _ := fits(pcm, 8000)
			if d := loudFor(pcm, 8000); d < 960*time.Millisecond || d > 1100*time.Millisecond || amplitude < 7000 {
				t.Errorf("%s: %v of sound at %.0f, %.0f dB", what, d, amplitude, snr)
			}
		}
	})
}
