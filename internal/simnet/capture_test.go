package simnet

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLadder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(1)
		c := n.Capture()
		box := n.NAT("box", natAddr, PortRestricted, time.Minute)
		phone := listenPacket(t, box.Inside().Host("phone", phoneAddr), ":5060")
		server := listenPacket(t, n.Host("server", addrA), ":5060")
		sendTo(t, phone, "192.0.2.1:5060", "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: ...")
		expect(t, server, "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: ...<198.51.100.1:20000")
		n.SetLink(addrA, anybody, Link{Loss: 1})
		sendTo(t, server, "198.51.100.1:20000", "\x80\x00\x01")
		c.Stop()
		sendTo(t, server, "198.51.100.1:20000", "not captured")
		want := "" +
			"          phone                         box                           server                        \n" +
			"   0.000  |-- REGISTER sip:192.0.2.1 -->|                             |                               udp 10.0.0.2:5060 > 192.0.2.1:5060, 40 bytes\n" +
			"   0.000  |                             |-- REGISTER sip:192.0.2.1 -->|                               udp 198.51.100.1:20000 > 192.0.2.1:5060, 40 bytes\n" +
			"   1.000  |                             |<- 800001 -------------------|                               udp 192.0.2.1:5060 > 198.51.100.1:20000, 3 bytes (lost)\n"
		if got := c.Ladder(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestStreamIsCaptured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, a, b := twoHosts()
		c := n.Capture()
		near, far := streams(t, n, a, b)
		write(t, near, "hello")
		read(t, far, "hello")
		all := c.Packets()
		if len(all) != 1 || all[0].Proto != "tcp" || string(all[0].Data) != "hello" || all[0].FromName != "a" || all[0].ToName != "b" {
			t.Errorf("captured %+v", all)
		}
	})
}

// report is a Reporter that remembers.
type report struct {
	failed  bool
	cleanup func()
	logged  string
}

func (r *report) Helper()          {}
func (r *report) Cleanup(f func()) { r.cleanup = f }
func (r *report) Failed() bool     { return r.failed }
func (r *report) Log(args ...any)  { r.logged += args[0].(string) }

func TestLadderOnFailureOnly(t *testing.T) {
	for _, failed := range []bool{true, false} {
		n, a, _ := twoHosts()
		r := &report{failed: failed}
		n.Capture().OnFailure(r)
		sendTo(t, listenPacket(t, a, ":1"), "192.0.2.2:1", "BYE")
		r.cleanup()
		if strings.Contains(r.logged, "BYE") != failed {
			t.Errorf("failed %v: logged %q", failed, r.logged)
		}
	}
}

func TestFilter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, ah, bh := twoHosts()
		a, b := listenPacket(t, ah, ":1"), listenPacket(t, bh, ":1")
		c := n.Capture()
		acks := 0
		n.Filter(func(p Packet) bool {
			if string(p.Data) == "ACK" && p.From == netip.AddrPortFrom(addrA, 1) {
				acks++
			}
			return acks == 1
		})
		sendTo(t, a, "192.0.2.2:1", "ACK")
		sendTo(t, a, "192.0.2.2:1", "ACK")
		expect(t, b, "ACK<192.0.2.1:1")
		if first := c.Packets()[0]; first.Fate != "stopped" || first.ToName != "b" {
			t.Errorf("captured %+v", first)
		}
		near, far := streams(t, n, ah, bh)
		n.Filter(func(p Packet) bool { return p.Proto == "tcp" && string(p.Data) == "no" })
		write(t, near, "a")
		write(t, near, "no")
		write(t, near, "b")
		read(t, far, "ab")
		n.Filter(nil)
		write(t, near, "no")
		read(t, far, "no")
	})
}
