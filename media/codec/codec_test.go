package codec

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
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
			for i, got := range pcm {
				// libspandsp wraps around where G.722 §5.2 has the output
				// limited: there, and only there, we differ.
				limited := v.format == media.G722 && (got == 32767 && want[i] < -20000 || got == -32768 && want[i] > 20000)
				if got != want[i] && !limited {
					t.Fatalf("sample %d: %d, want %d", i, got, want[i])
				}
			}
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

// Whatever comes, a decoder gives a whole number of samples and no panic.
func FuzzDecode(f *testing.F) {
	f.Add([]byte{0xd0, 1, 2})
	f.Add(bytes.Repeat([]byte{0xd7}, 67))
	f.Add(bytes.Repeat([]byte{0xff, 0}, 33))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, format := range []media.Format{media.Ulaw, media.Alaw, media.G722, media.GSM, media.Slin} {
			dec, _ := NewDecoder(format)
			n := len(dec.Decode(nil, b))
			want := map[media.Format]int{media.Ulaw: len(b), media.Alaw: len(b), media.G722: 2 * len(b), media.GSM: len(b) / 33 * 160, media.Slin: len(b) / 2}
			if n != want[format] {
				t.Errorf("%v: %d bytes became %d samples, want %d", format, len(b), n, want[format])
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	for _, f := range []media.Format{media.Ulaw, media.G722, media.GSM} {
		b.Run(f.String(), func(b *testing.B) {
			enc, _ := NewEncoder(f)
			pcm := make([]int16, f.Rate()/50)
			for i := range pcm {
				pcm[i] = int16(i * 977)
			}
			var out []byte
			for b.Loop() {
				out = enc.Encode(out[:0], pcm)
			}
		})
	}
}
