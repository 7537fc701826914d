package waiting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"obelus/message"
	"obelus/store"
)

// TestAwayAndBack has texts wait for a phone, through a restart, and get there in
// order, with the time they were sent.
func TestAwayAndBack(t *testing.T) {
	inHouse(t, func(h *house) {
		p := h.phone("1001", "a", true)
		if got := h.sends("1002", "1001", "one", asked); got != "STORED" {
			t.Errorf("status %s", got)
		}
		if got := h.sends("1002", "1001", "two"); got != "SUCCESS" {
			t.Errorf("without the option, by the account's setting: %s", got)
		}
		for n := range 15 {
			h.sends("1002", "1001", fmt.Sprint(n))
		}
		sent := time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
		h.waits("1001", 17)
		h.pass(time.Hour)
		h.close()
		h.pass(time.Hour)
		h.open()
		h.pass(time.Hour)
		h.expect(p, "")
		h.comes(p)
		h.pass(time.Second)
		h.expect(p, "one two 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14")
		h.waits("1001", 0)
		if p.dates[0] != sent {
			t.Errorf("it is dated %q, sent %q", p.dates[0], sent)
		}
		if got := h.sends("1002", "1001", "now", asked); got != "SUCCESS" {
			t.Errorf("to a phone that is there: %s", got)
		}
		h.expect(p, "one two 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 now")
		if last := p.dates[len(p.dates)-1]; last != "" {
			t.Errorf("a text that did not wait is dated %q", last)
		}
		if len(h.s.boxes) != 0 || h.s.count != 0 || h.s.bytes != 0 {
			t.Errorf("left are %d boxes, %d texts, %d bytes", len(h.s.boxes), h.s.count, h.s.bytes)
		}
	})
}

// TestThereAfterARestart delivers without the phone's doing, to phones that the
// registrar remembers.
func TestThereAfterARestart(t *testing.T) {
	inHouse(t, func(h *house) {
		p := h.phone("1001", "a", true)
		h.sends("1002", "1001", "one")
		h.close()
		p.there = true
		h.open()
		h.pass(time.Second)
		h.expect(p, "one")
	})
}

// TestStatus is what MESSAGE_SEND_STATUS says.
func TestStatus(t *testing.T) {
	for _, c := range []struct {
		name    string
		to      string
		answers error // of a phone that is there
		away    bool
		more    func(m *message.Message)
		want    string
		waits   int
	}{
		{"there", "1001", nil, false, asked, "SUCCESS", 0},
		{"away", "1001", nil, true, asked, "STORED", 1},
		{"silent", "1001", errSilent, false, asked, "STORED", 1},
		{"not now", "1001", &message.AnswerError{Answer: "480 Temporarily Unavailable"}, false, asked, "STORED", 1},
		{"refuses", "1001", &message.AnswerError{Answer: "415 Unsupported Media Type", Firm: true}, false, asked, "FAILURE", 0},
		{"away, by the account's setting", "1001", nil, true, nil, "SUCCESS", 1},
		{"refuses, by the account's setting", "1001", &message.AnswerError{Answer: "603 Decline", Firm: true}, false, nil, "FAILURE", 0},
		{"away, and nothing is kept", "1003", nil, true, nil, "FAILURE", 0},
		{"away, and this one is kept", "1003", nil, true, asked, "STORED", 1},
		{"silent, and nothing is kept", "1003", errSilent, false, nil, "FAILURE", 0},
		{"nobody", "1009", nil, true, asked, "FAILURE", 0},
		{"several, there", "2000", nil, false, asked, "SUCCESS", 1},
		{"several, silent", "2000", errSilent, false, asked, "STORED", 1},
		{"several, away", "2000", nil, true, asked, "STORED", 1},
		{"several, by the account's setting", "2000", errSilent, false, nil, "SUCCESS", 1},
		{"typing to nobody", "1001", nil, true, func(m *message.Message) { m.ContentType = "application/im-iscomposing+xml" }, "SUCCESS", 0},
		{"typing to nobody, nothing kept", "1003", nil, true, func(m *message.Message) { m.ContentType = "application/im-iscomposing+xml" }, "FAILURE", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				p := h.phone(c.to, "a", true)
				p.there, p.answers = !c.away, c.answers
				var more []func(*message.Message)
				if c.more != nil {
					more = append(more, c.more)
				}
				if got := h.sends("1002", c.to, "x", more...); got != c.want {
					t.Errorf("status %s, want %s", got, c.want)
				}
				h.waits(c.to, c.waits)
			})
		})
	}
}

// TestPauses has a phone that is there and silent tried again after growing pauses.
func TestPauses(t *testing.T) {
	inHouse(t, func(h *house) {
		p := h.phone("1001", "a", true)
		p.there, p.answers = true, errSilent
		h.sends("1002", "1001", "one")
		start := time.Now()
		h.pass(24 * time.Hour)
		// 30 s, 1, 2, 4, 8, 16, 32 min, then an hour each: about 29 in a day.
		if p.tried > 36 || p.tried < 25 {
			t.Errorf("%d tries in a day", p.tried)
		}
		all, err := h.s.Entries(t.Context(), "1001")
		if err != nil || len(all) != 1 || all[0].Tries < 22 || all[0].Tries > 36 || !all[0].Next.After(start) {
			t.Errorf("it shows %+v, %v", all, err)
		}
		h.says(p, nil)
		h.pass(2 * time.Hour)
		h.expect(p, "one")
		h.waits("1001", 0)
	})
}

// TestAppearingEndsPauses: a phone that registers anew is tried at once.
func TestAppearingEndsPauses(t *testing.T) {
	inHouse(t, func(h *house) {
		p := h.phone("1001", "a", true)
		p.there, p.answers = true, errSilent
		h.sends("1002", "1001", "one")
		h.pass(3 * time.Hour)
		h.says(p, nil)
		h.comes(p)
		h.pass(time.Second)
		h.expect(p, "one")
	})
}

// TestOrder: what comes later never overtakes what waits, of one sender; those of
// another do.
func TestOrder(t *testing.T) {
	inHouse(t, func(h *house) {
		p := h.phone("1001", "a", true)
		p.there, p.answers = true, &message.AnswerError{Answer: "480 Temporarily Unavailable"}
		h.sends("1002", "1001", "a1")
		h.says(p, nil)
		h.sends("1002", "1001", "a2")
		h.sends("1003", "1001", "b1")
		h.pass(time.Second)
		h.expect(p, "b1")
		h.pass(time.Minute)
		h.expect(p, "b1 a1 a2")
	})
}

// TestOrderPastTheShelf: a text that is not kept waits for those that are on their
// way.
func TestOrderPastTheShelf(t *testing.T) {
	inHouse(t, func(h *house) {
		p := h.phone("1003", "a", true)
		for _, b := range []string{"1", "2", "3"} {
			h.sends("1002", "1003", b, asked)
		}
		h.between = time.Second
		h.comes(p)
		if got := h.sends("1002", "1003", "4"); got != "SUCCESS" {
			t.Errorf("status %s", got)
		}
		h.expect(p, "1 2 3 4")
	})
}

// TestRefusedLater drops a text that the phone does not want, goes on with the next,
// and tells the sender.
func TestRefusedLater(t *testing.T) {
	inHouse(t, func(h *house) {
		p, sender := h.phone("1001", "a", true), h.phone("1002", "b", true)
		h.sends("1002", "1001", "one")
		sent := time.Now().Format("02012006-15:04:05")
		h.pass(time.Minute)
		p.answers = &message.AnswerError{Answer: "415 Unsupported Media Type", Firm: true}
		h.comes(p)
		h.pass(time.Second)
		h.waits("1001", 0)
		h.waits("1002", 1) // the sender is away: the notice waits
		now := time.Now().Add(-time.Second).Format("02012006-15:04:05")
		h.comes(sender)
		h.pass(time.Second)
		h.expect(sender, "["+now+"] Your message to 1001 of "+sent+" was refused (415 Unsupported Media Type).")
	})
}

// TestExpiry tells who wrote, once, and nobody of a notice, of a notification, or of
// a text that somebody got.
func TestExpiry(t *testing.T) {
	for _, c := range []struct {
		name   string
		to     string
		there  bool // a phone takes it
		kind   string
		silent bool
		off    bool
		peer   string
		told   bool
	}{
		{"nobody got it", "1001", false, "text/plain", false, false, "1002", true},
		{"a notice", "1001", false, "text/plain", true, false, "1002", false},
		{"a notification", "1001", false, "message/imdn+xml", false, false, "1002", false},
		{"of a guest", "1001", false, "text/plain", false, false, "", false},
		{"notices are off", "1001", false, "text/plain", false, true, "1002", false},
		{"of several one got it", "2000", true, "text/plain", false, false, "1002", false},
		{"of several nobody got it", "2000", false, "text/plain", false, false, "1002", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, func(h *house) {
				h.limits.Notices = !c.off
				sender, p := h.phone("1002", "b", true), h.phone(c.to, "a", true)
				sender.there, p.there = true, c.there
				sent := time.Now().Format("02012006-15:04:05")
				h.sends("1002", c.to, "x", func(m *message.Message) { m.ContentType, m.Silent, m.Peer = c.kind, c.silent, c.peer })
				h.pass(30*24*time.Hour - time.Minute)
				h.expect(sender, "")
				h.waits(c.to, 1)
				h.pass(time.Hour)
				h.waits(c.to, 0)
				h.waits("1002", 0)
				got := h.heard(sender)
				if c.told != strings.HasSuffix(got, "] Your message to "+c.to+" of "+sent+" was not delivered within 30 days.") || !c.told && got != "" {
					t.Errorf("the sender is told %q", got)
				}
				h.pass(24 * time.Hour)
				if again := h.heard(sender); again != got {
					t.Errorf("then told %q", again)
				}
			})
		})
	}
}

// TestExpires: a text is kept no longer than its sender says, nor than the account does.
func TestExpires(t *testing.T) {
	for value, want := range map[string]string{
		"3600": "1 hour", " 7200 ": "2 hours", "99999999": "30 days", "99999999999999999999": "30 days", "0": "30 days", "soon": "30 days", "-1": "30 days",
	} {
		inHouse(t, func(h *house) {
			p, sender := h.phone("1001", "a", true), h.phone("1002", "b", true)
			sender.there = true
			h.sends("1002", "1001", "x", func(m *message.Message) { m.SetData("Expires", value, true) })
			h.pass(59 * time.Minute)
			h.waits("1001", 1)
			h.pass(31 * 24 * time.Hour)
			h.comes(p)
			h.pass(time.Minute)
			h.expect(p, "")
			if got := h.heard(sender); !strings.HasSuffix(got, " was not delivered within "+want+".") {
				t.Errorf("Expires: %s: the sender is told %q", value, got)
			}
		})
	}
}

// TestToldWhenTheDiskHasRoom: a text whose sender can't be told now, because the store
// takes nothing new, stays until he can.
func TestToldWhenTheDiskHasRoom(t *testing.T) {
	inHouse(t, func(h *house) {
		h.close()
		disk := &fullDisk{Messages: h.store}
		h.store = disk
		h.open()
		refuses, sender := h.phone("1001", "a", true), h.phone("1002", "b", true)
		sender.there = true
		h.sends("1002", "1001", "one")
		refuses.answers = &message.AnswerError{Answer: "415 Unsupported Media Type", Firm: true}
		disk.full.Store(true)
		h.comes(refuses)
		h.pass(time.Second)
		h.waits("1001", 1)
		h.goes(refuses)
		h.pass(31 * 24 * time.Hour)
		h.waits("1001", 1)
		disk.full.Store(false)
		h.pass(2 * time.Minute)
		h.waits("1001", 0)
		if got := h.heard(sender); !strings.HasSuffix(got, "was not delivered within 30 days.") {
			t.Errorf("the sender is told %q", got)
		}
	})
}

// fullDisk is a store that may have no room for anything new.
type fullDisk struct {
	store.Messages
	full atomic.Bool
}

func (d *fullDisk) Append(ctx context.Context, all []store.Message) error {
	if d.full.Load() {
		return errors.New("no space left on device")
	}
	return d.Messages.Append(ctx, all)
}

// TestManyExpire: a crowd whose time is over goes at once, and each is told of.
func TestManyExpire(t *testing.T) {
	inHouse(t, func(h *house) {
		h.limits.Messages, h.limits.Bytes = 10_000, 1<<20
		for name := range h.accounts {
			a := h.accounts[name]
			a.Most, a.Expiry = 5000, time.Hour
			h.accounts[name] = a
		}
		for range 2*groupMost + 200 {
			h.sends("1002", "1001", "x")
		}
		h.pass(time.Hour + 2*expireEvery)
		h.waits("1001", 0)
		h.waits("1002", 2*groupMost+200)
		h.pass(2 * time.Hour) // nobody is told of the notices
		h.waits("1001", 0)
		h.waits("1002", 0)
	})
}

// TestShelvedBeforeTheKill: a text whose dialplan runs again lies on the shelf once.
func TestShelvedBeforeTheKill(t *testing.T) {
	inHouse(t, func(h *house) {
		p := h.phone("1001", "a", true)
		of := func(id string, again bool) func(m *message.Message) {
			return func(m *message.Message) { m.Of, m.Again = id, again }
		}
		ids := newNames()
		one, two := ids.next(time.Now()), ids.next(time.Now())
		h.sends("1002", "1001", "x", of(one, false))
		h.sends("1002", "1001", "x", of(two, false))
		h.close()
		h.open()
		if got := h.sends("1002", "1001", "x", of(one, true), asked); got != "STORED" {
			t.Errorf("status %s", got)
		}
		h.waits("1001", 2)
		h.sends("1002", "1001", "another", of(one, true))
		h.sends("1002", "1001", "x", of(ids.next(time.Now()), true))
		h.waits("1001", 4)
		h.comes(p)
		h.pass(time.Second)
		h.expect(p, "x x another x")
	})
}
