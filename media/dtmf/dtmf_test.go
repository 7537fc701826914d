package dtmf

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"obelus/media/codec"
)

const ms = time.Millisecond

// piece is a stretch of sound: a key's tones, or anything like them.
type piece struct {
	key      byte    // 0: silence
	held     float64 // milliseconds
	row, col float64 // level in dB beside the standard
	off      float64 // per cent that both frequencies are off
	colOff   float64 // ... and that the column is off beside
}

// render makes samples of pieces, with white noise of so many dBm0.
func render(rate int, noise float64, pieces ...piece) []int16 {
	r := rand.New(rand.NewPCG(1, 2))
	hiss := 0.0
	if noise < 0 {
		hiss = amplitude(noise) / math.Sqrt2
	}
	var pcm []int16
	for _, p := range pieces {
		i := place(p.key)
		for n := range int(p.held * float64(rate) / 1000) {
			v := hiss * r.NormFloat64()
			if i >= 0 {
				x := 2 * math.Pi * float64(n) / float64(rate)
				v += amplitude(rowLevel+p.row)*math.Sin(x*rows[i/4]*(1+p.off/100)) +
					amplitude(columnLevel+p.col)*math.Sin(x*columns[i%4]*(1+(p.off+p.colOff)/100))
			}
			pcm = append(pcm, int16(min(max(v, -32768), 32767)))
		}
	}
	return pcm
}

// hear gives samples to a detector in pieces of 20 ms and writes down what it
// heard: "5 down, 5 up".
func hear(rate int, relax bool, pcm []int16) (keys string, held []time.Duration) {
	d := NewDetector(rate, relax)
	var words []string
	take := func(list []Press) {
		for _, p := range list {
			if p.Up {
				words, held = append(words, string(p.Key)+" up"), append(held, p.Held)
			} else {
				words = append(words, string(p.Key)+" down")
			}
		}
	}
	for frame := rate / 50; len(pcm) > 0; {
		n := min(frame, len(pcm))
		take(d.Hear(pcm[:n]))
		pcm = pcm[n:]
	}
	take(d.Release())
	return strings.Join(words, ", "), held
}

// Every key, at every rate, wherever the blocks happen to begin: 40 ms of tones
// and 40 ms of pause are enough (ITU-T Q.24).
func TestKeys(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		for _, relax := range []bool{false, true} {
			for shift := 0.0; shift < 13; shift++ {
				var pieces []piece
				var want []string
				pieces = append(pieces, piece{held: 30 + shift})
				for _, key := range []byte(names) {
					pieces = append(pieces, piece{key: key, held: 40}, piece{held: 40})
					want = append(want, string(key)+" down", string(key)+" up")
				}
				got, held := hear(rate, relax, render(rate, 0, pieces...))
				if got != strings.Join(want, ", ") {
					t.Fatalf("%d samples a second, %v ms of silence before: heard %s", rate, 30+shift, got)
				}
				for i, h := range held {
					if h < 32*ms || h > 48*ms {
						t.Errorf("key %d of 40 ms is said to have been held %v", i, h)
					}
				}
			}
		}
	}
}

// What is a key and what is none, by the limits of ITU-T Q.24.
func TestLimits(t *testing.T) {
	quiet := piece{held: 50}
	for _, c := range []struct {
		name            string
		noise           float64
		tone            piece
		strict, relaxed bool
	}{
		{"100 ms", 0, piece{key: '5', held: 100}, true, true},
		{"too short: 20 ms", 0, piece{key: '5', held: 20}, false, false},
		{"all too high by 1.5 %", 0, piece{key: '5', held: 60, off: 1.5}, true, true},
		{"all too low by 1.5 %", 0, piece{key: '9', held: 60, off: -1.5}, true, true},
		{"too high by 3.5 %", 0, piece{key: '5', held: 60, off: 3.5}, false, false},
		{"too low by 3.5 %", 0, piece{key: '9', held: 60, off: -3.5}, false, false},
		{"the column alone too high by 3.5 %", 0, piece{key: '5', held: 60, colOff: 3.5}, false, false},
		{"the row 5 dB louder", 0, piece{key: '5', held: 60, col: -7}, true, true},
		{"the row 10 dB louder", 0, piece{key: '5', held: 60, col: -12}, false, false},
		{"the column 5 dB louder", 0, piece{key: '5', held: 60, row: -3}, false, true},
		{"the column 8 dB louder", 0, piece{key: '5', held: 60, row: -6}, false, false},
		{"the column 3 dB louder", 0, piece{key: '5', held: 60, row: -1}, true, true},
		{"faint: -25 dBm0", 0, piece{key: '5', held: 60, row: -15, col: -17}, true, true},
		{"fainter than any phone", 0, piece{key: '5', held: 60, row: -32, col: -32}, false, false},
		{"as loud as can be", 0, piece{key: '5', held: 60, row: 6, col: 4}, true, true},
		{"in noise 15 dB below", -25, piece{key: '5', held: 60}, true, true},
		{"in noise louder than it", -2, piece{key: '5', held: 60}, false, false},
		{"one tone alone", 0, piece{key: '5', held: 60, col: -80}, false, false},
	} {
		for _, relax := range []bool{false, true} {
			want := ""
			if relax && c.relaxed || !relax && c.strict {
				want = string(c.tone.key) + " down, " + string(c.tone.key) + " up"
			}
			if got, _ := hear(8000, relax, render(8000, c.noise, quiet, c.tone, quiet)); got != want {
				t.Errorf("%s, relaxed %v: heard %q, want %q", c.name, relax, got, want)
			}
		}
	}
}

func TestDurationsAndBreaks(t *testing.T) {
	quiet := piece{held: 50}
	for _, c := range []struct {
		name   string
		pieces []piece
		want   string
		held   []time.Duration
	}{
		{"long", []piece{quiet, {key: '1', held: 500}, quiet}, "1 down, 1 up", []time.Duration{500 * ms}},
		{"broken for 10 ms", []piece{quiet, {key: '1', held: 100}, {held: 10}, {key: '1', held: 100}, quiet}, "1 down, 1 up", []time.Duration{210 * ms}},
		{"twice", []piece{quiet, {key: '1', held: 80}, {held: 40}, {key: '1', held: 60}, quiet}, "1 down, 1 up, 1 down, 1 up", []time.Duration{80 * ms, 60 * ms}},
		{"one behind the other", []piece{quiet, {key: '1', held: 80}, {key: '6', held: 80}, quiet}, "1 down, 1 up, 6 down, 6 up", []time.Duration{80 * ms, 80 * ms}},
		{"the sound stops", []piece{quiet, {key: '1', held: 80}}, "1 down, 1 up", []time.Duration{80 * ms}},
	} {
		got, held := hear(8000, false, render(8000, 0, c.pieces...))
		if got != c.want {
			t.Errorf("%s: heard %q, want %q", c.name, got, c.want)
			continue
		}
		for i, h := range held {
			if d := h - c.held[i]; d < -14*ms || d > 14*ms {
				t.Errorf("%s: held %v, want %v", c.name, h, c.held[i])
			}
		}
	}
}

func speech(t testing.TB) []int16 {
	t.Helper()
	b, err := os.ReadFile("testdata/speech.gsm")
	if err != nil {
		t.Fatal(err)
	}
	return codec.NewGSMDecoder().Decode(nil, b)
}

// Five minutes of a woman's voice, in which there are no keys.
func TestTalkOff(t *testing.T) {
	pcm := speech(t)
	if len(pcm) < 4*60*8000 {
		t.Fatalf("only %d seconds of speech", len(pcm)/8000)
	}
	for _, relax := range []bool{false, true} {
		if got, _ := hear(8000, relax, pcm); got != "" {
			t.Errorf("relaxed %v: heard %s in speech", relax, got)
		}
	}
}

// Keys pressed while somebody talks 12 dB more softly are heard, once each.
func TestKeysInSpeech(t *testing.T) {
	pcm := speech(t)[:20*8000]
	tones := render(8000, 0, piece{key: '7', held: 100})
	want := 0
	for at := 8000; at+len(tones) < len(pcm); at += 8000 {
		for i, v := range tones {
			pcm[at+i] = int16(min(max(int(pcm[at+i])/8+int(v), -32768), 32767))
		}
		want++
	}
	if got, held := hear(8000, true, pcm); len(held) != want || strings.Trim(got, "7 updown,") != "" {
		t.Errorf("%d of %d keys heard: %s", len(held), want, got)
	}
}

// What this room makes it hears, for as long as it lasted, and at its level.
func TestTone(t *testing.T) {
	for _, rate := range []int{8000, 16000, 48000} {
		for _, key := range []byte("0123456789*#ABCDad") {
			tone, err := NewTone(key, 100*ms, rate)
			if err != nil {
				t.Fatal(err)
			}
			pcm := make([]int16, rate)
			n := 0
			for frame := rate / 50; ; {
				k, err := tone.Read(pcm[n : n+frame])
				n += k
				if errors.Is(err, io.EOF) {
					break
				}
			}
			if n != rate/10 || tone.Rate() != rate {
				t.Errorf("%d samples of 100 ms at %d", n, rate)
			}
			big := strings.ToUpper(string(key))
			if got, held := hear(rate, false, pcm); got != big+" down, "+big+" up" || held[0] < 90*ms || held[0] > 110*ms {
				t.Errorf("%c at %d: heard %s %v", key, rate, got, held)
			}
		}
	}
	for _, c := range []struct {
		key  byte
		rate int
	}{{'x', 8000}, {'!', 8000}, {0, 8000}, {'1', 4000}} {
		if _, err := NewTone(c.key, ms, c.rate); err == nil {
			t.Errorf("a tone of %q at %d", c.key, c.rate)
		}
	}
}

func TestDetectorTakesNoMemory(t *testing.T) {
	d := NewDetector(8000, false)
	pcm := render(8000, -30, piece{key: '1', held: 100}, piece{held: 100})
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		d.Hear(pcm[i : i+160])
		i = (i + 160) % len(pcm)
	}); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

// Whatever the sound, keys go down and come up in turn.
func FuzzDetector(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), true)
	f.Add([]byte{0xff, 0x7f, 0, 0x80}, false)
	tone := render(8000, 0, piece{key: '1', held: 60}, piece{held: 60})
	var b []byte
	for _, v := range tone {
		b = append(b, byte(v), byte(uint16(v)>>8))
	}
	f.Add(b, false)
	f.Fuzz(func(t *testing.T, b []byte, relax bool) {
		pcm := make([]int16, len(b)/2)
		for i := range pcm {
			pcm[i] = int16(uint16(b[2*i]) | uint16(b[2*i+1])<<8)
		}
		got, _ := hear(8000, relax, pcm)
		if got == "" {
			return
		}
		words := strings.Split(got, ", ")
		for i, w := range words {
			want := fmt.Sprintf("%c %s", words[i&^1][0], [2]string{"down", "up"}[i%2])
			if w != want {
				t.Fatalf("heard %s", got)
			}
		}
	})
}

func BenchmarkDetector(b *testing.B) {
	d := NewDetector(8000, false)
	pcm := speech(b)[:8000*20]
	i := 0
	for b.Loop() {
		d.Hear(pcm[i : i+160])
		i = (i + 160) % len(pcm)
	}
}
