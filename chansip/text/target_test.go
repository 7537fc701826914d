package text

import (
	"errors"
	"testing"

	"obelus/message"
)

// TestReadAddress reads each form of a destination.
func TestReadAddress(t *testing.T) {
	for s, want := range map[string]address{
		"sip:1002":                               {"sip:", "", "1002", ""},
		"SIP:1002":                               {"sip:", "", "1002", ""},
		"sip:1002@10.99.0.1:5070":                {"sip:", "1002", "10.99.0.1:5070", ""},
		"sip:1002:secret@trunk":                  {"sip:", "1002", "trunk", ""},
		"sips:1002@there.example":                {"sips:", "1002", "there.example", ""},
		"sip:1002@there.example;transport=tcp":   {"sip:", "1002", "there.example", ";transport=tcp"},
		"sip:1002@there.example?Subject=x":       {"sip:", "1002", "there.example", ""},
		"SIP/1002":                               {"sip:", "", "1002", ""},
		"SIP/trunk/4711":                         {"sip:", "4711", "trunk", ""},
		"SIP/4711@trunk":                         {"sip:", "4711", "trunk", ""},
		"1002":                                   {"", "", "1002", ""},
		`"Bob" <sip:1002@there.example>`:         {"sip:", "1002", "there.example", ""},
		"<sip:1002@[2001:db8::1]:5070;lr>;tag=x": {"sip:", "1002", "[2001:db8::1]:5070", ";lr"},
		"sip:1002@there.example>":                {"sip:", "1002", "there.example", ""},
	} {
		if got, err := readAddress(s); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "sip:", "SIP/", "sip:1002@", "sip:a b", "sip:@", "sip:x@y\r\nz", `sip:"x`} {
		if a, err := readAddress(s); !errors.Is(err, message.ErrURI) {
			t.Errorf("%q is read as %+v, %v", s, a, err)
		}
	}
}

// FuzzReadAddress: whatever the dialplan writes, what is read is one word.
func FuzzReadAddress(f *testing.F) {
	for _, s := range []string{"sip:1002@10.99.0.1:5070;transport=tcp", `"Bob" <sip:1002@there.example>`, "SIP/trunk/4711", "1002"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := readAddress(s)
		if err == nil && a.host == "" {
			t.Errorf("%q means nobody", s)
		}
	})
}
