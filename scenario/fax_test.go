package scenario

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// with are the seed's files, with more lines in [general].
func with(t testing.TB, general string) files {
	f := seed(t)
	f.sip = strings.Replace(f.sip, "[general]\n", "[general]\n"+general, 1)
	return f
}

// tellWith tells stories on the seed's files with more lines in [general].
func tellWith(t *testing.T, general string, stories []story) {
	t.Helper()
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			inHouse(t, with(t, general), func(h *house) {
				s.tell(h, h.registered("1001", addrOne), h.registered("1002", addrTwo))
				h.quiet()
			})
		})
	}
}

// describes is a description of a phone, by its m= lines and what follows them.
func (p *phone) describes(lines ...string) string {
	head := []string{"v=0", "o=- 1 1 IN IP4 " + p.addr.Addr().String(), "s=-", "c=IN IP4 " + p.addr.Addr().String(), "t=0 0"}
	return strings.Join(append(head, lines...), "\r\n") + "\r\n"
}

// machineAt is a description of a fax machine.
func (p *phone) machineAt(port int) string {
	return p.describes(fmt.Sprintf("m=image %d udptl t38", port), "a=T38FaxVersion:0", "a=T38MaxBitRate:14400", "a=T38FaxRateManagement:transferredTCF",
		"a=T38FaxMaxDatagram:72", "a=T38FaxUdpEC:t38UDPRedundancy")
}

// lineOf is the m= line of a kind in a message, with the port as PORT unless it
// is 0, and what follows it; "" for none.
func lineOf(m *sip.Message, kind string) string {
	_, rest, ok := strings.Cut(string(m.Body()), "m="+kind+" ")
	if !ok {
		return ""
	}
	rest, _, _ = strings.Cut(rest, "m=")
	if !strings.HasPrefix(rest, "0 ") {
		_, rest, _ = strings.Cut(rest, " ")
		rest = "PORT " + rest
	}
	return strings.ReplaceAll(strings.TrimSpace(rest), "\r\n", " ")
}

// portOf is the port of the m= line of a kind in a message.
func portOf(t *testing.T, m *sip.Message, kind string) netip.AddrPort {
	t.Helper()
	_, rest, _ := strings.Cut(string(m.Body()), "m="+kind+" ")
	port, _, _ := strings.Cut(rest, " ")
	return netip.MustParseAddrPort(houseAddr.Addr().String() + ":" + port)
}

// TestFax turns a call into a fax over T.38 and back.
func TestFax(t *testing.T) {
	const told = "PORT udptl t38 a=T38FaxVersion:0 a=T38MaxBitRate:14400 a=T38FaxRateManagement:transferredTCF a=T38FaxMaxDatagram:72 a=T38FaxUdpEC:t38UDPRedundancy"
	tellWith(t, "t38pt_udptl=yes\n", []story{
		{"both machines speak it", func(h *house, one, two *phone) {
			caller, callee := one.connects(two)
			caller.send(sip.INVITE, one.machineAt(4002))
			one.answer(100)
			m := two.asked(sip.INVITE)
			if got := lineOf(m, "image"); got != told || strings.Contains(string(m.Body()), "m=audio") {
				h.t.Errorf("the other machine is offered %s\n%s", got, m.Body())
			}
			theirs := two.image(portOf(h.t, m, "image"))
			two.replyWith(m, 200, callee.ourTag, two.machineAt(4002))
			two.asked(sip.ACK)
			ok := caller.accepted()
			if got := lineOf(ok, "image"); got != told {
				h.t.Errorf("the machine that asked is answered %s", got)
			}
			mine := one.image(portOf(h.t, ok, "image"))
			for i := range byte(5) {
				mine.write(h.t, 0, i, 2, 0x60, i)
				theirs.write(h.t, 0, i, 3, 0x70, i)
				h.pass(20 * time.Millisecond)
			}
			if a, b := theirs.read(h.t), mine.read(h.t); a != "0000026000 0001026001 0002026002 0003026003 0004026004" || b != "0000037000 0001037001 0002037002 0003037003 0004037004" {
				h.t.Errorf("the machines heard %s and %s", a, b)
			}
			caller.send(sip.INVITE, one.machineAt(4002)) // a refresh asks nobody
			one.answer(100)
			if got := lineOf(caller.accepted(), "image"); got != told {
				h.t.Errorf("a refresh is answered %s", got)
			}
			two.silent(time.Second)
			callee.send(sip.INVITE, two.description()) // over, says the other one
			two.answer(100)
			if got := lineOf(callee.accepted(), "audio"); !strings.HasPrefix(got, "PORT RTP/AVP 0 ") {
				h.t.Errorf("back to sound it is answered %s", got)
			}
			m = one.asked(sip.INVITE)
			if got := lineOf(m, "audio"); !strings.HasPrefix(got, "PORT RTP/AVP 0 ") || strings.Contains(string(m.Body()), "m=image") {
				h.t.Errorf("back to sound the other is offered\n%s", m.Body())
			}
			one.replyWith(m, 200, caller.ourTag, one.description())
			one.asked(sip.ACK)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the other machine refuses", func(h *house, one, two *phone) {
			caller, callee := one.connects(two)
			callee.send(sip.INVITE, two.machineAt(4002))
			two.answer(100)
			m := one.asked(sip.INVITE)
			one.replyWith(m, 488, caller.ourTag, "")
			one.asked(sip.ACK)
			callee.ackRefusal(two.answer(488))
			caller.send(sip.INVITE, one.description()) // the call is what it was
			one.answer(100)
			if got := lineOf(caller.accepted(), "audio"); !strings.HasPrefix(got, "PORT RTP/AVP 0 ") {
				h.t.Errorf("after a refusal sound is answered %s", got)
			}
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the other machine says nothing", func(h *house, one, two *phone) {
			caller, callee := one.connects(two)
			caller.send(sip.INVITE, one.machineAt(4002))
			one.answer(100)
			m := two.asked(sip.INVITE)
			two.reply(m, 100)
			began := time.Now()
			caller.send(sip.INVITE, one.description()) // meanwhile nothing else is taken
			caller.ackRefusal(one.answer(500))
			caller.inviteSeq--
			refusal := one.answer(488)
			if took := time.Since(began); took.Round(time.Second) != 5*time.Second {
				h.t.Errorf("it was refused after %v", took)
			}
			caller.branch = fmt.Sprintf("z9hG4bK-%s-%s-%d", caller.callID, caller.ourTag, caller.inviteSeq)
			caller.ackRefusal(refusal)
			two.replyWith(m, 200, callee.ourTag, two.machineAt(4002)) // too late
			two.asked(sip.ACK)
			m = two.asked(sip.INVITE) // back to sound
			if got := lineOf(m, "audio"); !strings.HasPrefix(got, "PORT RTP/AVP 0 ") {
				h.t.Errorf("a machine that is late is offered\n%s", m.Body())
			}
			two.replyWith(m, 200, callee.ourTag, two.description())
			two.asked(sip.ACK)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the answer has no fax", func(h *house, one, two *phone) {
			caller, callee := one.connects(two)
			caller.send(sip.INVITE, one.machineAt(4002))
			one.answer(100)
			two.replyWith(two.asked(sip.INVITE), 200, callee.ourTag, two.describes("m=image 0 udptl t38"))
			two.asked(sip.ACK)
			caller.ackRefusal(one.answer(488))
			m := two.asked(sip.INVITE)
			if got := lineOf(m, "audio"); !strings.HasPrefix(got, "PORT RTP/AVP 0 ") {
				h.t.Errorf("back to sound it is offered\n%s", m.Body())
			}
			two.replyWith(m, 200, callee.ourTag, two.description())
			two.asked(sip.ACK)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the call ends while the other machine is asked", func(h *house, one, two *phone) {
			caller, callee := one.connects(two)
			caller.send(sip.INVITE, one.machineAt(4002))
			one.answer(100)
			m := two.asked(sip.INVITE)
			callee.send(sip.BYE, "")
			two.answer(200)
			two.replyWith(m, 481, callee.ourTag, "")
			two.asked(sip.ACK)
			statuses := map[int]bool{}
			for range 2 {
				m := one.hear(time.Minute)
				if m.IsRequest() {
					one.reply(m, 200)
					continue
				}
				statuses[m.StatusCode()] = true
				caller.ackRefusal(m)
			}
			if !statuses[487] && !statuses[488] {
				h.t.Errorf("the INVITE was answered %v", statuses)
			}
		}},
	})
}

// TestFaxAndDirectMedia has two phones that send to each other turn to a fax by
// way of the server, and back to each other.
func TestFaxAndDirectMedia(t *testing.T) {
	inHouse(t, directHouse("t38pt_udptl=yes", "", "", ""), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller, callee := one.direct(two)
		caller.send(sip.INVITE, one.machineAt(4002))
		one.answer(100)
		m := two.asked(sip.INVITE)
		if !strings.Contains(string(m.Body()), "c=IN IP4 10.99.0.1\r\nt=0 0\r\nm=image ") {
			t.Errorf("the other machine is offered\n%s", m.Body())
		}
		two.replyWith(m, 200, callee.ourTag, two.machineAt(4002))
		two.asked(sip.ACK)
		if m := caller.accepted(); !strings.Contains(string(m.Body()), "c=IN IP4 10.99.0.1\r\nt=0 0\r\nm=image ") {
			t.Errorf("the machine that asked is answered\n%s", m.Body())
		}
		one.silent(10 * time.Second)
		two.silent(time.Second)
		callee.send(sip.INVITE, two.description())
		two.answer(100)
		callee.accepted()
		caller.sentTo(sip.INVITE, "10.99.0.1")
		callee.sentTo(sip.INVITE, "10.99.0.2")
		caller.sentTo(sip.INVITE, "10.99.0.3")
		one.silent(10 * time.Second)
		two.silent(time.Second)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.pass(time.Minute)
	})
}

// TestNoFax has T.38 be refused where an account has none, or where nobody else
// is in the call.
func TestNoFax(t *testing.T) {
	tell(t, []story{{"neither account", func(h *house, one, two *phone) {
		caller, _ := one.connects(two)
		caller.send(sip.INVITE, one.machineAt(4002))
		caller.ackRefusal(one.answer(488))
		two.silent(time.Second)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
	}}})
	f := seed(t)
	f.sip = strings.Replace(f.sip, "[1001]\n", "[1001]\nt38pt_udptl=yes\n", 1)
	inHouse(t, f, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller, _ := one.connects(two)
		caller.send(sip.INVITE, one.machineAt(4002))
		one.answer(100)
		caller.ackRefusal(one.answer(488)) // at once: the other account has none
		two.silent(time.Second)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}

// image is a fax machine's port.
func (p *phone) image(to netip.AddrPort) *ear {
	p.h.t.Helper()
	pc, err := p.host.ListenPacket("udp", netip.AddrPortFrom(p.addr.Addr(), 4002).String())
	if err != nil {
		p.h.t.Fatal(err)
	}
	p.h.t.Cleanup(func() { pc.Close() })
	return &ear{pc: pc, to: to}
}

// write sends a packet as it is.
func (e *ear) write(t *testing.T, b ...byte) {
	t.Helper()
	if _, err := e.pc.WriteTo(b, net.UDPAddrFromAddrPort(e.to)); err != nil {
		t.Fatal(err)
	}
}

// read is what came, in hexadecimal.
func (e *ear) read(t *testing.T) string {
	t.Helper()
	if err := e.pc.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var out []string
	for {
		buf := make([]byte, 2048)
		n, _, err := e.pc.ReadFrom(buf)
		if err != nil {
			return strings.Join(out, " ")
		}
		out = append(out, fmt.Sprintf("%x", buf[:n]))
	}
}
