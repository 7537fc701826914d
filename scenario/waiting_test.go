package scenario

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/internal/simnet"
	"obelus/sip"
	"obelus/store"
	"obelus/store/sqlite"
)

// inHouseThat runs a test in a bubble, with a house that has something outlive it.
func inHouseThat(t *testing.T, f files, keeps func(t *testing.T) *mortal, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouseThat(t, f, simnet.New(1), keeps(t))
		defer h.close()
		test(h)
	})
}

func inMemory(*testing.T) *mortal { return newMortal() }

// onDisk is what outlives a house in SQLite.
func onDisk(t *testing.T) *mortal {
	t.Helper()
	e, err := sqlite.Open(t.Context(), t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return &mortal{engine: e}
}

// storing are the seed's files with lines more in [general], and with other steps for
// texts.
func storing(t *testing.T, general string, steps ...string) files {
	t.Helper()
	f := seed(t)
	f.sip = strings.Replace(f.sip, "[general]\n", "[general]\n"+general+"\n", 1)
	if len(steps) > 0 {
		before, _, ok := strings.Cut(f.extensions, "[sms]")
		if !ok {
			t.Fatal("the seed has no [sms]")
		}
		f.extensions = before + "[sms]\nexten => _.,1,NoOp()\n"
		for _, step := range steps {
			f.extensions += "same => n," + step + "\n"
		}
	}
	return f
}

// gets has a phone hear a text, and take it.
func (p *phone) gets(want string) *sip.Message {
	p.h.t.Helper()
	m := p.asked(sip.MESSAGE)
	if string(m.Body()) != want {
		p.h.t.Errorf("phone %s was to get %q, and got %q", p.name, want, m.Body())
	}
	p.reply(m, 200)
	return m
}

// writes has a phone send texts that are taken.
func (p *phone) writes(to string, bodies ...string) {
	p.h.t.Helper()
	for _, b := range bodies {
		if m := p.texts(to, "text/plain", b); m.StatusCode() != 202 {
			p.h.t.Fatalf("%q is answered\n%s", b, m.Bytes())
		}
	}
}

// TestTextWaitsForAPhone has the seed's dialplan unchanged and store_messages=yes: no
// notice of a failure, and the texts arrive in order when the phone comes, whoever was
// killed in between.
func TestTextWaitsForAPhone(t *testing.T) {
	for name, keeps := range map[string]func(t *testing.T) *mortal{"memory": inMemory, "sqlite": onDisk} {
		for _, kill := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s killed %v", name, kill), func(t *testing.T) {
				inHouseThat(t, storing(t, "store_messages=yes"), keeps, func(h *house) {
					one := h.registered("1001", addrOne)
					sent := time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
					one.writes("1002", "first", "second", "third")
					one.silent(time.Minute)
					if kill {
						h.killed()
					}
					two := h.registered("1002", addrTwo)
					m := two.gets("first")
					if date, _ := m.Header("Date"); date != sent {
						t.Errorf("it is dated %q, sent %q", date, sent)
					}
					if from, err := m.From(); err != nil || from.Addr != "sip:1001@10.99.0.1" {
						t.Errorf("it comes from %v", from)
					}
					two.gets("second")
					two.gets("third")
					h.pass(time.Second)
					one.writes("1002", "now")
					if date, dated := two.gets("now").Header("Date"); dated {
						t.Errorf("what did not wait is dated %q", date)
					}
					h.pass(time.Second)
					if kill {
						h.killed()
					}
					two.register()
					two.silent(time.Hour)
					one.silent(time.Minute)
				})
			})
		}
	}
}

// TestStoreOption is the dialplan that asks for it, and hears STORED.
func TestStoreOption(t *testing.T) {
	f := storing(t, "", "MessageSend(sip:${EXTEN},${MESSAGE(from)},,store)", "Set(was=${MESSAGE_SEND_STATUS})", `Set(MESSAGE(body)=it is ${was})`, "MessageSend(sip:1001,1002)")
	inHouseThat(t, f, inMemory, func(h *house) {
		one := h.registered("1001", addrOne)
		one.writes("1002", "hello")
		one.gets("it is STORED")
		two := h.registered("1002", addrTwo)
		two.gets("hello")
		one.writes("1002", "again")
		two.gets("again")
		one.gets("it is SUCCESS")
		one.writes("1003", "nobody")
		one.gets("it is FAILURE")
	})
}

// TestKilledBeforeTheDialplan: what was answered 202 goes through the dialplan after a
// kill, be it delivered or refused back to the sender.
func TestKilledBeforeTheDialplan(t *testing.T) {
	f := seed(t)
	f.extensions = strings.Replace(f.extensions, "exten => _.,1,NoOp(SMS receiving dialplan invoked)", "exten => _.,1,Wait(10)", 1)
	inHouseThat(t, f, onDisk, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		one.writes("1002", "first", "second")
		one.writes("1009", "to nobody")
		h.pass(time.Second)
		h.killed()
		two.gets("first")
		m := one.asked(sip.MESSAGE)
		if !strings.Contains(string(m.Body()), "Your message to 1009 has failed") {
			t.Errorf("told %q", m.Body())
		}
		one.reply(m, 200)
		two.gets("second")
		h.pass(time.Minute)
		h.killed()
		one.silent(time.Minute)
		two.silent(time.Minute)
	})
}

// TestRefusedHonestly: a disk that is full, a database that is away: 503 and nothing is
// run; what is there stays, and it goes on when it can.
func TestRefusedHonestly(t *testing.T) {
	for name, trouble := range map[string]error{"disk full": errors.New("no space left on device"), "database away": fmt.Errorf("dial: %w", store.ErrUnavailable)} {
		t.Run(name, func(t *testing.T) {
			inHouseThat(t, storing(t, "store_messages=yes"), inMemory, func(h *house) {
				one, three := h.registered("1001", addrOne), h.phone("1002", addrThree)
				one.writes("1002", "kept")
				h.pass(time.Second)
				h.keeps.failing(trouble)
				m := one.texts("1002", "text/plain", "refused")
				if again, _ := m.Header("Retry-After"); m.StatusCode() != 503 || again == "" {
					t.Fatalf("answered\n%s", m.Bytes())
				}
				h.pass(time.Minute)
				h.keeps.failing(nil)
				h.pass(time.Minute)
				three.register()
				three.gets("kept")
				one.writes("1002", "and on")
				three.gets("and on")
				three.silent(time.Hour)
			})
		})
	}
}

// TestRepeatedWhileCommitting: a MESSAGE that comes again while the store is slow is one
// text, with one answer for each time it came after it.
func TestRepeatedWhileCommitting(t *testing.T) {
	inHouseThat(t, seed(t), inMemory, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		h.keeps.takes.Store(int64(3 * time.Second))
		const uri = "sip:1002@10.99.0.1"
		headers := []string{"To: <sip:1002@10.99.0.1>", "Content-Type: text/plain"}
		one.send(one.text(sip.MESSAGE, uri, "again@phone", 1, headers...), "hello")
		headers = append(headers, one.proof(one.answer(401), sip.MESSAGE, uri, "1001"))
		for range 4 {
			one.send(one.text(sip.MESSAGE, uri, "again@phone", 2, headers...), "hello")
			one.silent(500 * time.Millisecond)
		}
		one.answer(202)
		two.gets("hello")
		one.silent(time.Minute)
		two.silent(time.Minute)
		h.keeps.takes.Store(0)
	})
}

// TestFullBox: the sender hears 480 and why, as long as that is possible.
func TestFullBox(t *testing.T) {
	inHouseThat(t, storing(t, "store_messages=yes\nmax_stored_messages=2"), inMemory, func(h *house) {
		one := h.registered("1001", addrOne)
		one.writes("1002", "1", "2")
		h.pass(time.Second)
		m := one.texts("1002", "text/plain", "3")
		if warning, _ := m.Header("Warning"); m.StatusCode() != 480 || m.Reason() != "Too many messages waiting" ||
			warning != `399 obelus "1002 has 2 messages waiting, and may have no more"` {
			t.Errorf("answered\n%s", m.Bytes())
		}
		two := h.registered("1002", addrTwo)
		two.gets("1")
		two.gets("2")
		one.writes("1002", "3")
		two.gets("3")
	})
}

// TestExpiredText: who wrote it is told, once, by the account that did not get it.
func TestExpiredText(t *testing.T) {
	inHouseThat(t, storing(t, "store_messages=yes\nmessage_expiry=2h"), inMemory, func(h *house) {
		one := h.registered("1001", addrOne)
		one.writes("1002", "hello")
		written := time.Now().Format("02012006-15:04:05")
		for range 5 {
			h.pass(23 * time.Minute)
			one.register()
		}
		one.silent(10 * time.Minute)
		one.register()
		m := one.asked(sip.MESSAGE)
		one.reply(m, 200)
		if from, err := m.From(); err != nil || from.Addr != "sip:1002@10.99.0.1" {
			t.Errorf("the notice comes from %v", from)
		}
		if !strings.HasSuffix(string(m.Body()), "] Your message to 1002 of "+written+" was not delivered within 2 hours.") {
			t.Errorf("the notice is %q", m.Body())
		}
		one.silent(time.Hour)
		h.registered("1002", addrTwo).silent(time.Hour)
	})
}

// TestPhoneThatDoesNotTakeIt: what a phone answers decides whether the text waits.
func TestPhoneThatDoesNotTakeIt(t *testing.T) {
	for _, c := range []struct {
		status int // 0: none
		waits  bool
	}{{0, true}, {408, true}, {480, true}, {486, true}, {500, true}, {503, true}, {403, false}, {404, false}, {415, false}, {488, false}, {501, false}, {603, false}} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			inHouseThat(t, storing(t, "store_messages=yes\nmaxexpiry=7200"), inMemory, func(h *house) {
				one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
				one.writes("1002", "hello")
				if m := two.asked(sip.MESSAGE); c.status != 0 {
					two.reply(m, c.status)
				}
				if !c.waits {
					m := one.asked(sip.MESSAGE)
					one.reply(m, 200)
					if !strings.Contains(string(m.Body()), "Your message to 1002 has failed") {
						t.Errorf("told %q", m.Body())
					}
					two.silent(3 * time.Minute)
					return
				}
				if c.status == 0 {
					h.pass(40 * time.Second) // the first try is over
					for two.hearRaw(time.Second) != nil {
						continue // its repetitions, which nobody answered
					}
				}
				two.gets("hello")
				two.silent(90 * time.Minute)
				one.silent(time.Minute)
			})
		})
	}
}

// TestTwoPhonesOfAnAccount: each gets every text once, by its +sip.instance.
func TestTwoPhonesOfAnAccount(t *testing.T) {
	inHouseThat(t, storing(t, "store_messages=yes\nmax_contacts=2"), onDisk, func(h *house) {
		one := h.registered("1001", addrOne)
		desk, mobile := h.phone("1002", addrTwo), h.phone("1002", addrThree)
		here := func(p *phone, instance string) {
			t.Helper()
			m := p.request(sip.REGISTER, "sip:10.99.0.1", fmt.Sprintf(`Contact: <sip:1002@%s>;+sip.instance="<urn:uuid:%s>"`, p.addr, instance))
			if m.StatusCode() != 200 {
				t.Fatalf("it could not register:\n%s", m.Bytes())
			}
		}
		one.writes("1002", "a")
		here(desk, "desk")
		desk.gets("a")
		one.writes("1002", "b")
		desk.gets("b")
		h.pass(time.Second)
		h.killed()
		here(mobile, "mobile")
		mobile.gets("a")
		mobile.gets("b")
		here(desk, "desk")
		desk.silent(10 * time.Minute)
		here(desk, "desk")
		here(mobile, "mobile")
		one.writes("1002", "c")
		desk.gets("c")
		mobile.gets("c")
		desk.silent(time.Hour)
		mobile.silent(time.Minute)
	})
}

// TestTypingWaitsForNobody: who is away does not learn later that somebody was typing.
func TestTypingWaitsForNobody(t *testing.T) {
	inHouseThat(t, storing(t, "store_messages=yes"), inMemory, func(h *house) {
		one := h.registered("1001", addrOne)
		h.keeps.failing(errors.New("no space left on device"))
		if m := one.texts("1002", "application/im-iscomposing+xml", "<isComposing><state>active</state></isComposing>"); m.StatusCode() != 202 {
			t.Fatalf("answered\n%s", m.Bytes())
		}
		h.keeps.failing(nil)
		one.silent(time.Minute)
		h.registered("1002", addrTwo).silent(time.Minute)
	})
}

// TestNotAnsweringQualify: a phone that qualify finds away gets its texts when it
// answers again, without registering.
func TestNotAnsweringQualify(t *testing.T) {
	f := storing(t, "store_messages=yes\ndefaultexpiry=3600")
	f.sip = strings.Replace(f.sip, "[1002]\n", "[1002]\nqualify=yes\n", 1)
	inHouseThat(t, f, inMemory, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		h.pass(2 * time.Minute) // two answers nobody: it is away
		one.writes("1002", "hello")
		h.pass(5 * time.Minute)
		for two.hearRaw(time.Millisecond) != nil {
			continue // what it did not answer
		}
		two.reply(two.asked(sip.OPTIONS), 200)
		two.gets("hello")
	})
}

// TestAnyBodyWaits has bodies of all kinds wait through a kill, and arrive byte for byte with
// what belongs to them; notifications go back to a sender who is away by then.
func TestAnyBodyWaits(t *testing.T) {
	const cpim = "From: <sip:1001@10.99.0.1>\r\nTo: <sip:1002@10.99.0.1>\r\nDateTime: 2026-11-24T10:00:00Z\r\nNS: imdn <urn:ietf:params:imdn>\r\n" +
		"imdn.Message-ID: 12\r\nimdn.Disposition-Notification: positive-delivery, display\r\n\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\nhello"
	bodies := []struct{ kind, encoding, body string }{
		{"message/cpim", "", cpim}, {"message/imdn+xml", "", "<imdn/>"}, {"application/octet-stream", "", "\x00\x01\xff\xfe"},
		{"text/plain;charset=UTF-8", "gzip", "\x1f\x8b\x08\x00"}, {"application/vnd.gsma.rcs-ft-http+xml", "", "<file/>"},
		{`message/external-body; access-type="URL"; URL="https://a.example/b"`, "", "Content-Type: image/jpeg\r\n\r\n"}, {"text/plain", "", ""},
	}
	inHouseThat(t, storing(t, "store_messages=yes"), onDisk, func(h *house) {
		one := h.registered("1001", addrOne)
		for _, b := range bodies {
			var more []string
			if b.encoding != "" {
				more = append(more, "Content-Encoding: "+b.encoding)
			}
			if m := one.texts("1002", b.kind, b.body, more...); m.StatusCode() != 202 {
				t.Fatalf("%s is answered\n%s", b.kind, m.Bytes())
			}
		}
		h.pass(time.Hour) // one is away by now
		h.killed()
		two := h.registered("1002", addrTwo)
		for _, b := range bodies {
			m := two.gets(b.body)
			if kind := m.Value(sip.HeaderContentType); b.body != "" && kind != b.kind {
				t.Errorf("%s arrives as %s", b.kind, kind)
			}
			if encoding, _ := m.Header("Content-Encoding"); encoding != b.encoding {
				t.Errorf("%s arrives encoded by %q", b.kind, encoding)
			}
		}
		const notice = "From: <sip:1002@10.99.0.1>\r\nTo: <sip:1001@10.99.0.1>\r\n\r\nContent-Type: message/imdn+xml\r\n\r\n<imdn/>"
		if m := two.texts("1001", "message/cpim", notice); m.StatusCode() != 202 {
			t.Fatalf("answered\n%s", m.Bytes())
		}
		h.pass(time.Minute)
		one.register()
		one.gets(notice)
		two.silent(time.Hour)
	})
}
