package sip

import (
	"strings"
	"testing"
)

func TestPart(t *testing.T) {
	const both = "--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1\r\nContent-Type: Application/SDP;x=y\r\n\r\nv=0\r\n\r\n--b1--\r\n"
	for _, c := range []struct {
		name, contentType, body, want string
		ok                            bool
	}{
		{"alone", "application/sdp", "v=0\r\n", "v=0\r\n", true},
		{"in capitals, with a parameter", "Application/SDP;charset=x", "v=0\r\n", "v=0\r\n", true},
		{"no type", "", "v=0\r\n", "v=0\r\n", true},
		{"another", "text/plain", "hello", "", false},
		{"among parts", "multipart/mixed; boundary=b1", both, "v=0\r\n", true},
		{"quoted", `multipart/mixed;boundary="b1"`, both, "v=0\r\n", true},
		{"not among the parts", "multipart/mixed;boundary=b2", both, "", false},
		{"no boundary", "multipart/mixed", both, "", false},
		{"an empty boundary", "multipart/mixed;boundary=", both, "", false},
		{"a boundary that is too long", "multipart/mixed;boundary=" + strings.Repeat("b", 71), both, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b Builder
			b.Request(MESSAGE, "sip:x")
			m, err := Parse(b.End(c.contentType, []byte(c.body)))
			if err != nil {
				t.Fatal(err)
			}
			got, ok := m.Part("application/sdp")
			if string(got) != c.want || ok != c.ok {
				t.Errorf("%q %v, want %q", got, ok, c.want)
			}
		})
	}
}
