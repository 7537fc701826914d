package rtp

import (
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestDebug(t *testing.T) {
	phone := netip.MustParseAddrPort("198.51.100.1:4000")
	for _, c := range []struct {
		name  string
		d     Debug
		lines []string // begin so, each kind once
	}{
		{"nothing", Debug{}, nil},
		{"RTP", Debug{RTP: true}, []string{
			"Got  RTP packet from    198.51.100.1:4000 (type 00, seq 000001, ts 000007, len 000160)", "Sent RTP packet to      198.51.100.2:5000 (type 00, seq ",
		}},
		{"RTP of an address", Debug{RTP: true, RTPPeer: netip.AddrPortFrom(phone.Addr(), 0)}, []string{"Got  RTP packet from    198.51.100.1:4000"}},
		{"RTP of a port", Debug{RTP: true, RTPPeer: netip.MustParseAddrPort("198.51.100.1:4001")}, nil},
		{"RTCP", Debug{RTCP: true, RTCPPeer: netip.MustParseAddrPort("198.51.100.2:5001")}, []string{
			"Sent RTCP to 198.51.100.2:5001\nPT: 200 (Sender Report)\nSSRC of sender: ",
		}},
		{"reports", Debug{Stats: true, RTCPPeer: netip.MustParseAddrPort("198.51.100.1:4001")}, []string{
			"Sent RTCP to 198.51.100.1:4001\nPT: 201 (Receiver Report)\nSSRC of sender: ",
		}},
	} {
		inHouse(t, Options{}, func(h *house) {
			var mu sync.Mutex
			var shown []string
			c.d.Show = func(text string) {
				mu.Lock()
				defer mu.Unlock()
				shown = append(shown, text)
			}
			h.plane.SetDebug(c.d)
			a, b := h.leg(phone.String(), 1, ulaw), h.leg("198.51.100.2:5000", 2, ulaw)
			check(t, Connect(a.s, b.s))
			a.v.say(1)
			time.Sleep(reportEvery)
			h.plane.SetDebug(Debug{})
			a.v.say(1)
			mu.Lock()
			defer mu.Unlock()
			for _, want := range c.lines {
				if !slices.ContainsFunc(shown, func(s string) bool { return strings.HasPrefix(s, want) }) {
					t.Errorf("%s: %q is not shown, but %q", c.name, want, shown)
				}
			}
			if len(c.lines) == 0 && len(shown) != 0 || c.d.RTP && len(shown) != len(c.lines) {
				t.Errorf("%s: %q", c.name, shown)
			}
			if c.d.Stats && strings.Contains(strings.Join(shown, ""), "Source Description") {
				t.Errorf("%s: %q", c.name, shown)
			}
		})
	}
}

// What a stranger sends as RTCP is shown as far as it goes, whatever it says.
func FuzzDebugControl(f *testing.F) {
	f.Add([]byte{0x81, 200, 0, 6, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24})
	f.Add([]byte{0x9f, 201, 0, 1, 1, 2, 3, 4, 0x80, 203, 0xff, 0xff, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := Debug{RTCP: true, Show: func(text string) {
			if strings.HasSuffix(text, "\n") {
				t.Errorf("%q", text)
			}
		}}
		d.control(gotRTCP, netip.AddrPort{}, b)
	})
}
