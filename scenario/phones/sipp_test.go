package phones

import (
	"bufio"
	"strings"
	"testing"
)

func TestParseStatistics(t *testing.T) {
	const names = "StartTime;SuccessfulCall(P);SuccessfulCall(C);FailedCall(P);FailedCall(C);\n"
	for _, tt := range []struct {
		name, table string
		good, bad   int
		failed      bool
	}{
		{"all good", names + "t;1;1;0;0;\nt;199;200;0;0;\n", 200, 0, false},
		{"some failed", names + "t;1;190;0;10;\n", 190, 10, false},
		{"no line", names, 0, 0, true},
		{"nothing", "", 0, 0, true},
		{"cut off", names + "t;1;1;0", 0, 0, true},
		{"no number", names + "t;1;x;0;0;\n", 0, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			good, bad, err := parseStatistics(bufio.NewScanner(strings.NewReader(tt.table)))
			if good != tt.good || bad != tt.bad || (err != nil) != tt.failed {
				t.Errorf("got %d good, %d bad, %v; want %d, %d, error %v", good, bad, err, tt.good, tt.bad, tt.failed)
			}
		})
	}
}

// TestULaw holds the formulas to values of the tables of G.711 (as 16 bit
// samples), and to each other.
func TestULaw(t *testing.T) {
	for _, tt := range []struct {
		b      byte
		sample int16
	}{
		{0xff, 0}, {0x7f, 0}, {0xfe, 8}, {0x7e, -8}, {0x80, 32124}, {0x00, -32124}, {0x8f, 16764}, {0xf0, 120}, {0xe7, 260},
	} {
		if got := decodeULaw(tt.b); got != tt.sample {
			t.Errorf("decode %#02x = %d, want %d", tt.b, got, tt.sample)
		}
	}
	for b := range 256 {
		if again := encodeULaw(decodeULaw(byte(b))); again != byte(b) && b != 0x7f {
			t.Errorf("encode(decode(%#02x)) = %#02x", b, again)
		}
	}
}

func TestReadNetstrings(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"none", "", ""},
		{"two", "5:hello,0:,", "hello\n\n"},
		{"bytes, not letters", "3:ä!,", "ä!\n"},
		{"no comma", "2:ab;", "control connection: netstring ends in ';', not a comma\n"},
		{"no length", "x:ab,", "control connection: netstring of length \"x:\"\n"},
		{"too long", "99999999:ab,", "control connection: netstring of length \"99999999:\"\n"},
		{"cut off in the text", "5:hel", "control connection: read a netstring: unexpected EOF\n"},
		{"cut off in the length", "5", "control connection: read the length of a netstring: EOF\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			readNetstrings(strings.NewReader(tt.in), &out)
			if out.String() != tt.want {
				t.Errorf("got %q, want %q", out.String(), tt.want)
			}
		})
	}
}
