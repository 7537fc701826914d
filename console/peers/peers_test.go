package peers

import (
	"bytes"
	"io"
	"testing"

	"obelus/console"
)

// book says what it is asked for.
type book struct{}

func (book) ShowUsers(w io.Writer)   { io.WriteString(w, "users") }
func (book) ShowDomains(w io.Writer) { io.WriteString(w, "domains") }
func (book) ShowInUse(w io.Writer, all bool) {
	io.WriteString(w, map[bool]string{true: "all", false: "limited"}[all])
}

// TestCommands has each command print what it is for.
func TestCommands(t *testing.T) {
	table := new(console.Table)
	table.Add(Commands(book{})...)
	for line, want := range map[string]string{
		"sip show users": "users", "sip show domains": "domains", "sip show inuse": "limited", "sip show inuse all": "all",
	} {
		var b bytes.Buffer
		if table.Run(t.Context(), &console.Session{Writer: &b}, line); b.String() != want {
			t.Errorf("%s: %q", line, b.String())
		}
	}
	var b bytes.Buffer
	if table.Run(t.Context(), &console.Session{Writer: &b}, "sip show inuse some"); !bytes.Contains(b.Bytes(), []byte("Usage")) {
		t.Errorf("sip show inuse some: %q", b.String())
	}
}
