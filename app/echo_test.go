package app

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
)

// TestEcho: # ends it, and texts come back.
func TestEcho(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Echo()\nsame => n,NoOp(on)\n", nil)
		ch := h.Incoming()
		time.AfterFunc(2*time.Second, func() {
			ch.Notify(call.Event{Kind: call.EventText, Indication: call.Text{ContentType: "text/plain", Body: []byte("hi")}})
			ch.Notify(call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: '5'}})
		})
		time.AfterFunc(3*time.Second, func() { ch.Notify(call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: '#'}}) })
		if took := h.Call(); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
		if got, want := h.Caller.Heard(), "answer echo:true text:text/plain:hi echo:false hangup:0"; got != want {
			t.Errorf("the caller was told %q, want %q", got, want)
		}
	})
}

func TestChecks(t *testing.T) {
	checks := make(map[string]func(string) []string)
	for _, a := range Table(&Deps{}) {
		checks[a.Name] = a.Check
	}
	for _, c := range []struct {
		app, data string
		want      []string
	}{
		{"Playback", "hello,noanswer", nil},
		{"Playback", "1&2,say", []string{"Playback option say is not supported yet: names are taken for files"}},
		{"WaitExten", "5,m", []string{"WaitExten option m is not supported yet and does nothing"}},
		{"WaitExten", "5", nil},
	} {
		if got := checks[c.app](c.data); !slices.Equal(got, c.want) {
			t.Errorf("%s(%s): %q, want %q", c.app, c.data, got, c.want)
		}
	}
}
