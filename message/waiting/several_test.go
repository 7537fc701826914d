package waiting

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/message"
	"obelus/store"
)

// TestSeveralPhones has a text go to all that are there, and to each that appears
// later, once.
func TestSeveralPhones(t *testing.T) {
	inHouse(t, func(h *house) {
		one, two, three := h.phone("2000", "one", true), h.phone("2000", "two", true), h.phone("2000", "three", true)
		one.there, two.there = true, true
		if got := h.sends("1002", "2000", "a", asked); got != "SUCCESS" {
			t.Errorf("status %s", got)
		}
		h.pass(time.Minute)
		h.expect(one, "a")
		h.expect(two, "a")
		h.goes(two)
		h.sends("1002", "2000", "b", asked)
		h.comes(three)
		h.pass(time.Second)
		h.comes(two)
		h.comes(one)
		h.pass(time.Second)
		h.close()
		h.open()
		h.pass(time.Minute)
		for _, p := range []*set{one, two, three} {
			h.comes(p)
		}
		h.pass(time.Minute)
		for _, p := range []*set{one, two, three} {
			h.expect(p, "a b")
		}
		h.waits("2000", 2)
		h.pass(31 * 24 * time.Hour)
		h.waits("2000", 0)
	})
}

// TestPhonesWithoutInstance: one that appears later gets a text only where nobody has
// it; those that are there get it as all do.
func TestPhonesWithoutInstance(t *testing.T) {
	inHouse(t, func(h *house) {
		one, two, later := h.phone("2000", "c1", false), h.phone("2000", "c2", false), h.phone("2000", "c3", false)
		one.there, two.there = true, true
		h.sends("1002", "2000", "a", asked)
		h.pass(time.Minute)
		h.expect(one, "a")
		h.expect(two, "a")
		h.comes(later)
		h.pass(time.Minute)
		h.expect(later, "")
		for _, p := range []*set{one, two, later} {
			h.goes(p)
		}
		h.sends("1002", "2000", "b", asked)
		h.pass(time.Second)
		h.mu.Lock()
		one.there, later.there = true, true // both at once: one of them gets it
		h.mu.Unlock()
		h.s.Here("2000")
		h.pass(time.Minute)
		if got := h.heard(one) + "|" + h.heard(later); got != "a b|" && got != "a|b" {
			t.Errorf("they have %s", got)
		}
	})
}

// TestRefusedByOneOfSeveral keeps a text for the others.
func TestRefusedByOneOfSeveral(t *testing.T) {
	inHouse(t, func(h *house) {
		one, two := h.phone("2000", "one", true), h.phone("2000", "two", true)
		one.answers = &message.AnswerError{Answer: "488 Not Acceptable Here", Firm: true}
		h.comes(one)
		h.sends("1002", "2000", "a")
		h.pass(time.Minute)
		h.says(one, nil)
		h.comes(one)
		h.comes(two)
		h.pass(time.Minute)
		h.expect(one, "")
		h.expect(two, "a")
	})
}

// TestFull refuses with words, per account and in all, and takes again when there is
// room. Texts that somebody has make room.
func TestFull(t *testing.T) {
	inHouse(t, func(h *house) {
		p := h.phone("1001", "a", true)
		send := func(to, body string) error {
			return h.s.Send(t.Context(), &message.Message{From: "x", To: "sip:" + to, Peer: "1002", Body: []byte(body), At: time.Now()})
		}
		if why := h.s.Full("1001"); why != "" {
			t.Errorf("it says %q", why)
		}
		for n := range 20 {
			if err := send("1001", fmt.Sprint(n)); err != nil {
				t.Fatal(n, err)
			}
		}
		err := send("1001", "too much")
		if !errors.Is(err, message.ErrFull) || message.Status(err) != "FAILURE" || !strings.Contains(err.Error(), "1001 has 20 messages waiting") {
			t.Errorf("it says %v", err)
		}
		if why := h.s.Full("1001"); why != err.Error() {
			t.Errorf("before the answer it says %q", why)
		}
		if err := send("1002", strings.Repeat("x", 10_000)); !errors.Is(err, message.ErrFull) {
			t.Errorf("10,000 bytes more: %v", err)
		}
		h.comes(p)
		h.pass(time.Minute)
		h.goes(p)
		if err := send("1001", "again"); err != nil {
			t.Error(err)
		}
		h.waits("1001", 1)

		one := h.phone("2000", "one", true)
		h.comes(one)
		for n := range 50 {
			if err := send("2000", fmt.Sprint(n)); err != nil {
				t.Fatal(n, err)
			}
			h.pass(time.Second)
		}
		h.goes(one)
		for n := range 30 {
			err := send("2000", fmt.Sprint(n))
			if (err == nil) != (n < 20) {
				t.Fatal(n, err)
			}
		}
		h.waits("2000", 20)
		h.limits.Messages = 21
		if err := send("1002", "x"); !errors.Is(err, message.ErrFull) {
			t.Errorf("one more in all: %v", err)
		}
		h.waits("1002", 0)
	})
}

// TestFullDoesNotWait: who sends a text is not kept waiting, nor those behind it, to
// hear sooner that it can't be kept.
func TestFullDoesNotWait(t *testing.T) {
	inHouse(t, func(h *house) {
		for range 20 {
			h.sends("1002", "1001", "x")
		}
		h.slow = true
		start := time.Now()
		if why := h.s.Full("1001"); why != "" || time.Since(start) > 0 {
			t.Errorf("it says %q after %v", why, time.Since(start))
		}
		h.slow = false
		if why := h.s.Full("1001"); why == "" {
			t.Error("then it says nothing")
		}
	})
}

// TestGuestsFillOneHalf leaves room for those who are known.
func TestGuestsFillOneHalf(t *testing.T) {
	inHouse(t, func(h *house) {
		guest := func(m *message.Message) { m.Peer = "" }
		for n := range 12 {
			want := "STORED"
			if n >= 10 {
				want = "FAILURE"
			}
			if got := h.sends("stranger", "1001", "x", asked, guest); got != want {
				t.Errorf("text %d of a guest: %s", n, got)
			}
		}
		for n := range 10 {
			if got := h.sends("1002", "1001", "x", asked); got != "STORED" {
				t.Errorf("text %d of an account: %s", n, got)
			}
		}
	})
}

// TestStoreAway: what can't be kept is a failure, of which the dialplan hears; what
// is kept is delivered when the store is back.
func TestStoreAway(t *testing.T) {
	inHouse(t, func(h *house) {
		h.close()
		s := &trial{Messages: h.store}
		h.store = s
		h.open()
		p := h.phone("1001", "a", true)
		h.sends("1002", "1001", "one")
		s.fail(fmt.Errorf("dial tcp: %w", store.ErrUnavailable))
		for _, more := range [][]func(*message.Message){nil, {asked}} {
			if got := h.sends("1002", "1001", "lost", more...); got != "FAILURE" {
				t.Errorf("status %s", got)
			}
		}
		if n := h.s.Count("1001"); n != 1 {
			t.Errorf("%d are counted", n)
		}
		h.comes(p)
		h.pass(5 * time.Second)
		h.expect(p, "")
		s.fail(nil)
		h.pass(time.Minute)
		h.expect(p, "one")
		h.waits("1001", 0)
	})
}

// TestFailedButThere: what the store says that it has not, and has all the same, is not
// delivered behind the back of whom it was told, and not counted twice when it goes.
func TestFailedButThere(t *testing.T) {
	for _, account := range []string{"1001", "2000"} {
		inHouse(t, func(h *house) {
			h.close()
			s := &unsure{trial: trial{Messages: h.store}}
			h.store = s
			h.open()
			p := h.phone(account, "a", true)
			h.sends("1002", account, "one")
			s.unsure = true
			if got := h.sends("1002", account, "two", asked); got != "FAILURE" {
				t.Errorf("status %s", got)
			}
			s.unsure = false
			s.fail(nil)
			h.sends("1002", account, "three")
			s.fail(store.ErrUnavailable)
			h.comes(p)
			h.pass(time.Minute)
			s.fail(nil)
			h.pass(time.Hour)
			h.expect(p, "one three")
			h.goes(p)
			h.pass(31 * 24 * time.Hour)
			h.waits(account, 0)
			if len(h.s.boxes) != 0 || h.s.count != 0 || h.s.bytes != 0 {
				t.Errorf("left are %d boxes, %d texts, %d bytes", len(h.s.boxes), h.s.count, h.s.bytes)
			}
		})
	}
}

// unsure is a store of which nobody hears whether it has committed, and that can be read
// where it can't be written.
type unsure struct {
	trial
	unsure bool
}

func (s *unsure) Append(ctx context.Context, all []store.Message) error {
	err := s.trial.Append(ctx, all)
	if s.unsure {
		s.fail(store.ErrUnavailable)
		return store.ErrUnavailable
	}
	return err
}

func (s *unsure) Claim(ctx context.Context, c store.Claim) ([]store.Message, error) {
	return s.Messages.Claim(ctx, c)
}

// TestStoreAwayAfterDelivery does not deliver twice because the store did not hear of
// the first time, as long as the process lives.
func TestStoreAwayAfterDelivery(t *testing.T) {
	inHouse(t, func(h *house) {
		h.close()
		s := &trial{Messages: h.store}
		h.store = s
		h.open()
		p := h.phone("1001", "a", true)
		h.sends("1002", "1001", "one")
		h.sends("1002", "1001", "two")
		h.between = time.Second
		h.comes(p)
		h.pass(500 * time.Millisecond)
		s.fail(store.ErrUnavailable)
		h.pass(time.Minute)
		for range 10 {
			h.comes(p)
		}
		s.fail(nil)
		h.pass(2 * time.Minute)
		h.expect(p, "one two")
		h.waits("1001", 0)
	})
}

// TestConsole shows what waits, and removes it.
func TestConsole(t *testing.T) {
	inHouse(t, func(h *house) {
		for range 3 {
			h.sends("1002", "1001", "xx")
		}
		h.sends("1001", "1002", "yyy")
		all, err := h.s.Queues(t.Context())
		if err != nil || len(all) != 2 || all[0].Account != "1001" || all[0].Count != 3 || all[0].Bytes != 6 || all[1].Account != "1002" {
			t.Errorf("it shows %+v, %v", all, err)
		}
		entries, err := h.s.Entries(t.Context(), "1001")
		if err != nil || len(entries) != 3 || entries[0].From != "<sip:1002@h>" || entries[0].Size != 2 {
			t.Fatalf("it shows %+v, %v", entries, err)
		}
		for what, want := range map[string]int{entries[1].ID: 1, "nobody": 0, inboxName: 0, "": 0, "1002": 1} {
			if n, err := h.s.Delete(t.Context(), what); n != want || err != nil {
				t.Errorf("of %q %d are removed, %v", what, n, err)
			}
		}
		h.waits("1001", 2)
		h.waits("1002", 0)
		p := h.phone("1001", "a", true)
		h.comes(p)
		h.pass(time.Second)
		h.expect(p, "xx xx")
	})
}

// TestTheInboxIsNobodys: no account's name leads to it.
func TestTheInboxIsNobodys(t *testing.T) {
	inHouse(t, func(h *house) {
		m := from("1001", "secret")
		r := record(m)
		r.ID, r.AOR, r.Expires = "1", inboxName, time.Now().Add(time.Hour)
		if err := h.store.Append(t.Context(), []store.Message{r}); err != nil {
			t.Fatal(err)
		}
		h.close()
		h.open()
		h.accounts[inboxName] = Account{Name: inboxName, Store: true, Most: 10, Expiry: time.Hour}
		p := h.phone(inboxName, "a", true)
		h.comes(p)
		h.sends("1001", inboxName, "hello")
		h.pass(2 * time.Hour)
		h.expect(p, "hello")
		if n := kept(t, h.store, inboxName); n != 1 {
			t.Errorf("%d are in the inbox", n)
		}
		if all, err := h.s.Queues(t.Context()); len(all) != 0 || err != nil {
			t.Errorf("it shows %v, %v", all, err)
		}
	})
}
