package scenario

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"obelus/chansip/sipconf"
	"obelus/sip"
)

// TestReloadInALoop reads the files again and again, each time a little different, while phones register, call and write to each other: no
// call is refused or ends, no text is lost or told twice, and nobody has to register again.
func TestReloadInALoop(t *testing.T) {
	f := seed(t)
	for _, name := range []string{"1003", "1004"} {
		f.sip += strings.ReplaceAll("[1001]\ntype=friend\nsecret=1001\ncontext=my\nhost=dynamic\naccept_outofcall_message=yes\noutofcall_message_context=sms\n", "1001", name)
	}
	inHouse(t, f, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		writers := []*phone{h.registered("1003", addrThree), h.registered("1004", addrFour)}
		stop, stopped := make(chan struct{}), make(chan int)
		go h.reloads(f, stop, stopped)
		heard := make(chan map[string]int)
		for i, p := range writers {
			go p.keepsWriting(writers[1-i].name, 40, heard)
		}
		for range 20 {
			one.register()
			caller, _ := one.connects(two)
			two.register()
			h.pass(time.Duration(1+rand.IntN(3000)) * time.Millisecond)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}
		for range writers {
			seen := <-heard
			for i := range 40 {
				if n := seen[fmt.Sprint("text ", i)]; n != 1 {
					t.Errorf("text %d arrived %d times", i, n)
				}
			}
		}
		close(stop)
		if n := <-stopped; n < 100 {
			t.Errorf("only %d reloads", n)
		}
		h.quiet()
	})
}

// reloads reads files again and again, until it is told to stop; then it says how often it did.
func (h *house) reloads(f files, stop chan struct{}, stopped chan int) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			stopped <- n
			return
		case <-time.After(time.Duration(1+rand.IntN(150)) * time.Millisecond):
		}
		more := fmt.Sprintf("[extra%d]\ntype=friend\nhost=dynamic\nqualify=yes\n[fixed%d]\ntype=peer\nhost=10.99.3.%d\nqualify=yes\n", n%3, n%5, n%7)
		set, _ := sipconf.ReadSettings(parse(h.t, "sip.conf", f.sip+more), nil, "obelus test")
		h.sip.Reload(set)
		h.load(f.extensions + fmt.Sprintf("[extra]\nexten => %d,1,Hangup()\n", n))
	}
}

// keepsWriting writes texts to another, a few a second, and tells which it was written itself.
func (p *phone) keepsWriting(to string, count int, heard chan map[string]int) {
	uri, seen := "sip:"+to+"@10.99.0.1", make(map[string]int)
	for i := range count {
		headers := []string{"To: <" + uri + ">", "Content-Type: text/plain"}
		callID := fmt.Sprintf("text-%s-%d@phone", p.name, i)
		for seq := 1; seq <= 2; seq++ {
			p.send(p.text(sip.MESSAGE, uri, callID, seq, headers...), fmt.Sprint("text ", i))
			m := p.hear(time.Minute)
			for ; m != nil && m.IsRequest(); m = p.hear(time.Minute) {
				p.takesText(m, seen)
			}
			if m == nil || m.StatusCode() != 401 {
				if m == nil || m.StatusCode() != 202 {
					p.h.t.Errorf("text %d of %s was not taken", i, p.name)
				}
				break
			}
			headers = append(headers, p.proof(m, sip.MESSAGE, uri, p.name))
		}
		for m := p.hear(time.Duration(1+rand.IntN(500)) * time.Millisecond); m != nil; m = p.hear(time.Millisecond) {
			p.takesText(m, seen)
		}
	}
	for m := p.hear(time.Minute); m != nil; m = p.hear(time.Minute) {
		p.takesText(m, seen)
	}
	heard <- seen
}

// TestReloadWithoutAnAccount takes an account out of the files during its call: the call goes on, nobody can call it or call by it, and when it is in the
// files again it is reached where it had registered.
func TestReloadWithoutAnAccount(t *testing.T) {
	f := seed(t)
	inHouse(t, f, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller, callee := one.connects(two)
		without := strings.Replace(f.sip, "[1002]", "[1009]", 1)
		set, _ := sipconf.ReadSettings(parse(t, "sip.conf", without), nil, "obelus test")
		h.sip.Reload(set)
		h.pass(time.Minute)
		callee.send(sip.OPTIONS, "")
		two.answer(200)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)

		refused := one.call("1002")
		one.reply(one.asked(sip.MESSAGE), 200) // the dialplan goes on with SendText
		refused.ackRefusal(one.final())
		two.silent(time.Second)
		if m := two.request(sip.REGISTER, "sip:10.99.0.1", "Contact: <sip:1002@10.99.0.3:5070>"); m.StatusCode() < 400 {
			t.Errorf("it registers: %d", m.StatusCode())
		}
		set, _ = sipconf.ReadSettings(parse(t, "sip.conf", f.sip), nil, "obelus test")
		h.sip.Reload(set)
		caller, _ = one.connects(two)
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}
