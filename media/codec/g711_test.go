package codec

import "testing"

// The vectors are sox's (14.4.2, no dither): all bytes decoded, and every
// sample in steps of 4 (µ-law) and 8 (A-law), which is all the laws look at,
// encoded.
func TestG711AsSox(t *testing.T) {
	for _, c := range []struct {
		name   string
		step   int
		encode func(int16) byte
		decode func(byte) int16
	}{{"ulaw", 4, EncodeUlaw, DecodeUlaw}, {"alaw", 8, EncodeAlaw, DecodeAlaw}} {
		decoded := samples(vector(t, "decoded."+c.name))
		for i, want := range decoded {
			if got := c.decode(byte(i)); got != want {
				t.Errorf("%s %02x is %d, want %d", c.name, i, got, want)
			}
		}
		encoded := vector(t, "encoded."+c.name+".gz")
		if len(encoded) != 65536/c.step {
			t.Fatalf("%d bytes of %s", len(encoded), c.name)
		}
		for i, want := range encoded {
			s := int16(-32768 + i*c.step)
			if got := c.encode(s); got != want {
				t.Errorf("%d in %s is %02x, want %02x", s, c.name, got, want)
			}
		}
	}
}

func TestG711ThereAndBack(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		if got := EncodeAlaw(DecodeAlaw(b)); got != b {
			t.Errorf("A-law %02x came back as %02x", b, got)
		}
		// µ-law has two zeros; the negative one becomes the positive.
		if got := EncodeUlaw(DecodeUlaw(b)); got != b && b != 0x7f {
			t.Errorf("µ-law %02x came back as %02x", b, got)
		}
		x := []byte{b}
		UlawToAlaw(x)
		if want := EncodeAlaw(DecodeUlaw(b)); x[0] != want {
			t.Errorf("µ-law %02x to A-law is %02x, want %02x", b, x[0], want)
		}
		x[0] = b
		AlawToUlaw(x)
		if want := EncodeUlaw(DecodeAlaw(b)); x[0] != want {
			t.Errorf("A-law %02x to µ-law is %02x, want %02x", b, x[0], want)
		}
	}
}
