package acl

import (
	"net/netip"
	"slices"
	"testing"

	"obelus/conf"
)

func TestRead(t *testing.T) {
	text := "[t](!)\ndeny=0.0.0.0/0\n[lan](t)\npermit=10.0.0.0/8\n[odd]\npermit=10.0.0.0/8,here\nallow=1.2.3.4\n[lan]\npermit=192.168.0.0/16\n"
	f, _, err := (&conf.Loader{ReadFile: func(string) ([]byte, error) { return []byte(text), nil }}).Load("acl.conf")
	if err != nil {
		t.Fatal(err)
	}
	lists, found := Read(f)
	if names := lists.Names(); !slices.Equal(names, []string{"lan", "odd"}) {
		t.Errorf("lists %q", names)
	}
	var said []string
	for _, d := range found {
		said = append(said, d.String())
	}
	want := []string{
		`acl.conf:6: warning: permit=10.0.0.0/8,here: "here" is no address (the line counts up to there, as in the original: see who is let in now)`,
		"acl.conf:7: warning: unknown option 'allow' (a list has permit= and deny=)",
	}
	if !slices.Equal(said, want) {
		t.Errorf("said %q", said)
	}
	for addr, want := range map[string]bool{"10.9.9.9": true, "192.168.1.1": true, "192.0.2.1": false} {
		if got := lists["lan"].Allows(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %v, want %v", addr, got, want)
		}
	}
	if lists, found := Read(nil); len(lists) != 0 || len(found) != 0 {
		t.Errorf("no file: %v, %v", lists, found)
	}
}

func TestNobody(t *testing.T) {
	for _, addr := range []string{"10.9.9.9", "2001:db8::1", "::ffff:1.2.3.4"} {
		if Nobody().Allows(netip.MustParseAddr(addr)) {
			t.Errorf("%s passes", addr)
		}
	}
}
