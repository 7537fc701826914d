package codec

import (
	"bytes"
	"testing"

	"obelus/media"
)

// The vectors were made by libspandsp: testdata/README says how.
func TestG726EncodesAsSpandsp(t *testing.T) {
	pcm := samples(vector(t, "in8000.sln.gz"))
	for _, f := range []media.Format{media.G726, media.G726AAL2} {
		enc, _ := NewEncoder(f)
		want := vector(t, "in."+f.String()+".gz")
		var got []byte
		for rest := pcm; len(rest) > 0; rest = rest[160:] {
			got = enc.Encode(got, rest[:160])
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%v: %d bytes that differ from the reference's %d", f, len(got), len(want))
		}
	}
}

func TestG726DecodesAsSpandsp(t *testing.T) {
	code := append(vector(t, "in.g726.gz"), vector(t, "rand.g726")...)
	want := samples(vector(t, "decoded-g726.sln.gz"))
	if len(want) != 2*len(code) {
		t.Fatalf("%d samples for %d bytes", len(want), len(code))
	}
	swapped := make([]byte, len(code))
	for i, x := range code {
		swapped[i] = x<<4 | x>>4
	}
	for _, c := range []struct {
		format media.Format
		code   []byte
	}{{media.G726, code}, {media.G726AAL2, swapped}} {
		dec, _ := NewDecoder(c.format)
		got := dec.Decode(nil, c.code)
		s := newG726()
		for i, w := range want {
			// The reference lets a sample beyond 14 bits wrap around, where
			// G.726 Annex A (LIMO) has it limited: before that the two are one.
			sez, se := s.estimate()
			whole := s.take(int32(code[i/2])>>(i%2*4)&15, sez, se, s.scale()) << 2
			if int16(whole) != w {
				t.Fatalf("%v: sample %d is %d, want %d", c.format, i, int16(whole), w)
			}
			if int32(got[i]) != sat(whole) {
				t.Fatalf("%v: sample %d comes out as %d, want %d", c.format, i, got[i], sat(whole))
			}
		}
	}
}

func TestDVI4AsSpandsp(t *testing.T) {
	enc, _ := NewEncoder(media.ADPCM)
	var got []byte
	for pcm := samples(vector(t, "in8000.sln.gz")); len(pcm) > 0; pcm = pcm[160:] {
		got = enc.Encode(got, pcm[:160])
	}
	want := vector(t, "in.dvi4.gz")
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes that differ from the reference's %d", len(got), len(want))
	}
	dec, _ := NewDecoder(media.ADPCM)
	var out []int16
	for code := want; len(code) > 0; code = code[84:] {
		out = dec.Decode(out, code[:84])
	}
	for i, w := range samples(vector(t, "decoded-dvi4.sln.gz")) {
		if out[i] != w {
			t.Fatalf("sample %d is %d, want %d", i, out[i], w)
		}
	}
	for _, b := range [][]byte{nil, {1, 2, 3}, {0, 0, 89, 0, 1}, {0, 0, 255, 0, 1}} {
		if got := dec.Decode(nil, b); got != nil {
			t.Errorf("%x became %v", b, got)
		}
	}
}

func TestADPCMOfOddLength(t *testing.T) {
	for _, f := range []media.Format{media.G726, media.G726AAL2, media.ADPCM} {
		a, _ := NewEncoder(f)
		b, _ := NewEncoder(f)
		if one, two := a.Encode(nil, []int16{1, 2, 3}), b.Encode(nil, []int16{1, 2, 3, 0}); !bytes.Equal(one, two) {
			t.Errorf("%v: three samples are %x, with a zero behind them %x", f, one, two)
		}
	}
}
