package waiting

import (
	"errors"
	"strings"
	"testing"
	"time"

	"obelus/message"
)

// TestRecord has a message be the same when it comes back, what the dialplan has said of
// it included: a server whose To it said is not sent another one later.
func TestRecord(t *testing.T) {
	m := from("1001", "hello")
	m.ID, m.Request, m.Of, m.Silent = "1", "z9hG4bK1 h c", "0", true
	m.Write("To", "<sip:bob@there.example>")
	m.Write("X-Gone", "x")
	m.SetData("X-Held", "x", false)
	r := record(m)
	back := restored(&r)
	if back.ID != m.ID || back.Request != m.Request || back.Of != m.Of || !back.Silent || back.Context != m.Context || back.Exten != m.Exten ||
		back.From != m.From || back.To != m.To || back.Peer != m.Peer || string(back.Body) != "hello" || back.ContentType != m.ContentType || !back.At.Equal(m.At) {
		t.Errorf("it comes back as %+v", back)
	}
	got, want := back.AllData(), m.AllData()
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("with %+v, want %+v", got, want)
		}
	}
	if back.Said("To") != "<sip:bob@there.example>" || back.Said("X-A") != "" {
		t.Errorf("the dialplan said %q and %q", back.Said("To"), back.Said("X-A"))
	}
}

// TestLongHeaders: what is kept beside the body is bounded too.
func TestLongHeaders(t *testing.T) {
	inHouse(t, func(h *house) {
		for n, want := range map[int]string{1000: "STORED", headMost: "FAILURE"} {
			long := strings.Repeat("x", n)
			for name, more := range map[string]func(m *message.Message){
				"header": func(m *message.Message) { m.SetData("Subject", long, true) },
				"From":   func(m *message.Message) { m.From = `"` + long + `" <sip:1002@h>` },
			} {
				if got := h.sends("1002", "1001", "x", asked, more); got != want {
					t.Errorf("with %d bytes of %s: %s", n, name, got)
				}
			}
		}
		h.waits("1001", 2)
		m := &message.Message{From: strings.Repeat("x", headMost), To: "sip:1001", Peer: "1002", At: time.Now()}
		if err := h.s.Send(t.Context(), m); !errors.Is(err, message.ErrFailed) || !strings.Contains(err.Error(), "headers") {
			t.Errorf("it says %v", err)
		}
	})
}
