package scenario

import (
	"encoding/xml"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"obelus/sip"
)

// boxes are mailboxes as a test fills them: new and old messages by box@context.
type boxes struct {
	mu   sync.Mutex
	have map[string][2]int
}

func (b *boxes) Counts(context, box string) (unheard, heard, urgent, urgentHeard int, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, ok := b.have[box+"@"+context]
	return n[0], n[1], 0, 0, ok
}

func (b *boxes) set(at string, unheard, heard int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.have == nil {
		b.have = make(map[string][2]int)
	}
	b.have[at] = [2]int{unheard, heard}
}

// pidf is what a phone reads of RFC 3863.
type pidf struct {
	Entity string `xml:"entity,attr"`
	Note   string `xml:"note"`
	Tuples []struct {
		ID    string `xml:"id,attr"`
		Basic string `xml:"status>basic"`
	} `xml:"tuple"`
}

// dialogInfo is what a phone reads of RFC 4235.
type dialogInfo struct {
	Version int    `xml:"version,attr"`
	State   string `xml:"state,attr"`
	Entity  string `xml:"entity,attr"`
	Dialogs []struct {
		ID     string `xml:"id,attr"`
		CallID string `xml:"call-id,attr"`
		Local  string `xml:"local-tag,attr"`
		Remote string `xml:"remote-tag,attr"`
		State  string `xml:"state"`
		Who    struct {
			Identity struct {
				Display string `xml:"display,attr"`
				URI     string `xml:",chardata"`
			} `xml:"identity"`
			Target struct {
				URI string `xml:"uri,attr"`
			} `xml:"target"`
		} `xml:"remote"`
	} `xml:"dialog"`
}

// lamp is a subscription of a phone.
type lamp struct {
	talk *talk
	what string // Event and Accept
}

// kinds of lamps: their headers.
const (
	presence = "Event: presence\nAccept: application/pidf+xml"
	dialogs  = "Event: dialog\nAccept: application/dialog-info+xml"
	messages = "Event: message-summary\nAccept: application/simple-message-summary"
)

// subscribes proves who it is, and returns what comes of it: the final answer.
func (p *phone) subscribes(exten, what string, expires int) (*lamp, *sip.Message) {
	p.h.t.Helper()
	l := &lamp{p.begins(exten), what}
	l.talk.callID = "lamp-" + l.talk.callID
	headers := []string{what, fmt.Sprintf("Expires: %d", expires)}
	l.talk.send(sip.SUBSCRIBE, "", headers...)
	m := p.final()
	if m.StatusCode() == 401 {
		l.talk.send(sip.SUBSCRIBE, "", append(headers, p.proof(m, sip.SUBSCRIBE, l.talk.target, p.name))...)
		m = p.final()
	}
	if m.StatusCode() == 200 {
		l.talk.joins(m)
	}
	return l, m
}

// watches has a phone watch an extension, and takes the first NOTIFY.
func (p *phone) watches(exten, what string) (*lamp, *sip.Message) {
	p.h.t.Helper()
	l, m := p.subscribes(exten, what, 600)
	if m.StatusCode() != 200 {
		p.h.t.Fatalf("phone %s may not watch %s:\n%s", p.name, exten, m.Bytes())
	}
	return l, l.told()
}

// told waits for the next NOTIFY, which must be the lamp's, and answers it.
func (l *lamp) told() *sip.Message {
	l.talk.p.h.t.Helper()
	m := l.talk.p.asked(sip.NOTIFY)
	if m.CallID() != l.talk.callID || m.ToTag() != l.talk.ourTag || m.FromTag() != l.talk.theirTag {
		l.talk.p.h.t.Fatalf("a NOTIFY of no lamp of phone %s:\n%s", l.talk.p.name, m.Bytes())
	}
	l.talk.p.reply(m, 200)
	return m
}

// again sends a SUBSCRIBE within the subscription.
func (l *lamp) again(expires int) *sip.Message {
	l.talk.p.h.t.Helper()
	l.talk.send(sip.SUBSCRIBE, "", l.what, fmt.Sprintf("Expires: %d", expires))
	return l.talk.p.final()
}

func (p *phone) reads(m *sip.Message, into any) {
	p.h.t.Helper()
	if err := xml.Unmarshal(m.Body(), into); err != nil {
		p.h.t.Fatalf("phone %s can't read %v:\n%s", p.name, err, m.Bytes())
	}
}

// note is the note of a presence.
func (p *phone) note(m *sip.Message) string {
	p.h.t.Helper()
	var d pidf
	p.reads(m, &d)
	basic := ""
	if len(d.Tuples) > 0 {
		basic = d.Tuples[0].Basic
	}
	return d.Note + ", " + basic
}

// state is the state of a dialog-info.
func (p *phone) state(m *sip.Message) string {
	p.h.t.Helper()
	var d dialogInfo
	p.reads(m, &d)
	if len(d.Dialogs) != 1 {
		p.h.t.Fatalf("not one dialog in\n%s", m.Bytes())
	}
	return fmt.Sprintf("%d %s", d.Version, d.Dialogs[0].State)
}

// withLamps are the seed's files with calls counted, and hints.
func withLamps(t *testing.T, general, hints string) files {
	f := seed(t)
	f.sip = strings.Replace(f.sip, "[general]\n", "[general]\ncallcounter=yes\n"+general+"\n", 1)
	f.extensions += "\n[my]\n" + hints + "\n"
	return f
}

// TestLamp has a phone watch another that is called, answers and hangs up.
func TestLamp(t *testing.T) {
	inHouse(t, withLamps(t, "", "exten => 1002,hint,SIP/1002"), func(h *house) {
		one, two, desk := h.registered("1001", addrOne), h.registered("1002", addrTwo), h.phone("1001", addrThree)
		watcher, m := desk.watches("1002", presence)
		if got := desk.note(m); got != "Ready, open" {
			t.Errorf("at rest: %s", got)
		}
		blf, m := desk.watches("1002", dialogs)
		if got := desk.state(m); got != "0 terminated" {
			t.Errorf("at rest: %s", got)
		}
		for _, want := range []string{"Subscription-State: active;expires=600", "Event: dialog", "Content-Type: application/dialog-info+xml"} {
			if !strings.Contains(string(m.Bytes()), want) {
				t.Errorf("%s is missing in\n%s", want, m.Bytes())
			}
		}
		expect := func(when, note, state string) {
			t.Helper()
			began := time.Now()
			for range 2 {
				m := desk.asked(sip.NOTIFY)
				desk.reply(m, 200)
				if m.CallID() == watcher.talk.callID {
					if got := desk.note(m); got != note {
						t.Errorf("%s: %s, want %s", when, got, note)
					}
				} else if got := desk.state(m); got != state {
					t.Errorf("%s: %s, want %s", when, got, state)
				}
			}
			if d := time.Since(began); d > 100*time.Millisecond {
				t.Errorf("%s: after %v", when, d)
			}
		}
		caller := one.call("1002")
		invite := two.asked(sip.INVITE)
		expect("ringing", "Ringing, open", "1 early")
		two.reply(invite, 180)
		one.answer(180)
		callee := two.takes(invite)
		caller.accepted()
		expect("answered", "On the phone, open", "2 confirmed")
		callee.bye()
		one.reply(one.asked(sip.BYE), 200)
		expect("at rest again", "Ready, open", "3 terminated")
		if m := blf.again(0); m.StatusCode() != 200 {
			t.Errorf("unsubscribed:\n%s", m.Bytes())
		}
		last := blf.told()
		if got := last.Value(sip.HeaderSubscriptionState); got != "terminated;reason=timeout" {
			t.Errorf("the last state says %q", got)
		}
		h.pass(time.Minute)
		desk.silent(time.Second)
	})
}
