package clock

import (
	"testing"
	"time"

	"obelus/function/functiontest"
)

func TestTestTime(t *testing.T) {
	x, _ := functiontest.New(t, &functiontest.Leg{}, Table())
	want := time.Date(2025, 12, 24, 18, 0, 0, 0, time.UTC)
	for _, value := range []string{"2025/12/24 18:00:00 UTC", "2025-12-24 19:0:0 Europe/Berlin", "2025.12.24 18:00 UTC"} {
		functiontest.Must(t, x, "TESTTIME()="+value)
		if got := x.Moment(); !got.Equal(want) {
			t.Errorf("%s is %v", value, got)
		}
	}
	for _, bad := range []string{"noon", "2025/13/24 18:00:00", "2025/12/24 25:00"} {
		if x.Assign("TESTTIME()", bad) == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	functiontest.Must(t, x, "TESTTIME()=")
	if d := time.Since(x.Moment()); d < 0 || d > time.Minute {
		t.Errorf("after nothing it is %v", x.Moment())
	}
}
