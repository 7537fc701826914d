package learn

import (
	"net/netip"
	"testing"
	"time"

	"obelus/media/packet"
)

// at reads an address.
func at(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

const (
	offered  = "198.51.100.1:4000"
	moved    = "198.51.100.1:4002"
	signals  = "198.51.100.9:5060"
	stranger = "203.0.113.7:9999"
)

// Who is learned from the first packets, by how well he fits the description.
func TestRTP(t *testing.T) {
	for _, c := range []struct {
		from      string
		symmetric bool
		lenient   bool
		want      [5]Outcome
	}{
		{offered, false, false, [5]Outcome{Learned, Known, Known, Known, Known}},
		{moved, false, false, [5]Outcome{Waiting, Waiting, Waiting, Learned, Known}},
		{"198.51.100.9:7000", false, false, [5]Outcome{Waiting, Waiting, Waiting, Learned, Known}},
		{stranger, false, false, [5]Outcome{}}, // Foreign, all of them
		{stranger, true, false, [5]Outcome{Waiting, Waiting, Waiting, Learned, Known}},
		{stranger, false, true, [5]Outcome{Known, Known, Known, Known, Known}},
	} {
		l := RTP{Need: 4, Lenient: c.lenient}
		l.Negotiate(at(offered), c.symmetric, at(signals).Addr())
		now := time.Unix(1e9, 0)
		for i, want := range c.want {
			now = now.Add(20 * time.Millisecond)
			if got := l.Packet(at(c.from), &packet.Header{Seq: uint16(i), SSRC: 1}, now); got != want {
				t.Errorf("%s, symmetric %v, lenient %v: packet %d is %d, want %d", c.from, c.symmetric, c.lenient, i, got, want)
			}
		}
		if learned := c.want[4] == Known && !c.lenient; learned != (l.Source() == at(c.from)) {
			t.Errorf("%s: learned %v", c.from, l.Source())
		}
	}
}

// Who was learned gives way when he has fallen silent, and reports are his alone.
func TestRTPSilence(t *testing.T) {
	for _, c := range []struct {
		from  string
		ssrc  uint32
		quiet time.Duration
		gives bool
	}{
		{stranger, 2, 4 * time.Second, false},
		{stranger, 2, 6 * time.Second, true},
		{moved, 1, 150 * time.Millisecond, true}, // another port of the NAT
		{moved, 2, 150 * time.Millisecond, false},
		{stranger, 1, 400 * time.Millisecond, true}, // the same stream from another address
		{stranger, 1, 200 * time.Millisecond, false},
	} {
		l := RTP{Need: 4}
		l.Negotiate(at(offered), true, netip.Addr{})
		now := time.Unix(1e9, 0)
		seq := uint16(0)
		for range 200 { // four seconds: the lock has settled
			l.Packet(at(offered), &packet.Header{Seq: seq, SSRC: 1}, now)
			now, seq = now.Add(20*time.Millisecond), seq+1
		}
		now = now.Add(c.quiet)
		if l.Deaf(at(c.from), now) && c.gives {
			t.Errorf("%s after %v: not heard at all", c.from, c.quiet)
		}
		for range 4 {
			l.Packet(at(c.from), &packet.Header{Seq: seq, SSRC: c.ssrc}, now)
			seq++
		}
		if gave := l.Source() == at(c.from); gave != c.gives {
			t.Errorf("%s after %v: gives way %v", c.from, c.quiet, gave)
		}
		if !l.BelievesRTCP(l.Source()) || l.BelievesRTCP(at("192.0.2.200:1")) {
			t.Errorf("%s: whose reports are believed?", c.from)
		}
	}
}

func TestFax(t *testing.T) {
	for _, c := range []struct {
		from      string
		symmetric bool
		lenient   bool
		want      [5]Outcome
	}{
		{offered, false, false, [5]Outcome{Learned, Known, Known, Known, Known}},
		{moved, false, false, [5]Outcome{Learned, Known, Known, Known, Known}},
		{stranger, false, false, [5]Outcome{}},
		{stranger, true, false, [5]Outcome{Waiting, Waiting, Waiting, Learned, Known}},
		{stranger, false, true, [5]Outcome{Known, Known, Known, Known, Known}},
	} {
		l := Fax{Lenient: c.lenient}
		l.Negotiate(at(offered), c.symmetric, netip.Addr{})
		now := time.Unix(1e9, 0)
		for i, want := range c.want {
			now = now.Add(20 * time.Millisecond)
			if got := l.Packet(at(c.from), uint16(i), now); got != want {
				t.Errorf("%s, symmetric %v, lenient %v: packet %d is %d, want %d", c.from, c.symmetric, c.lenient, i, got, want)
			}
		}
	}
}
