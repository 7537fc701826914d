package codec

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"obelus/media"
)

func vector(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Ext(name) != ".gz" {
		return b
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if b, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	return b
}

func samples(b []byte) []int16 {
	out := make([]int16, len(b)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return out
}

// The vectors were made with the libraries of Debian 12 (libspandsp 0.0.6,
// libgsm 1.0.22) from tones, noise, silence and full-scale squares; the decoders
// are fed that and frames of random bits.
var vectors = []struct {
	format                 media.Format
	input, coded, random   string
	decoded                string // of coded and random, one after the other
	samplesIn, bytesAFrame int
}{
	{media.G722, "in16000.sln.gz", "in.g722", "rand.g722", "decoded16000.sln.gz", 320, 160},
	{media.GSM, "in8000.sln.gz", "in.gsm", "rand.gsm", "decoded8000.sln.gz", 160, 33},
}

func TestEncodersToTheBit(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.format.String(), func(t *testing.T) {
			enc, _ := NewEncoder(v.format)
			want := vector(t, v.coded)
			var got []byte
			for pcm := samples(vector(t, v.input)); len(pcm) > 0; pcm = pcm[v.samplesIn:] {
				got = enc.Encode(got, pcm[:v.samplesIn])
			}
			if len(got) != len(want) {
				t.Fatalf("%d bytes, want %d", len(got), len(want))
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("frame %d, byte %d: %02x, want %02x", i/v.bytesAFrame, i%v.bytesAFrame, got[i], want[i])
				}
			}
		})
	}
}

func TestDecodersToTheBit(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.format.String(), func(t *testing.T) {
			dec, _ := NewDecoder(v.format)
			pcm := dec.Decode(nil, vector(t, v.coded))
			pcm = dec.Decode(pcm, vector(t, v.random))
			want := samples(vector(t, v.decoded))
			if len(pcm) != len(want) {
				t.Fatalf("%d samples, want %d", len(pcm), len(want))
			}
			different := 0
			for i, got := range pcm {
				if got != want[i] {
					different++
				}
				// libspandsp wraps around where G.722 §5.2 has the output
				// limited: there, and only there, we differ.
				limited := v.format == media.G722 && (got == 32767 && want[i] < -20000 || got == -32768 && want[i] > 20000)
				if got != want[i] && !limited {
					t.Fatalf("sample %d: %d, want %d", i, got, want[i])
				}
			}
			t.Logf("%d samples, all of them the reference's but %d that it lets wrap around", len(pcm), different)
		})
	}
}

func TestBytesIsWhatEncodersMake(t *testing.T) {
	for _, f := range media.All() {
		enc, ok := NewEncoder(f)
		if !ok {
			if f.Kind() == media.Audio && Bytes(f, media.Frame) != 0 {
				t.Errorf("%v has a length but no encoder", f)
			}
			continue
		}
		for _, d := range []time.Duration{media.Frame, 60 * time.Millisecond} {
			got := enc.Encode(nil, make([]int16, int(d*time.Duration(f.Rate())/time.Second)))
			if want := Bytes(f, d); len(got) != want {
				t.Errorf("%v of %v: %d bytes, want %d", d, f, len(got), want)
			}
		}
	}
}

// Whatever comes, a decoder gives as many samples as the bytes stand for, and no
// panic.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0xd0, 1, 2})
	f.Add(bytes.Repeat([]byte{0xd7}, 67))
	f.Add(bytes.Repeat([]byte{0xff, 0}, 33))
	f.Add([]byte{0x80, 0, 88, 0, 0x77, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		for format, want := range map[media.Format]int{
			media.Ulaw: len(b), media.Alaw: len(b), media.G722: 2 * len(b), media.GSM: len(b) / 33 * 160, media.Slin: len(b) / 2,
			media.Slin48: len(b) / 2, media.G726: 2 * len(b), media.G726AAL2: 2 * len(b), media.ADPCM: max(2*(len(b)-dvi4Head), 0),
		} {
			dec, _ := NewDecoder(format)
			n := len(dec.Decode(nil, b))
			if format == media.ADPCM && len(b) >= 3 && int(b[2]) >= len(dvi4Steps) {
				want = 0
			}
			if n != want {
				t.Errorf("%v: %d bytes became %d samples, want %d", format, len(b), n, want)
			}
		}
	})
}

// Two packets of anything are at most 120 ms each, at every rate, and the next
// good one is read.
func FuzzDecodeOpus(f *testing.F) {
	f.Add(append([]byte(nil), opusVoice[:]...), []byte{0x0b, 0xe4, 0xc1, 0x36, 0xec, 0xc5, 0x80})
	f.Add([]byte{0x08}, []byte{0x03, 0xff, 0xff})
	f.Add([]byte{0x78, 1, 2, 3, 4, 5, 6, 7}, bytes.Repeat([]byte{0x7b, 0x91}, 60))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		for _, rate := range []int{8000, 16000, 48000} {
			d, err := newOpusDecoder(rate)
			if err != nil {
				t.Fatal(err)
			}
			for _, packet := range [][]byte{a, b} {
				if n := len(d.Decode(nil, packet)); n > rate*120/1000 {
					t.Errorf("%d: %x became %d samples", rate, packet, n)
				}
			}
			if n := len(d.Decode(nil, []byte{0xfc, 0xff, 0xfe})); n != rate/50 {
				t.Errorf("%d: 20 ms of silence became %d samples after %x and %x", rate, n, a, b)
			}
		}
	})
}

// What a peer describes as comfort noise makes noise, and no panic.
func FuzzNoise(f *testing.F) {
	f.Add([]byte{40})
	f.Add([]byte{0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0})
	f.Fuzz(func(t *testing.T, sid []byte) {
		n := NewNoise()
		n.Describe(sid)
		if got := len(n.Make(nil, 333)); got != 333 {
			t.Errorf("%d samples", got)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	for _, f := range media.All() {
		enc, ok := NewEncoder(f)
		if !ok {
			continue
		}
		b.Run(f.String(), func(b *testing.B) {
			pcm := chirp(f.Rate())
			var out []byte
			for b.Loop() {
				out = enc.Encode(out[:0], pcm)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, f := range media.All() {
		dec, ok := NewDecoder(f)
		if !ok {
			continue
		}
		b.Run(f.String(), func(b *testing.B) {
			code := NewSet(Options{}).sample(Coding{f, f.Rate()})
			var out []int16
			for b.Loop() {
				out = dec.Decode(out[:0], code)
			}
		})
	}
}

func BenchmarkResample(b *testing.B) {
	for _, c := range [][2]int{{8000, 16000}, {16000, 8000}, {8000, 48000}, {48000, 8000}, {44100, 8000}} {
		b.Run(fmt.Sprintf("%d-%d", c[0], c[1]), func(b *testing.B) {
			r, err := NewResampler(c[0], c[1])
			if err != nil {
				b.Fatal(err)
			}
			pcm := chirp(c[0])
			for b.Loop() {
				r.Run(pcm)
			}
		})
	}
}

func BenchmarkConceal(b *testing.B) {
	for _, rate := range []int{8000, 48000} {
		b.Run(fmt.Sprint(rate), func(b *testing.B) {
			c, pcm := NewConcealer(rate), chirp(rate)
			var out []int16
			for b.Loop() {
				c.Heard(pcm)
				c.Heard(pcm)
				c.Heard(pcm)
				out = c.Lost(out[:0], rate/50)
			}
		})
	}
}
