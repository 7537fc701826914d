package chansip

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/event"
	"obelus/internal/simnet"
	"obelus/sip"
)

const qualified = `
[general]
qualifyfreq=60
[1001]
type=friend
secret=1001
host=dynamic
qualify=1000
`

// status is what sip show peers says of an account.
func (h *house) status(name string) string {
	h.t.Helper()
	set := h.d.Settings()
	return h.d.shownAccount(set, set.Peer(name)).Status[0].Text
}

func TestQualify(t *testing.T) {
	inHouse(t, qualified, nil, func(h *house) {
		facts, stop := h.bus.Subscribe(16)
		defer stop()
		h.net.SetLinks(phoneOne.Addr(), houseAddr.Addr(), simnet.Link{Delay: 15 * time.Millisecond})
		p := h.phone("1001", phoneOne)
		p.register("1001")
		begin := time.Now()
		p.reply(p.asked(sip.OPTIONS), 404) // any answer says that it is there
		time.Sleep(time.Second)
		if got := h.status("1001"); got != "OK (30 ms)" {
			t.Errorf("status %q", got)
		}
		again := p.asked(sip.OPTIONS)
		if gap := time.Since(begin); gap < 60*time.Second || gap > 61*time.Second {
			t.Errorf("asked again after %v", gap)
		}
		p.hearUntilSilent(10 * time.Second) // it says nothing any more
		if got := h.status("1001"); got != "UNREACHABLE" || h.ways("1001") != "" {
			t.Errorf("status %q, it can be called at %q", got, h.ways("1001"))
		}
		p.reply(p.asked(sip.OPTIONS), 200)
		time.Sleep(time.Second)
		if got := h.status("1001"); got != "OK (30 ms)" || h.ways("1001") == "" {
			t.Errorf("status %q, it can be called at %q", got, h.ways("1001"))
		}
		want := []string{
			"PeerRegistered", "PeerReachable 30ms false", "PeerUnreachable 30ms", "PeerReachable 30ms false",
		}
		if got := toldOf(facts); strings.Join(got, "; ") != strings.Join(want, "; ") {
			t.Errorf("told was %q, want %q", got, want)
		}
		if again.CallID() == "" {
			t.Error("an OPTIONS without a Call-ID")
		}
	})
}

// hearUntilSilent takes in what comes for that long.
func (p *phone) hearUntilSilent(long time.Duration) {
	for until := time.Now().Add(long); time.Until(until) > 0; {
		p.hearRaw(time.Until(until))
	}
}

// toldOf are the facts about phones told so far.
func toldOf(facts <-chan event.Event) (out []string) {
	synctest.Wait()
	for {
		select {
		case e := <-facts:
			switch f := e.Fact.(type) {
			case event.PeerRegistered:
				out = append(out, "PeerRegistered")
			case event.PeerReachable:
				out = append(out, fmt.Sprint("PeerReachable ", f.RoundTrip, " ", f.Lagged))
			case event.PeerUnreachable:
				out = append(out, fmt.Sprint("PeerUnreachable ", f.Last))
			}
		default:
			return out
		}
	}
}

// TestOptionsAsOriginal compares the OPTIONS, header by header, with the form in
// which the original sends it.
func TestOptionsAsOriginal(t *testing.T) {
	inHouse(t, qualified, nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.register("1001")
		m := p.asked(sip.OPTIONS)
		got := alike(strings.Split(string(m.Bytes()), "\r\n"))
		for _, x := range [][2]string{{m.Value(sip.HeaderVia), "VIA"}, {m.CallID(), "CALLID"}} {
			got = strings.Replace(got, x[0], x[1], 1)
		}
		want := `OPTIONS sip:1001@10.99.0.2:5070 SIP/2.0
Via: VIA
Max-Forwards: 70
From: "asterisk" <sip:asterisk@10.99.0.1>;tag=asT
To: <sip:1001@10.99.0.2:5070>
Contact: <sip:asterisk@10.99.0.1:5060>
Call-ID: CALLID
CSeq: 102 OPTIONS
User-Agent: obelus test
Date: D
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, SUBSCRIBE, NOTIFY, INFO, PUBLISH, MESSAGE, UPDATE, PRACK
Supported: replaces, timer
Content-Length: 0

`
		if got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

func TestQualifyLagged(t *testing.T) {
	inHouse(t, qualified, nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.register("1001")
		m := p.asked(sip.OPTIONS)
		time.Sleep(1500 * time.Millisecond)
		p.reply(m, 200)
		time.Sleep(100 * time.Millisecond)
		if got := h.status("1001"); got != "LAGGED (1500 ms)" || h.ways("1001") != "" {
			t.Errorf("status %q, it can be called at %q", got, h.ways("1001"))
		}
	})
}

// TestQualifyRegistersAgain has a phone that did not answer be called again as
// soon as it registers.
func TestQualifyRegistersAgain(t *testing.T) {
	inHouse(t, qualified, nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.register("1001")
		p.hearUntilSilent(5 * time.Second)
		if got := h.status("1001"); got != "UNREACHABLE" {
			t.Fatalf("status %q", got)
		}
		p.register("1001")
		if h.ways("1001") == "" {
			t.Error("it can't be called although it has just registered")
		}
	})
}

// TestQualifyEnds has nobody asked who is gone, or whom a reload asks no more.
func TestQualifyEnds(t *testing.T) {
	inHouse(t, qualified, nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.register("1001")
		p.reply(p.asked(sip.OPTIONS), 200)
		p.register("1001", "Expires: 0")
		p.silent(2 * time.Minute)
		p.register("1001", "Expires: 3600")
		p.reply(p.asked(sip.OPTIONS), 200)
		h.reload(strings.Replace(qualified, "qualify=1000", "qualify=no", 1))
		p.silent(2 * time.Minute)
		h.reload(qualified)
		p.reply(p.asked(sip.OPTIONS), 200)
	})
}

// TestQualifySpread has the accounts asked one after the other at the start.
func TestQualifySpread(t *testing.T) {
	var conf strings.Builder
	for i := range 50 {
		fmt.Fprintf(&conf, "[trunk%d]\ntype=peer\nhost=10.99.0.2\nport=%d\nqualify=yes\n", i, 6000+i)
	}
	inHouse(t, conf.String(), nil, func(h *house) {
		begin := time.Now()
		box := h.net.Host("trunks", phoneOne.Addr())
		var phones []*phone
		for i := range 50 {
			phones = append(phones, h.phoneOn(box, "trunk", netip.AddrPortFrom(phoneOne.Addr(), uint16(6000+i))))
		}
		last := time.Duration(-1)
		for i, p := range phones {
			p.reply(p.asked(sip.OPTIONS), 200)
			at := time.Since(begin)
			if due := time.Duration(i) * 100 * time.Millisecond; at < last || at < due || at > due+500*time.Millisecond {
				t.Errorf("trunk %d was asked after %v, the one before after %v", i, at, last)
			}
			last = at
		}
		if got := h.status("trunk7"); got != "OK (1 ms)" {
			t.Errorf("status %q", got)
		}
	})
}

func TestKeepalive(t *testing.T) {
	const conf = "[1001]\ntype=friend\nsecret=1001\nhost=dynamic\nkeepalive=30\n"
	inHouse(t, conf, nil, func(h *house) {
		p := h.phone("1001", phoneOne)
		p.register("1001", "Expires: 3600")
		for range 3 {
			begin := time.Now()
			if b := p.hearRaw(time.Minute); string(b) != "\r\n\r\n" {
				t.Errorf("heard %q", b)
			}
			if gap := time.Since(begin); gap > 31*time.Second {
				t.Errorf("%v passed between two", gap)
			}
		}
		h.reload(strings.Replace(conf, "keepalive=30", "", 1))
		p.silent(5 * time.Minute)
	})
}
