package scenario

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
)

// carrierAddr is the address of an obelus that another obelus is the customer of.
var carrierAddr = netip.MustParseAddrPort("10.99.0.9:5060")

// customerFiles are the house's, which registers with the provider and sends all that
// begins with 9 there; what comes from there goes to 1001.
func customerFiles(trunk string) files {
	f := directHouse("directmedia=no\nsendrpid=rpid", "trustrpid=no", "", "")
	f.sip += "[provider]\ntype=peer\nhost=10.99.0.9\ndefaultuser=48221\nremotesecret=geheim\nfromuser=48221\nfromdomain=provider.example\ncallbackextension=100\n" +
		"insecure=invite\ncontext=from-provider\ntrustrpid=yes\nsendrpid=pai\n" + trunk
	f.extensions += "exten => _9X.,1,Dial(SIP/provider/${EXTEN:1},30)\n same => n,Hangup(${HANGUPCAUSE})\n" +
		"[from-provider]\nexten => 100,1,NoOp(${CALLERID(num)})\n same => n,Dial(SIP/1001,30)\n"
	return f
}

// providerFiles are the provider's: a customer, and a subscriber who is a phone.
func providerFiles() files {
	return files{
		sip: "[general]\ncontext=public\nallowguest=no\nrealm=provider\ndirectmedia=no\n" +
			"[48221]\ntype=friend\nsecret=geheim\nhost=dynamic\ncontext=customers\ntrustrpid=yes\nsendrpid=pai\ncall-limit=2\n" +
			"[600]\ntype=friend\nsecret=600\nhost=dynamic\ncontext=customers\ncallerid=\"Six\" <600>\n",
		extensions: "[customers]\nexten => 48221,1,Dial(SIP/48221,30)\nexten => _6XX,1,Dial(SIP/${EXTEN},30)\nexten => 701,1,Hangup(17)\nexten => 702,1,Hangup(1)\n",
	}
}

// inProvided runs a test with a house that is the customer of another, phone 1001 at the
// one and 600 at the other.
func inProvided(t *testing.T, trunk string, test func(h, provider *house, one, six *phone)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net := simnet.New(1)
		provider := newHouseAt(t, providerFiles(), net, "provider", carrierAddr)
		defer provider.close()
		h := newHouseOn(t, customerFiles(trunk), net)
		defer h.close()
		one := h.registered("1001", addrOne)
		six := provider.phone("600", addrThree)
		six.to = carrierAddr
		six.register()
		h.pass(time.Second)
		test(h, provider, one, six)
	})
}

// registry is what sip show registry says of the one line.
func (h *house) registry() string {
	synctest.Wait()
	var b strings.Builder
	h.sip.ShowRegistry(&b)
	return strings.Join(strings.Fields(strings.Split(b.String(), "\n")[1]), " ")
}

// TestProviderRegisters has the house register with its provider, and take that back.
func TestProviderRegisters(t *testing.T) {
	inProvided(t, "", func(h, provider *house, _, _ *phone) {
		if got, want := h.registry(), "10.99.0.9:5060 N 48221 105 Registered Sat, 01 Jan 2000 00:00:00"; got != want {
			t.Errorf("sip show registry: %q, want %q", got, want)
		}
		bound := provider.where.Lookup(nil, "48221", time.Now())
		if len(bound) != 1 || bound[0].Contact != "sip:100@10.99.0.1:5060" {
			t.Errorf("the provider has %+v", bound)
		}
		h.pass(10 * time.Minute)
		if bound = provider.where.Lookup(nil, "48221", time.Now()); len(bound) != 1 {
			t.Error("it is not kept up")
		}
		h.sip.Close()
		if bound = provider.where.Lookup(nil, "48221", time.Now()); len(bound) != 0 {
			t.Error("it is not taken back")
		}
	})
}

// TestProviderCalls has calls go out to the provider and come in, with who calls told
// both ways.
func TestProviderCalls(t *testing.T) {
	inProvided(t, "", func(h, provider *house, one, six *phone) {
		caller := one.call("9600")
		m := six.asked(sip.INVITE)
		from, _ := m.From()
		if !strings.HasPrefix(from.Addr, "sip:1001@") {
			t.Errorf("the subscriber is called by %q", from.Addr) // by P-Asserted-Identity, which the provider trusts
		}
		six.reply(m, 180)
		ringing := one.answer(180)
		one.header(ringing, "Remote-Party-ID", `"Six" <sip:600@10.99.0.1>;party=called;privacy=off;screen=no`)
		six.takes(m)
		caller.accepted()
		caller.bye()
		six.reply(six.asked(sip.BYE), 200)

		caller = six.call("48221")
		m = one.asked(sip.INVITE)
		one.header(m, "Remote-Party-ID", `"Six" <sip:600@10.99.0.1>;party=calling;privacy=off;screen=no`)
		callee := one.takes(m)
		caller.accepted()
		callee.bye()
		six.reply(six.asked(sip.BYE), 200)
		h.quiet()
		provider.quiet()
	})
}

// TestProviderRefuses has the provider's refusals reach the phone, and too many calls
// refused where they begin.
func TestProviderRefuses(t *testing.T) {
	for _, c := range []struct {
		trunk, exten string
		status       int
	}{
		{"", "9701", 486},
		{"", "9702", 404},
		{"call-limit=0\n", "9701", 486},
		{"disallow=all\nallow=g722\n", "9600", 488},
		{"remotesecret=wrong\n", "9701", 403},
	} {
		inProvided(t, c.trunk, func(h, provider *house, one, six *phone) {
			caller := one.begins(c.exten).invites()
			m := one.final()
			if m.StatusCode() != c.status {
				t.Errorf("%q, %s: answered\n%s", c.trunk, c.exten, m.Bytes())
			}
			caller.ackRefusal(m)
			h.quiet()
			provider.quiet()
		})
	}
}

// TestProviderCallLimit has an account refused one call more than it may have, either way.
func TestProviderCallLimit(t *testing.T) {
	inProvided(t, "call-limit=1\nbusylevel=1\n", func(h, provider *house, one, six *phone) {
		caller := six.call("48221")
		callee := one.takes(one.asked(sip.INVITE))
		caller.accepted()
		second := one.begins("9600").invites()
		m := one.final()
		if m.StatusCode() != 486 {
			t.Errorf("a second call out was answered\n%s", m.Bytes())
		}
		second.ackRefusal(m)
		third := six.call("48221")
		m = six.final()
		if m.StatusCode() != 503 && m.StatusCode() != 480 {
			t.Errorf("a second call in was answered\n%s", m.Bytes())
		}
		third.ackRefusal(m)
		callee.bye()
		six.reply(six.asked(sip.BYE), 200)
		h.quiet()
		provider.quiet()
	})
}
