package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/chansip/sipconf"
	"obelus/device"
	"obelus/sip"
)

const oneHint = "exten => 1002,hint,SIP/1002"

// TestLampRefusals has SUBSCRIBEs answered as the original answers them.
func TestLampRefusals(t *testing.T) {
	inHouse(t, withLamps(t, "", oneHint), func(h *house) {
		p := h.phone("1001", addrOne)
		for _, c := range []struct {
			exten, what string
			expires     int
			want        string
		}{
			{"1003", presence, 600, "404 Not Found"},
			{"1003", dialogs, 600, "404 Not Found"},
			{"1001", messages, 600, "404 Not found (no mailbox)"},
			{"1002", "Event: foo", 600, "489 Bad Event"},
			{"1002", "Subject: no event", 600, "489 Bad Event"},
			{"1002", "Event: presence\nAccept: text/plain", 600, "489 Bad Event (format text/plain)"},
			{"1002", presence, 5, "423 Interval too small"},
		} {
			_, m := p.subscribes(c.exten, c.what, c.expires)
			if got := fmt.Sprintf("%d %s", m.StatusCode(), m.Reason()); got != c.want {
				t.Errorf("%s, %q, %d: %s, want %s", c.exten, c.what, c.expires, got, c.want)
			}
			if m.StatusCode() == 423 {
				p.header(m, "Min-Expires", "60")
			}
		}
		stray := &lamp{p.begins("1002"), presence}
		stray.talk.theirTag = "nobody"
		if m := stray.again(600); m.StatusCode() != 481 {
			t.Errorf("of no subscription:\n%s", m.Bytes())
		}
		// All three parts of a subscription's name count (security class 16).
		l, _ := p.watches("1002", presence)
		for _, part := range []*string{&l.talk.callID, &l.talk.ourTag, &l.talk.theirTag} {
			right := *part
			*part = "guessed"
			if m := l.again(0); m.StatusCode() != 481 {
				t.Errorf("with a guessed name:\n%s", m.Bytes())
			}
			*part = right
		}
		without, _ := sipconf.ReadSettings(parse(t, "sip.conf", strings.Replace(withLamps(t, "", oneHint).sip, "[1001]", "[other]", 1)), nil, "obelus test")
		h.sip.Reload(without)
		if m := l.again(600); m.StatusCode() != 403 {
			t.Errorf("of an account that has gone:\n%s", m.Bytes())
		}
		if m := l.again(600); m.StatusCode() != 481 {
			t.Errorf("after that:\n%s", m.Bytes())
		}
		if m := p.request(sip.PUBLISH, "sip:1001@10.99.0.1", "Event: presence"); m.StatusCode() != 489 {
			t.Errorf("PUBLISH:\n%s", m.Bytes())
		}
		p.silent(time.Minute)
		h.quiet()
	})
	for general, want := range map[string]string{"allowsubscribe=no": "403 Forbidden (policy)", "subscribecontext=other": "404 Not Found"} {
		inHouse(t, withLamps(t, general, oneHint+"\n[other]\nexten => 7,1,NoOp"), func(h *house) {
			_, m := h.phone("1001", addrOne).subscribes("1002", presence, 600)
			if got := fmt.Sprintf("%d %s", m.StatusCode(), m.Reason()); got != want {
				t.Errorf("%s: %s, want %s", general, got, want)
			}
		})
	}
}

// TestLampWithoutProof has nobody watch who has proved nothing, and nothing be kept of
// them (security class 14).
func TestLampWithoutProof(t *testing.T) {
	f := withLamps(t, "allowguest=yes", oneHint+"\n[public]\ninclude => my")
	inHouse(t, f, func(h *house) {
		stranger := h.phone("stranger", addrOne)
		if _, m := stranger.subscribes("1002", presence, 600); m.StatusCode() != 403 {
			t.Errorf("a guest:\n%s", m.Bytes())
		}
		l := &lamp{h.phone("1001", addrTwo).begins("1002"), presence}
		for range 100 {
			l.talk.send(sip.SUBSCRIBE, "", presence, "Expires: 600")
			l.talk.p.answer(401)
		}
		var b strings.Builder
		h.sip.Lamps().Show(&b)
		if !strings.Contains(b.String(), "0 active SIP subscriptions") {
			t.Errorf("something is kept:\n%s", b.String())
		}
		stranger.silent(time.Minute)
	})
}

// TestLampLife has a subscription renewed, and end when it is not.
func TestLampLife(t *testing.T) {
	inHouse(t, withLamps(t, "", oneHint), func(h *house) {
		p := h.phone("1001", addrOne)
		l, _ := p.watches("1002", presence)
		for range 3 {
			h.pass(8 * time.Minute)
			if m := l.again(600); m.StatusCode() != 200 || m.Value(sip.HeaderExpires) != "600" {
				t.Errorf("renewed:\n%s", m.Bytes())
			}
			l.told()
		}
		if got := h.lampCount("1002"); got != 1 {
			t.Errorf("%d watchers", got)
		}
		p.silent(10 * time.Minute)
		m := l.told() // ten seconds of grace
		p.header(m, "Subscription-State", "terminated;reason=timeout")
		if m := l.again(600); m.StatusCode() != 481 {
			t.Errorf("after its end:\n%s", m.Bytes())
		}
		if got := h.lampCount("1002"); got != 0 {
			t.Errorf("%d watchers", got)
		}
		_, m = p.subscribes("1002", presence, 0) // a look, and no more
		if m.StatusCode() != 200 {
			t.Errorf("a look:\n%s", m.Bytes())
		}
		p.header(p.asked(sip.NOTIFY), "Subscription-State", "terminated;reason=timeout")
		_, m = p.subscribes("1002", presence, 100_000)
		p.header(m, "Expires", "3600")
	})
}

// lampCount is how many watch an extension.
func (h *house) lampCount(exten string) int {
	for _, l := range h.board.Hints() {
		if l.Exten == exten {
			return l.Watchers
		}
	}
	return 0
}

// TestLampOfTheDead has subscriptions end whose phone says that it knows none, or says
// nothing.
func TestLampOfTheDead(t *testing.T) {
	inHouse(t, withLamps(t, "", oneHint), func(h *house) {
		p := h.phone("1001", addrOne)
		p.watches("1002", presence)
		h.registered("1002", addrTwo)
		p.reply(p.asked(sip.NOTIFY), 481)
		h.pass(time.Second)
		if n := h.lampCount("1002"); n != 0 {
			t.Errorf("after 481: %d watchers", n)
		}
		l, _ := p.watches("1002", presence)
		h.board.Refresh()
		p.silent(time.Second)
		two := h.phone("1001", addrThree)
		caller := two.call("1002")
		n := 0
		for began := time.Now(); time.Since(began) < 40*time.Second; {
			if m := p.hear(time.Second); m != nil && m.CallID() == l.talk.callID {
				n++
			}
		}
		if n < 5 || n > 15 || h.lampCount("1002") != 0 { // of 481 and silence; RFC 3261 section 17.1.2.2 has 11
			t.Errorf("the NOTIFY was sent %d times; %d watchers", n, h.lampCount("1002"))
		}
		caller.cancel()
	})
}

// TestLampBurst has a lamp's phone be slow: it is told the last state, and not every one.
func TestLampBurst(t *testing.T) {
	inHouse(t, withLamps(t, "", "exten => 8,hint,Custom:lamp"), func(h *house) {
		p := h.phone("1001", addrOne)
		l, _ := p.watches("8", dialogs)
		for i := range 50 {
			if err := h.board.Set("Custom:lamp", []string{"INUSE", "RINGING", "NOT_INUSE"}[i%3]); err != nil {
				t.Fatal(err)
			}
			h.pass(time.Millisecond)
		}
		if err := h.board.Set("Custom:lamp", "ONHOLD"); err != nil {
			t.Fatal(err)
		}
		h.pass(50 * time.Millisecond)
		first := p.asked(sip.NOTIFY)
		if got := p.state(first); got != "1 confirmed" {
			t.Errorf("at first: %s", got)
		}
		p.silent(100 * time.Millisecond)
		p.reply(first, 200)
		if got := p.state(l.told()); got != "2 confirmed" {
			t.Errorf("at last: %s", got)
		}
		p.silent(time.Minute)
	})
}

// TestLampOfAPattern has hints of patterns and with variables, several devices and a
// presence.
func TestLampOfAPattern(t *testing.T) {
	f := withLamps(t, "", "exten => _70X,hint,SIP/1${EXTEN:1}2&Custom:${DB(lamps/${EXTEN})},CustomPresence:p${EXTEN}")
	inHouse(t, f, func(h *house) {
		if err := h.db.Put("lamps", "700", "night"); err != nil {
			t.Fatal(err)
		}
		p := h.phone("1001", addrOne)
		l, m := p.watches("700", presence)
		if got := p.note(m); got != "Unavailable, closed" { // and UNKNOWN
			t.Errorf("at first: %s", got)
		}
		if text, _, _ := h.board.Hint("my", "700"); text != "SIP/1002&Custom:night,CustomPresence:p700" {
			t.Errorf("the hint is %q", text)
		}
		for _, c := range []struct{ device, state, note string }{
			{"Custom:night", "INUSE", "On the phone, open"}, {"Custom:night", "BUSY", "On the phone, open"}, {"Custom:night", "ONHOLD", "On hold, open"},
			{"Custom:night", "UNAVAILABLE", "Not online, closed"}, {"Custom:night", "NOT_INUSE", "Ready, open"},
		} {
			if err := h.board.Set(c.device, c.state); err != nil {
				t.Fatal(err)
			}
			if got := p.note(l.told()); got != c.note {
				t.Errorf("%s: %s, want %s", c.state, got, c.note)
			}
		}
		if err := h.board.SetPresence("CustomPresence:p700", "away,lunch,back at <one>"); err != nil {
			t.Fatal(err)
		}
		m = l.told()
		if !strings.Contains(string(m.Body()), `<digium_presence type="away" subtype="lunch">back at &lt;one&gt;</digium_presence>`) {
			t.Errorf("no presence in\n%s", m.Bytes())
		}
		if h.lampCount("700") != 1 {
			t.Error("it is not listed")
		}
		l.again(0)
		l.told()
		if n := len(h.board.Hints()); n != 1 {
			t.Errorf("%d hints where there is a pattern and nobody watches", n)
		}
	})
}

// TestLampReload has hints follow another dialplan.
func TestLampReload(t *testing.T) {
	f := withLamps(t, "", "exten => 8,hint,Custom:a\nexten => 9,hint,Custom:c\nexten => _7X,hint,Custom:x${EXTEN}")
	inHouse(t, f, func(h *house) {
		set := func(device, state string) {
			if err := h.board.Set(device, state); err != nil {
				t.Fatal(err)
			}
		}
		set("Custom:a", "INUSE")
		set("Custom:b", "RINGING")
		p := h.phone("1001", addrOne)
		eight, m := p.watches("8", dialogs)
		if got := p.state(m); got != "0 confirmed" {
			t.Errorf("before: %s", got)
		}
		h.load(f.extensions) // the same
		p.silent(time.Second)
		h.load(strings.Replace(f.extensions, "Custom:a", "Custom:b", 1))
		if got := p.state(eight.told()); got != "1 early" {
			t.Errorf("after: %s", got)
		}
		set("Custom:a", "NOT_INUSE")
		p.silent(time.Second)
		set("Custom:b", "NOT_INUSE")
		if got := p.state(eight.told()); got != "2 terminated" {
			t.Errorf("the new device: %s", got)
		}
		h.load(strings.Replace(f.extensions, "exten => 8,hint,Custom:a", "", 1))
		m = eight.told()
		p.header(m, "Subscription-State", "terminated;reason=noresource")
		if m := eight.again(600); m.StatusCode() != 481 {
			t.Errorf("of a hint that has gone:\n%s", m.Bytes())
		}
	})
}

// TestLampWords has each state in each form.
func TestLampWords(t *testing.T) {
	inHouse(t, withLamps(t, "", "exten => 8,hint,Custom:a"), func(h *house) {
		p := h.phone("1001", addrOne)
		pidf, _ := p.watches("8", presence)
		info, _ := p.watches("8", dialogs)
		old, m := p.watches("8", "Event: presence\nAccept: application/xpidf+xml")
		p.header(m, "Content-Type", "application/xpidf+xml")
		for _, c := range []struct{ state, note, dialog, old string }{
			{"RINGING", "Ringing, open", "early", "inuse onthephone"}, {"RINGINUSE", "Ringing, open", "early", "inuse onthephone"},
			{"INUSE", "On the phone, open", "confirmed", "inuse onthephone"}, {"BUSY", "On the phone, open", "confirmed", "closed offline"},
			{"ONHOLD", "On hold, open", "confirmed", "closed offline"}, {"INVALID", "Unavailable, closed", "terminated", "closed offline"},
			{"UNAVAILABLE", "Not online, closed", "terminated", "closed offline"}, {"NOT_INUSE", "Ready, open", "terminated", "open online"},
		} {
			if err := h.board.Set("Custom:a", c.state); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				m := p.asked(sip.NOTIFY)
				p.reply(m, 200)
				switch body := string(m.Body()); m.CallID() {
				case pidf.talk.callID:
					if got := p.note(m); got != c.note {
						t.Errorf("%s: %s, want %s", c.state, got, c.note)
					}
				case info.talk.callID:
					if got := p.state(m); !strings.HasSuffix(got, " "+c.dialog) {
						t.Errorf("%s: %s, want %s", c.state, got, c.dialog)
					}
					if hold := strings.Contains(body, `<param pname="+sip.rendering" pval="no"`); hold != (c.state == "ONHOLD") {
						t.Errorf("%s: hold is %v", c.state, hold)
					}
				case old.talk.callID:
					words := strings.Fields(c.old)
					if !strings.Contains(body, `<status status="`+words[0]+`" />`) || !strings.Contains(body, `substatus="`+words[1]+`"`) {
						t.Errorf("%s: no %s in\n%s", c.state, c.old, body)
					}
				}
			}
		}
	})
}

// TestDeviceStates has a phone's state follow what it does.
func TestDeviceStates(t *testing.T) {
	f := withLamps(t, "notifyhold=yes", oneHint)
	f.sip = strings.Replace(f.sip, "[1002]\n", "[1002]\ncall-limit=3\nbusylevel=2\n", 1)
	inHouse(t, f, func(h *house) {
		is := func(when string, want device.State) {
			t.Helper()
			h.pass(time.Millisecond)
			if got := h.board.State("SIP/1002"); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
		is("before it registers", device.Unavailable)
		one, three := h.registered("1001", addrOne), h.phone("1001", addrThree)
		two := h.registered("1002", addrTwo)
		is("at rest", device.NotInUse)
		caller := one.call("1002")
		invite := two.asked(sip.INVITE)
		is("called", device.Ringing)
		callee := two.takes(invite)
		caller.accepted()
		is("talking", device.InUse)
		callee.send(sip.INVITE, strings.Replace(two.description(), "a=rtpmap:0", "a=sendonly\r\na=rtpmap:0", 1))
		two.answer(100)
		two.answer(200)
		callee.ack("")
		is("holding", device.OnHold)
		callee.send(sip.INVITE, two.description())
		two.answer(100)
		two.answer(200)
		callee.ack("")
		is("back", device.InUse)
		other := three.call("1002")
		invite = two.asked(sip.INVITE)
		is("called while talking", device.RingInUse)
		second := two.takes(invite)
		other.accepted()
		is("two calls", device.Busy)
		second.bye()
		three.reply(three.asked(sip.BYE), 200)
		is("one call", device.InUse)
		callee.bye()
		one.reply(one.asked(sip.BYE), 200)
		is("at rest again", device.NotInUse)
		if got := h.board.State("SIP/nobody"); got != device.Invalid {
			t.Errorf("nobody: %s", got)
		}
		h.pass(200 * time.Second) // the registration ends
		is("gone", device.Unavailable)
	})
}
