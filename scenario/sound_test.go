package scenario

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// ear is where a phone hears and speaks: the port that its descriptions name.
type ear struct {
	pc net.PacketConn
	to netip.AddrPort

	number uint16 // of the next packet it presses keys with
	stamp  uint32
}

// listens opens the phone's port; m is what the house told it where to speak to.
func (p *phone) listens(m *sip.Message) *ear {
	p.h.t.Helper()
	return p.speaks(40000, m)
}

// speaks opens a port of the phone, which it may or may not have named.
func (p *phone) speaks(from uint16, m *sip.Message) *ear {
	p.h.t.Helper()
	pc, err := p.host.ListenPacket("udp", netip.AddrPortFrom(p.addr.Addr(), from).String())
	if err != nil {
		p.h.t.Fatal(err)
	}
	p.h.t.Cleanup(func() { pc.Close() })
	_, rest, _ := strings.Cut(string(m.Body()), "m=audio ")
	port, _, _ := strings.Cut(rest, " ")
	return &ear{pc: pc, to: portAt(p.house().Addr(), port)}
}

// portAt is a port of an address, as a description names it.
func portAt(a netip.Addr, port string) netip.AddrPort {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		n = 0
	}
	return netip.AddrPortFrom(a, uint16(n))
}

// says sends a packet of ulaw with that number; all its samples are sample.
func (e *ear) says(t *testing.T, number uint16, sample byte) {
	t.Helper()
	b := append([]byte{0x80, 0, byte(number >> 8), byte(number), 0, 0, byte(number), 160, 1, 2, 3, 4}, make([]byte, 160)...)
	for i := range b[12:] {
		b[12+i] = sample
	}
	if _, err := e.pc.WriteTo(b, net.UDPAddrFromAddrPort(e.to)); err != nil {
		t.Fatal(err)
	}
}

// hears returns the payloads of a type that come until nothing has for a while.
func (e *ear) hears(t *testing.T, kind byte, last time.Duration) [][]byte {
	t.Helper()
	var out [][]byte
	if err := e.pc.SetReadDeadline(time.Now().Add(last)); err != nil {
		t.Fatal(err)
	}
	for {
		buf := make([]byte, 2048)
		n, _, err := e.pc.ReadFrom(buf)
		if err != nil {
			return out
		}
		if n > 12 && buf[1]&0x7f == kind {
			out = append(out, buf[12:n])
		}
	}
}

// talking is a call whose phones both listen.
func talking(h *house, one, two *phone) (caller *talk, mine, theirs *ear) {
	h.t.Helper()
	caller = one.call(two.name)
	m := two.asked(sip.INVITE)
	theirs = two.listens(m)
	two.takes(m)
	mine = one.listens(caller.accepted())
	h.pass(time.Second)
	return caller, mine, theirs
}

// TestSound has what one phone says be what the other hears.
func TestSound(t *testing.T) {
	tell(t, []story{{"both ways", func(h *house, one, two *phone) {
		caller, mine, theirs := talking(h, one, two)
		for i := range uint16(10) {
			mine.says(t, i, 0x11)
			theirs.says(t, i, 0x22)
			h.pass(20 * time.Millisecond)
		}
		for who, c := range map[string]struct {
			*ear
			sample byte
		}{"the caller": {mine, 0x22}, "the called": {theirs, 0x11}} {
			heard := c.hears(t, 0, time.Second)
			if len(heard) < 9 || heard[5][80] != c.sample {
				t.Errorf("%s heard %d packets", who, len(heard))
			}
		}
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
	}}})
}

// TestKeysByInfo has a key that comes by INFO go on as the other phone wants it
// (RFC 4733), once.
func TestKeysByInfo(t *testing.T) {
	for signal, event := range map[string]byte{"5": 5, "*": 10, "#": 11} {
		tell(t, []story{{signal, func(h *house, one, two *phone) {
			caller, _, theirs := talking(h, one, two)
			caller.send(sip.INFO, fmt.Sprintf("Signal=%s\r\nDuration=160\r\n", signal), "Content-Type: application/dtmf-relay")
			one.answer(200)
			heard := theirs.hears(t, 101, 2*time.Second)
			ends := 0
			for _, b := range heard {
				if b[0] != event {
					t.Errorf("the key is %d", b[0])
				}
				if b[1]&0x80 != 0 {
					ends++
				}
			}
			if ends != 3 { // RFC 4733 section 2.5.1.4
				t.Errorf("the end of the key came %d times in %d packets", ends, len(heard))
			}
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}}})
	}
}
