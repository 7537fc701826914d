package channel

import (
	"strings"
	"testing"

	"obelus/function/functiontest"
)

// TestHangupHandlers sees that the last pushed runs first, and one that was popped not at all.
func TestHangupHandlers(t *testing.T) {
	x, _ := functiontest.New(t, &functiontest.Leg{}, Table())
	for _, bad := range []string{"CHANNEL(hangup_handler_push)=", "CHANNEL(hangup_handler_push)=agi,s,nosuch"} {
		name, value, _ := strings.Cut(bad, "=")
		if x.Assign(name, value) == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	functiontest.Must(t, x, "CHANNEL(hangup_handler_push)=agi,s,1(a,b)", "CHANNEL(hangup_handler_push)=2", "CHANNEL(hangup_handler_pop)=agi,s,2(c)")
	h := x.Recall(handlersKey{}).(*handlers)
	if len(h.list) != 2 || strings.Join(h.list[0].args, " ") != "a b" || h.list[1].at.Priority != 2 || h.list[1].args[0] != "c" {
		t.Errorf("the handlers are %+v", h.list)
	}
	functiontest.Must(t, x, "CHANNEL(hangup_handler_wipe)=agi,s,1")
	if len(h.list) != 1 {
		t.Errorf("after the wipe there are %d", len(h.list))
	}
	for range maxHandlers - 1 {
		functiontest.Must(t, x, "CHANNEL(hangup_handler_push)=1")
	}
	if x.Assign("CHANNEL(hangup_handler_push)", "1") == nil {
		t.Error("handlers without end")
	}
}
