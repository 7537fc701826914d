package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// timed begins a call whose session is to be refreshed by who the caller says
// (RFC 4028).
func (p *phone) timed(other *phone, refresher string) (caller, callee *talk) {
	p.h.t.Helper()
	caller = p.call(other.name, "Supported: timer", "Session-Expires: 120;refresher="+refresher)
	callee = other.takes(other.asked(sip.INVITE))
	m := caller.accepted()
	p.header(m, "Session-Expires", "120;refresher="+refresher)
	p.header(m, "Require", "timer")
	return caller, callee
}

// TestSessionTimer has sessions refreshed by either side, and end when they are
// not.
func TestSessionTimer(t *testing.T) {
	tell(t, []story{
		{"we refresh", func(h *house, one, two *phone) {
			began := time.Now()
			caller, _ := one.timed(two, "uas")
			for i := range 3 {
				m := one.asked(sip.INVITE)
				if took, want := time.Since(began), time.Duration(i+1)*time.Minute; took.Round(time.Second) != want {
					t.Errorf("refreshed after %v, want %v", took, want)
				}
				one.replyWith(m, 200, caller.ourTag, one.description(), "Session-Expires: 120;refresher=uac", "Require: timer")
				one.asked(sip.ACK)
			}
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the phone refreshes", func(h *house, one, two *phone) {
			caller, _ := one.timed(two, "uac")
			for range 3 {
				one.silent(time.Minute)
				caller.send(sip.INVITE, one.description(), "Supported: timer", "Session-Expires: 120;refresher=uac")
				one.answer(100)
				caller.accepted()
			}
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the phone forgets to refresh", func(h *house, one, two *phone) {
			began := time.Now()
			one.timed(two, "uac")
			one.reply(one.asked(sip.BYE), 200)
			if took := time.Since(began); took.Round(time.Second) != 88*time.Second { // RFC 4028 section 10
				t.Errorf("ended after %v", took)
			}
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"the phone has forgotten the call", func(h *house, one, two *phone) {
			one.timed(two, "uas")
			one.reply(one.asked(sip.INVITE), 481)
			one.asked(sip.ACK)
			m := two.asked(sip.BYE)
			two.reply(m, 200)
			if m := one.hear(time.Second); m != nil { // a BYE does no harm
				one.reply(m, 481)
			}
		}},
		{"both change the call at once", func(h *house, one, two *phone) {
			caller, _ := one.timed(two, "uas")
			ours := one.asked(sip.INVITE)
			caller.send(sip.INVITE, one.description("a=sendonly"), "Supported: timer")
			caller.ackRefusal(one.answer(491)) // RFC 3261 section 14.2
			one.replyWith(ours, 491, caller.ourTag, "")
			one.asked(sip.ACK)
			again := one.asked(sip.INVITE) // section 14.1: after a while
			one.replyWith(again, 200, caller.ourTag, one.description(), "Session-Expires: 120;refresher=uac", "Require: timer")
			one.asked(sip.ACK)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
	})
}

// outline is what an observer learns from an answer: its first line and which
// headers it has.
func outline(m *sip.Message) string {
	var b strings.Builder
	first, _, _ := strings.Cut(string(m.Bytes()), "\r\n")
	b.WriteString(first)
	for h := range m.Headers() {
		b.WriteString(" " + h.Name)
	}
	return b.String()
}

// strict is the seed's sip.conf for a house that lets nobody in unproved.
func strict(t *testing.T) files {
	f := seed(t)
	f.sip = strings.Replace(f.sip, "[general]\n", "[general]\nallowguest=no\n", 1)
	return f
}

// TestSecurityClass11UserEnumeration has strangers learn nothing about which
// accounts there are: whoever they say they are, they are answered alike.
func TestSecurityClass11UserEnumeration(t *testing.T) {
	for _, method := range []sip.Method{sip.REGISTER, sip.INVITE, sip.MESSAGE, sip.SUBSCRIBE} {
		t.Run(string(method), func(t *testing.T) {
			inHouse(t, strict(t), func(h *house) {
				var seen []string
				host := h.net.Host("stranger", addrOne.Addr())
				for i, name := range []string{"1001", "9999", "1002"} {
					p := h.phoneOn(host, name, addrOne)
					p.h.t.Helper()
					seen = append(seen, p.knocks(method, i))
					p.pc.Close()
				}
				if seen[0] != seen[1] || seen[0] != seen[2] {
					t.Errorf("a stranger is answered\n%s", strings.Join(seen, "\n"))
				}
				if !strings.Contains(seen[0], "401") || !strings.Contains(seen[0], "403") {
					t.Errorf("a stranger is answered\n%s", seen[0])
				}
			})
		})
	}
}

// knocks tries to get in with a wrong password, and returns what that looks
// like from outside.
func (p *phone) knocks(method sip.Method, i int) string {
	p.h.t.Helper()
	const uri = "sip:1002@10.99.0.1"
	callID := "knock-" + string(rune('a'+i)) + "@stranger"
	headers := []string{"Contact: <sip:x@10.99.0.2:5070>", "Event: presence"}
	p.send(p.text(method, uri, callID, 1, headers...), "")
	m := p.final()
	seen := outline(m)
	if m.StatusCode() != 401 {
		return seen
	}
	if method == sip.INVITE {
		p.send(p.text(sip.ACK, uri, callID, 1), "")
	}
	p.send(p.text(method, uri, callID, 2, append(headers, p.proof(m, method, uri, "wrong"))...), "")
	return seen + "\n" + outline(p.final())
}
