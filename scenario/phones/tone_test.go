package phones

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
)

// noise makes white noise as loud as level says.
func noise(samples, level int) []int16 {
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]int16, samples)
	for i := range out {
		out[i] = int16(random.IntN(2*level+1) - level)
	}
	return out
}

// mix adds two sounds, held to 16 bits.
func mix(a, b []int16) []int16 {
	out := make([]int16, len(a))
	for i := range a {
		out[i] = int16(max(-32768, min(32767, int(a[i])+int(b[i]))))
	}
	return out
}

// scale makes a sound that many times as quiet.
func scale(a []int16, by int) []int16 {
	out := make([]int16, len(a))
	for i := range a {
		out[i] = a[i] / int16(by)
	}
	return out
}

func TestListen(t *testing.T) {
	const rate = 8000
	silence := make([]int16, 2*rate)
	steady := slices.Repeat([]int16{12000}, 2*rate)
	tone := Tone(440, rate, 2)
	for _, tt := range []struct {
		name    string
		samples []int16
		heard   bool
	}{
		{"the tone", tone, true},
		{"the tone after silence", slices.Concat(silence, tone), true},
		{"the tone in light noise", mix(tone, noise(2*rate, 2000)), true},
		{"a soft tone", scale(tone, 10), true},
		{"nothing", nil, false},
		{"silence", silence, false},
		{"faint hiss", noise(2*rate, 100), false},
		{"noise", noise(2*rate, 16000), false},
		{"another tone", Tone(1000, rate, 2), false},
		{"a neighbouring tone", Tone(460, rate, 2), false},
		{"the octave above", Tone(880, rate, 2), false},
		{"the tone under a louder one", mix(scale(tone, 4), scale(Tone(1000, rate, 2), 2)), false},
		{"the tone drowned in noise", mix(scale(tone, 8), noise(2*rate, 16000)), false},
		{"direct current", steady, false},
		{"too little of the tone", tone[:rate/2], false},
		{"the tone, then as much silence", slices.Concat(tone, silence), false},
		{"the tone, then noise", slices.Concat(tone, noise(2*rate, 16000)), false},
		{"an inaudible tone", scale(tone, 200), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if h := Listen(tt.samples, rate, 440); h.Heard() != tt.heard {
				t.Errorf("heard = %v, want %v: %v", h.Heard(), tt.heard, h)
			}
		})
	}
}

func TestListenAtOtherRates(t *testing.T) {
	for _, rate := range []int{8000, 16000, 44100, 48000} {
		if h := Listen(Tone(1000, rate, 2), rate, 1000); !h.Heard() {
			t.Errorf("rate %d: not heard: %v", rate, h)
		}
		if h := Listen(Tone(1000, rate, 2), rate, 440); h.Heard() {
			t.Errorf("rate %d: a tone of 1000 Hz was taken for 440 Hz: %v", rate, h)
		}
	}
	if h := Listen(Tone(440, 8000, 1), 0, 440); h.Heard() {
		t.Errorf("a sound of no rate was heard: %v", h)
	}
}

func TestWAVRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tone.wav")
	want := Tone(440, 16000, 1)
	if err := WriteWAV(path, want, 16000); err != nil {
		t.Fatal(err)
	}
	got, rate, err := ReadWAV(path)
	if err != nil {
		t.Fatal(err)
	}
	if rate != 16000 || !slices.Equal(got, want) {
		t.Errorf("read %d samples at %d Hz, want %d at 16000, the same", len(got), rate, len(want))
	}
}

// wav is a header as phones write it, with the sizes given, before data.
func wav(format, bits string, size string, data string) []byte {
	return []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + format + "\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00" + bits + "data" + size + data)
}

func TestParseWAV(t *testing.T) {
	const mono, b16 = "\x01\x00\x01\x00", "\x10\x00"
	for _, tt := range []struct {
		name string
		file []byte
		want []int16
		err  error
	}{
		{"whole", wav(mono, b16, "\x04\x00\x00\x00", "\x01\x00\xff\xff"), []int16{1, -1}, nil},
		{"resumed: the size of before", wav(mono, b16, "\x02\x00\x00\x00", "\x01\x00\x02\x00"), []int16{1, 2}, nil},
		{"unfinished: no size yet", wav(mono, b16, "\x00\x00\x00\x00", "\x01\x00\x02\x00\x03"), []int16{1, 2}, nil},
		{"unfinished: greatest size", wav(mono, b16, "\xff\xff\xff\xff", "\x01\x00"), []int16{1}, nil},
		{"unfinished: blank header", append(make([]byte, 44), 1, 0, 2, 0), []int16{1, 2}, nil},
		{"empty", nil, nil, errNotWAV},
		{"less than a blank header", make([]byte, 43), nil, errNotWAV},
		{"text", []byte("this is not a sound at all"), nil, errNotWAV},
		{"stereo", wav("\x01\x00\x02\x00", b16, "\x04\x00\x00\x00", "\x01\x00\x02\x00"), nil, errFormat},
		{"mu-law", wav("\x07\x00\x01\x00", "\x08\x00", "\x04\x00\x00\x00", "abcd"), nil, errFormat},
		{"no format", []byte("RIFF\x00\x00\x00\x00WAVEdata\x02\x00\x00\x00ab"), nil, errFormat},
		{"header only", wav(mono, b16, "", "")[:36], nil, errNoSound},
		{"chunk longer than the file", []byte("RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\xffab"), nil, errNoSound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := parseWAV(tt.file)
			if err != tt.err || !slices.Equal(got, tt.want) {
				t.Errorf("got %v, %v; want %v, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func FuzzParseWAV(f *testing.F) {
	f.Add(wav("\x01\x00\x01\x00", "\x10\x00", "\x04\x00\x00\x00", "\x01\x00\x02\x00"))
	f.Add(wav("\x01\x00\x01\x00", "\x10\x00", "\xff\xff\xff\xff", "\x01"))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVELIST\x03\x00\x00\x00abc"))
	f.Fuzz(func(t *testing.T, file []byte) {
		samples, rate, err := parseWAV(file)
		if err == nil && (rate < 0 || 2*len(samples) > len(file)) {
			t.Errorf("%d samples at %d Hz out of %d bytes", len(samples), rate, len(file))
		}
	})
}
