package sip

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

const small = "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nContent-Length: "

func TestFrame(t *testing.T) {
	tests := []struct {
		name, in string
		n        int
		err      error
	}{
		{"nothing", "", 0, nil},
		{"a ping", "\r\n\r\n", 4, nil},
		{"half a ping", "\r\n\r", 2, nil},
		{"half a line end", "\r", 0, nil},
		{"line ends before a message", "\r\n\r\n" + small + "0\r\n\r\n", 4, nil},
		{"a message without a body", small + "0\r\n\r\n", len(small) + 5, nil},
		{"a message with a body", small + "3\r\n\r\nabcOPTIONS", len(small) + 8, nil},
		{"a body that is not all there", small + "3\r\n\r\nab", 0, nil},
		{"a head that is not all there", small + "3\r\n", 0, nil},
		{"LF alone", "OPTIONS sip:a SIP/2.0\nl:2\n\nab", 29, nil},
		{"compact form and spaces", "OPTIONS sip:a SIP/2.0\r\nL  : 2\r\n\r\nab", 35, nil},
		{"folded length", "OPTIONS sip:a SIP/2.0\r\nContent-Length:\r\n 2\r\n\r\nab", 48, nil},
		{"no length", "OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n", 0, ErrNoLength},
		{"two lengths", small + "1\r\nContent-Length: 5\r\n\r\nabcde", 0, ErrContentLength},
		{"two equal lengths", small + "1\r\nl: 1\r\n\r\na", 0, ErrContentLength},
		{"negative", small + "-1\r\n\r\n", 0, ErrContentLength},
		{"plus sign", small + "+1\r\n\r\n", 0, ErrContentLength},
		{"hexadecimal", small + "0x1\r\n\r\n", 0, ErrContentLength},
		{"a list", small + "1, 1\r\n\r\n", 0, ErrContentLength},
		{"empty", small + "\r\n\r\n", 0, ErrContentLength},
		{"overflow", small + "18446744073709551617\r\n\r\n", 0, ErrContentLength},
		{"more than the limit", small + "5000\r\n\r\n", 0, ErrTooLarge},
		{"bare CR", "OPTIONS sip:a SIP/2.0\r\nX: a\rContent-Length: 5\r\nl: 0\r\n\r\n", 0, ErrBareCR},
		{"a line too long", "OPTIONS sip:a SIP/2.0\r\nX: " + strings.Repeat("a", MaxLine) + "\r\nl: 0\r\n\r\n", 0, ErrLineTooLong},
		{"no end of the head", "OPTIONS sip:a SIP/2.0\r\n" + strings.Repeat("X: y\r\n", MaxHead/6), 0, ErrHeadTooLong},
	}
	for _, test := range tests {
		n, err := Frame([]byte(test.in), 4096)
		if n != test.n || !errors.Is(err, test.err) {
			t.Errorf("%s: %d, %v; want %d, %v", test.name, n, err, test.n, test.err)
		}
	}
}

func TestKeepAlive(t *testing.T) {
	for in, want := range map[string][2]bool{
		"\r\n": {false, true}, "\r\n\r\n": {true, true}, "\r\n\r\n\r\n": {true, true}, "\r": {false, true}, "": {false, false}, "OPTIONS": {false, false},
	} {
		if ping, ok := KeepAlive([]byte(in)); ping != want[0] || ok != want[1] {
			t.Errorf("%q: %v, %v", in, ping, ok)
		}
	}
}

// A stream that comes in any pieces is cut into the same messages.
func TestFrameInPieces(t *testing.T) {
	stream := small + "3\r\n\r\nabc" + "\r\n\r\n" + small + "0\r\n\r\n" + small + "4\r\n\r\n\r\n\r\n"
	want := []string{small + "3\r\n\r\nabc", small + "0\r\n\r\n", small + "4\r\n\r\n\r\n\r\n"}
	for size := 1; size <= len(stream); size++ {
		var got []string
		var buf []byte
		for rest := stream; rest != ""; {
			n := min(size, len(rest))
			buf, rest = append(buf, rest[:n]...), rest[n:]
			for {
				n, err := Frame(buf, 4096)
				if err != nil {
					t.Fatal(err)
				}
				if n == 0 {
					break
				}
				if _, ok := KeepAlive(buf[:n]); !ok {
					got = append(got, string(buf[:n]))
				}
				buf = buf[n:]
			}
		}
		if len(buf) != 0 || strings.Join(got, "|") != strings.Join(want, "|") {
			t.Fatalf("pieces of %d: %q, left %q", size, got, buf)
		}
	}
}

// Security class 3: what Frame cuts off is what Parse takes for one message,
// to the byte; else a body could pass for the next request.
func FuzzFrame(f *testing.F) {
	f.Add([]byte(small + "3\r\n\r\nabcOPTIONS"))
	f.Add([]byte("OPTIONS sip:a SIP/2.0\nL  :\n 2\n\nab"))
	f.Add([]byte("\r\n\r\n\r"))
	f.Add([]byte(small + "0\r\nContent-Length : 5\r\n\r\nabcde"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := Frame(data, 1<<16)
		if err != nil || n == 0 {
			if n != 0 {
				t.Fatalf("%d and %v", n, err)
			}
			return
		}
		if _, ok := KeepAlive(data[:n]); ok {
			return
		}
		if again, err := Frame(data[:n], 1<<16); again != n || err != nil {
			t.Fatalf("cut %d, of which then %d, %v", n, again, err)
		}
		m, err := Parse(data[:n])
		if err != nil {
			return
		}
		if length, ok, err := m.contentLength(); !ok || err != nil || length != len(m.Body()) || !bytes.HasSuffix(data[:n], m.Body()) {
			t.Fatalf("Frame cut %d, Parse found a body of %d (%v)", n, length, err)
		}
	})
}
