package app

import (
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
