package call_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
)

// TestIDsAreOfOneRun has channels of two runs told apart that began in the same second.
func TestIDsAreOfOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := make(map[string]bool)
		for range 10 {
			r := call.NewRegistry(slog.New(slog.DiscardHandler), nil)
			for range 50 {
				id := r.New(call.Spec{Name: "SIP/1001-" + time.Now().String()}).ID()
				if seen[id] || !strings.HasPrefix(id, "946684800.") {
					t.Errorf("%s is there twice, or is not of this second", id)
				}
				seen[id] = true
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
}
