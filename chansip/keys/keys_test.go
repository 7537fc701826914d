package keys

import (
	"strings"
	"testing"
	"time"

	"obelus/call"
	"obelus/chansip/sipconf"
)

// TestKeys reads what phones send, and what we do.
func TestKeys(t *testing.T) {
	for _, c := range []struct {
		body string
		key  byte
		long time.Duration
	}{
		{"Signal=5\r\nDuration=160\r\n", '5', 160 * time.Millisecond},
		{"signal = #\nduration = 90", '#', 90 * time.Millisecond},
		{"Signal=10\r\n", '*', 250 * time.Millisecond},
		{"Signal=d\r\nDuration=0\r\n", 'D', 250 * time.Millisecond},
		{"Signal=5\r\nDuration=99999\r\n", '5', 250 * time.Millisecond},
		{"Signal=x\r\n", 0, 0},
		{"Duration=160\r\n", 0, 0},
		{"", 0, 0},
	} {
		d, ok := Relay(c.body)
		if ok != (c.key != 0) || ok && (d.Key != c.key || d.Duration != c.long) {
			t.Errorf("%q is %c for %v, %v", c.body, d.Key, d.Duration, ok)
		}
	}
	for s, want := range map[string]byte{"5": '5', "11": '#', " a ": 'A', "16": 0, "-1": 0, "**": 0, "": 0} {
		if d, ok := Short(s); ok != (want != 0) || ok && d.Key != want {
			t.Errorf("%q is %c, %v", s, d.Key, ok)
		}
	}
	for _, mode := range []sipconf.DTMFMode{sipconf.DTMFInfo, sipconf.DTMFShortInfo} {
		for _, key := range []byte("0123456789*#ABCD") {
			body, kind := Info(call.Digit{Key: key, Duration: 120 * time.Millisecond}, mode)
			read := Relay
			if kind == "application/dtmf" {
				read = Short
			}
			if d, ok := read(string(body)); !ok || d.Key != key {
				t.Errorf("%c is written %q and read as %c", key, body, d.Key)
			}
		}
	}
}

// FuzzKeys reads whatever comes: a key that there is, held for a time that there
// is, or none.
func FuzzKeys(f *testing.F) {
	f.Add("Signal=5\r\nDuration=160\r\n")
	f.Add("11")
	f.Fuzz(func(t *testing.T, body string) {
		for _, read := range []func(string) (call.Digit, bool){Relay, Short} {
			if d, ok := read(body); ok && (!strings.ContainsRune("0123456789*#ABCD", rune(d.Key)) || d.Duration <= 0 || d.Duration > 10*time.Second) {
				t.Errorf("%q is %q for %v", body, d.Key, d.Duration)
			}
		}
	})
}
