package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// trunkHouse is a house with a server of another's, at the third address, which is
// called by 9 and a number.
func trunkHouse(general string) files {
	f := directHouse(general, "", "", "")
	f.sip += "[trunk]\ntype=peer\nhost=10.99.0.4\nport=5070\ndefaultuser=us\nremotesecret=ours\nsession-timers=originate\nsession-expires=120\n"
	f.extensions += "exten => _9X.,1,Dial(SIP/trunk/${EXTEN:1},30)\n"
	return f
}

// wantsProof asks for a proof.
const wantsProof = `WWW-Authenticate: Digest realm="trunk",nonce="abc",algorithm=MD5`

// TestTrunkWantsMore has a server that wants a proof of who we are, and a longer
// session, in either order.
func TestTrunkWantsMore(t *testing.T) {
	for _, order := range [][2]int{{401, 422}, {422, 401}} {
		inHouse(t, trunkHouse("directmedia=no"), func(h *house) {
			one, trunk := h.registered("1001", addrOne), h.phone("trunk", addrThree)
			caller := one.call("9555")
			for _, status := range order {
				m := trunk.asked(sip.INVITE)
				header := wantsProof
				if status == 422 {
					header = "Min-SE: 600"
				}
				trunk.reply(m, status, header)
				trunk.asked(sip.ACK)
			}
			m := trunk.asked(sip.INVITE)
			trunk.header(m, "Session-Expires", "600;refresher=uac")
			trunk.header(m, "Min-SE", "600")
			if proof, _ := m.Header("Authorization"); !strings.Contains(proof, `username="us"`) {
				t.Errorf("there is no proof in\n%s", m.Bytes())
			}
			if n := strings.Count(string(m.Bytes()), "Session-Expires:"); n != 1 {
				t.Errorf("Session-Expires is there %d times", n)
			}
			callee := trunk.takes(m)
			caller.accepted()
			caller.bye()
			trunk.reply(trunk.asked(sip.BYE), 200)
			_ = callee
			h.quiet()
		})
	}
}

// TestTrunkRefuses has a server that wants what it was given already: the call
// fails, and we do not try for ever.
func TestTrunkRefuses(t *testing.T) {
	for _, header := range []string{wantsProof, "Min-SE: 600", "Min-SE: 4294967295"} {
		inHouse(t, trunkHouse(""), func(h *house) {
			one, trunk := h.registered("1001", addrOne), h.phone("trunk", addrThree)
			caller := one.call("9555")
			status := 401
			if strings.HasPrefix(header, "Min") {
				status = 422
			}
			for n := 0; ; n++ {
				m := trunk.hear(1e9)
				if m == nil {
					break
				}
				if n > 4 {
					t.Fatal("it is asked for ever")
				}
				if m.Method() == sip.INVITE {
					trunk.reply(m, status, header)
				}
			}
			m := one.final()
			if m.StatusCode() < 400 {
				t.Errorf("the call ended with\n%s", m.Bytes())
			}
			caller.ackRefusal(m)
			h.quiet()
		})
	}
}

// TestTrunkDirectMedia has a server that wants a proof for a re-INVITE too.
func TestTrunkDirectMedia(t *testing.T) {
	inHouse(t, trunkHouse(""), func(h *house) {
		one, trunk := h.registered("1001", addrOne), h.phone("trunk", addrThree)
		caller := one.call("9555")
		m := trunk.asked(sip.INVITE)
		callee := trunk.takes(m)
		caller.accepted()
		m = trunk.asked(sip.INVITE)
		trunk.names(m, atOne)
		trunk.replyWith(m, 401, callee.ourTag, "", wantsProof)
		trunk.asked(sip.ACK)
		m = callee.sentTo(sip.INVITE, atOne)
		if proof, _ := m.Header("Authorization"); !strings.Contains(proof, `username="us"`) {
			t.Errorf("there is no proof in\n%s", m.Bytes())
		}
		caller.sentTo(sip.INVITE, atThree)
		caller.bye()
		trunk.reply(trunk.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestTrunkIdentity has a trunk told who calls, as its account wants it, and the phone
// that calls told whom it has reached.
func TestTrunkIdentity(t *testing.T) {
	f := trunkHouse("directmedia=no\nsendrpid=rpid")
	f.sip = strings.Replace(f.sip, "[trunk]\n", "[trunk]\nsendrpid=pai\ntrustrpid=yes\nfromuser=4930\nfromdomain=provider.example:5070\nsetvar=__via=trunk\nsetvar=_once=1\n", 1)
	inHouse(t, f, func(h *house) {
		one, trunk := h.registered("1001", addrOne), h.phone("trunk", addrThree)
		caller := one.call("9555")
		m := trunk.asked(sip.INVITE)
		from, err := m.From()
		if err != nil || from.Addr != "sip:4930@provider.example:5070" {
			t.Errorf("From is %q", from.Addr)
		}
		trunk.header(m, "P-Asserted-Identity", `"1001" <sip:1001@provider.example:5070>`)
		trunk.reply(m, 180, `P-Asserted-Identity: "Ben" <sip:555@provider.example>`)
		ringing := one.answer(180)
		one.header(ringing, "Remote-Party-ID", `"Ben" <sip:555@10.99.0.1>;party=called;privacy=off;screen=no`)
		callee := trunk.takes(m)
		ok := caller.accepted()
		one.header(ok, "Remote-Party-ID", `"Ben" <sip:555@10.99.0.1>;party=called;privacy=off;screen=no`)
		caller.bye()
		trunk.reply(trunk.asked(sip.BYE), 200)
		_ = callee
		h.quiet()
	})
}

// TestTrunkAsksTwice has a proxy and the server behind it ask for proofs, and the
// proxy again when its nonce is old.
func TestTrunkAsksTwice(t *testing.T) {
	inHouse(t, trunkHouse("directmedia=no"), func(h *house) {
		one, trunk := h.registered("1001", addrOne), h.phone("trunk", addrThree)
		caller := one.call("9555")
		for i, ask := range []struct {
			status int
			header string
		}{
			{407, `Proxy-Authenticate: Digest realm="proxy",nonce="n1"`},
			{401, `WWW-Authenticate: Digest realm="server",nonce="n2"`},
			{407, `Proxy-Authenticate: Digest realm="proxy",nonce="n3",stale=true`},
		} {
			m := trunk.asked(sip.INVITE)
			if n := strings.Count(string(m.Bytes()), "uthorization: "); n != min(i, 2) {
				t.Errorf("there are %d proofs in\n%s", n, m.Bytes())
			}
			trunk.reply(m, ask.status, ask.header)
			trunk.asked(sip.ACK)
		}
		m := trunk.asked(sip.INVITE)
		if v, _ := m.Header("Proxy-Authorization"); !strings.Contains(v, `nonce="n3"`) {
			t.Errorf("the old nonce is used:\n%s", m.Bytes())
		}
		trunk.takes(m)
		caller.accepted()
		caller.bye()
		trunk.reply(trunk.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestTwoAccountsAtOneProvider has calls that come from one address told apart by what
// they are for.
func TestTwoAccountsAtOneProvider(t *testing.T) {
	f := trunkHouse("context=nobody\nallowguest=no")
	const account = "type=peer\nhost=10.99.0.4\nport=5070\ninsecure=port,invite\nsecret=s\ndefaultuser="
	f.sip += "[first]\n" + account + "a\ncallbackextension=111\ncontext=first\n[second]\n" + account + "b\ncallbackextension=222\ncontext=second\n"
	f.extensions += "[first]\nexten => _X.,1,Hangup(17)\n[second]\nexten => _X.,1,Hangup(21)\n"
	inHouse(t, f, func(h *house) {
		trunk := h.phone("provider", addrThree)
		for exten, status := range map[string]int{"111": 486, "222": 403} {
			c := trunk.begins(exten)
			c.send(sip.INVITE, c.body)
			m := trunk.final()
			if m.StatusCode() != status {
				t.Errorf("a call for %s was answered\n%s", exten, m.Bytes())
			}
			c.ackRefusal(m)
		}
		h.quiet()
	})
}

// TestDialForms has a call go where each form of the dial string says, with what it
// says.
func TestDialForms(t *testing.T) {
	const proxy, other = `Proxy-Authenticate: Digest realm="x",nonce="n"`, "10.99.0.4:5070"
	for _, c := range []struct {
		dial, uri, to, from, user string
	}{
		{"SIP/trunk/555", "sip:555@" + other, "<sip:555@" + other + ">", "sip:1001@10.99.0.1", "us"},
		{"SIP/555@trunk", "sip:555@" + other, "<sip:555@" + other + ">", "sip:1001@10.99.0.1", "us"},
		{"SIP/trunk", "sip:us@" + other, "<sip:us@" + other + ">", "sip:1001@10.99.0.1", "us"},
		{"SIP/555@" + other, "sip:555@" + other, "<sip:555@" + other + ">", "sip:1001@10.99.0.1", ""},
		{"SIP/" + other, "sip:" + other, "<sip:" + other + ">", "sip:1001@10.99.0.1", ""},
		{"SIP/me:secret@" + other, "sip:me@" + other, "<sip:me@" + other + ">", "sip:1001@10.99.0.1", "me"},
		{"SIP/me:::boss@" + other, "sip:me@" + other, "<sip:me@" + other + ">", "sip:1001@10.99.0.1", ""},
		{"SIP/me::0123456789abcdef0123456789abcdef:boss:udp@" + other, "sip:me@" + other, "<sip:me@" + other + ">", "sip:1001@10.99.0.1", "boss"},
		{"SIP/trunk/555!777!800@from.example", "sip:555@" + other, "<sip:777@" + other + ">", "sip:800@from.example", "us"},
		{"SIP/trunk/555!777@to.example", "sip:555@" + other, "<sip:777@to.example>", "sip:1001@10.99.0.1", "us"},
		{"SIP/555@provider.example//" + other, "sip:555@provider.example", "<sip:555@provider.example>", "sip:1001@10.99.0.1", ""},
		{"SIP/phone/555", "sip:555@" + other + ";user=phone", "<sip:555@" + other + ";user=phone>", "sip:1001@10.99.0.1", ""},
		{"SIP/phone/anna", "sip:anna@" + other, "<sip:anna@" + other + ">", "sip:1001@10.99.0.1", ""},
	} {
		f := trunkHouse("directmedia=no")
		f.sip += "[phone]\ntype=peer\nhost=10.99.0.4\nport=5070\nusereqphone=yes\n"
		f.extensions = "[my]\nexten => 9555,1,Dial(" + c.dial + ",30)\n"
		inHouse(t, f, func(h *house) {
			one, trunk := h.registered("1001", addrOne), h.phone("trunk", addrThree)
			caller := one.call("9555")
			m := trunk.asked(sip.INVITE)
			from, _ := m.From()
			if m.RawURI() != c.uri || m.Value(sip.HeaderTo) != c.to || from.Addr != c.from {
				t.Errorf("%s: called is %s, To %s, From %s", c.dial, m.RawURI(), m.Value(sip.HeaderTo), from.Addr)
			}
			trunk.reply(m, 407, proxy)
			trunk.asked(sip.ACK)
			if c.user == "" {
				caller.ackRefusal(one.final())
				h.quiet()
				return
			}
			m = trunk.asked(sip.INVITE)
			if v, _ := m.Header("Proxy-Authorization"); !strings.Contains(v, `username="`+c.user+`"`) {
				t.Errorf("%s: the proof is %s", c.dial, v)
			}
			trunk.reply(m, 486)
			trunk.asked(sip.ACK)
			caller.ackRefusal(one.final())
			h.quiet()
		})
	}
}

// TestStoredCause has the last answer of a called phone in HASH(SIP_CAUSE), with
// storesipcause.
func TestStoredCause(t *testing.T) {
	f := trunkHouse("storesipcause=yes")
	f.extensions = "[my]\nexten => 9555,1,Dial(SIP/trunk/555)\n same => n,Hangup(${IF($[\"${HASH(SIP_CAUSE,SIP/trunk-00000001)}\" = \"SIP 480 Gone home\"]?17:21)})\n"
	inHouse(t, f, func(h *house) {
		one, trunk := h.registered("1001", addrOne), h.phone("trunk", addrThree)
		caller := one.call("9555")
		m := trunk.asked(sip.INVITE)
		trunk.replyAs(m, 480, "Gone home")
		trunk.asked(sip.ACK)
		m = one.final()
		if m.StatusCode() != 486 {
			t.Errorf("answered\n%s", m.Bytes())
		}
		caller.ackRefusal(m)
		h.quiet()
	})
}

// TestTrunkProvesGoodbye has a server that wants a proof of a BYE, and nothing for ever.
func TestTrunkProvesGoodbye(t *testing.T) {
	inHouse(t, trunkHouse("directmedia=no"), func(h *house) {
		one, trunk := h.registered("1001", addrOne), h.phone("trunk", addrThree)
		caller := one.call("9555")
		callee := trunk.takes(trunk.asked(sip.INVITE))
		caller.accepted()
		caller.bye()
		m := trunk.asked(sip.BYE)
		trunk.replyWith(m, 407, callee.ourTag, "", `Proxy-Authenticate: Digest realm="trunk",nonce="abc"`)
		m = trunk.asked(sip.BYE)
		if proof, _ := m.Header("Proxy-Authorization"); !strings.Contains(proof, `username="us"`) {
			t.Errorf("there is no proof in\n%s", m.Bytes())
		}
		trunk.replyWith(m, 407, callee.ourTag, "", `Proxy-Authenticate: Digest realm="trunk",nonce="abd"`)
		trunk.silent(10 * time.Second)
		h.quiet()
	})
}

// TestTrunkDiversion has a call that was sent on to us say by whom, to the dialplan and
// to whom it goes on.
func TestTrunkDiversion(t *testing.T) {
	f := trunkHouse("directmedia=no")
	f.extensions = "[my]\nexten => 9555,1,GotoIf($[\"${CALLERID(rdnis)}/${SIPREDIRECTREASON}/${SIPRDNISDOMAIN}\" != \"600/user-busy/far.example\"]?bad)\n" +
		" same => n,Dial(SIP/trunk/555,30)\n same => n(bad),Hangup(21)\n"
	inHouse(t, f, func(h *house) {
		one, trunk := h.registered("1001", addrOne), h.phone("trunk", addrThree)
		caller := one.call("9555", `Diversion: "Six" <sip:600@far.example>;reason=user-busy`)
		m := trunk.asked(sip.INVITE)
		trunk.header(m, "Diversion", `"Six" <sip:600@10.99.0.1>;reason=user-busy`)
		trunk.reply(m, 486)
		trunk.asked(sip.ACK)
		caller.ackRefusal(one.final())
		h.quiet()
	})
}
