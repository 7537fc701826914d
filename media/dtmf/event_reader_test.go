package dtmf

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/media/packet"
)

// What packets of events tell, by the timestamps of their keys.
func TestReader(t *testing.T) {
	type sent struct {
		ts uint32
		Event
	}
	for _, c := range []struct {
		name    string
		lenient bool
		in      []sent
		want    string
	}{
		{"a key", false, []sent{{100, Event{Code: 5, Duration: 160}}, {100, Event{Code: 5, Duration: 320}},
			{100, Event{Code: 5, End: true, Duration: 480}}, {100, Event{Code: 5, End: true, Duration: 480}}}, "5 down, 5 up 60ms"},
		{"its end alone", false, []sent{{100, Event{Code: 11, End: true, Duration: 800}}}, "# down, # up 100ms"},
		{"the end is lost", false, []sent{{100, Event{Code: 1, Duration: 160}}, {900, Event{Code: 2, Duration: 160}}}, "1 down, 1 up 20ms, 2 down"},
		{"out of order", false, []sent{{900, Event{Code: 2, End: true, Duration: 160}}, {100, Event{Code: 1, Duration: 160}}}, "2 down, 2 up 20ms"},
		{"the hook", false, []sent{{100, Event{Code: 16, End: true, Duration: 800}}}, "! down, ! up 100ms"},
		{"no key", false, []sent{{100, Event{Code: 17, End: true}}}, ""},
		{"broken", true, []sent{{100, Event{Code: 5}}, {260, Event{Code: 5}}}, "5 down, 5 up 0s, 5 down, 5 up 0s"},
	} {
		r := Reader{Timeout: time.Second, Lenient: c.lenient}
		now := time.Unix(1e9, 0)
		var told []string
		for _, s := range c.in {
			var b [EventLen]byte
			s.Put(b[:])
			var k Presses
			now = now.Add(20 * time.Millisecond)
			r.Packet(&packet.Header{SSRC: 1, TS: s.ts}, b[:], 8000, now, &k)
			for _, p := range k.All() {
				if p.Up {
					told = append(told, fmt.Sprintf("%c up %v", p.Key, p.Held))
				} else {
					told = append(told, fmt.Sprintf("%c down", p.Key))
				}
			}
		}
		if got := strings.Join(told, ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
