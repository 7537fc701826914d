package waiting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/message"
	"obelus/store"
)

// house has phones that take texts, or do not.
type house struct {
	t *testing.T
	s *Shelf

	store    store.Messages
	limits   Limits
	mu       sync.Mutex
	accounts map[string]Account
	phones   map[string]*set // by key
	between  time.Duration   // that a phone takes for a text
	busy     map[string]bool // phones that are given a text now
	most     int             // deliveries at once, at the most
	active   int
	slow     bool // to list phones takes a connection
}

// set is a telephone.
type set struct {
	account string
	Phone
	there   bool
	answers error
	tried   int
	heard   []string
	dates   []string
}

// errSilent is what a driver says of a phone that does not answer.
var errSilent = fmt.Errorf("%w: no answer", message.ErrFailed)

// inHouse runs a test in a bubble, with the accounts 1001 and 1002 of one phone each and
// 2000 of several; texts are kept for all but 1003.
func inHouse(t *testing.T, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := &house{
			t: t, store: newStore(), limits: Limits{Messages: 100, Bytes: 10_000, Notices: true}, accounts: make(map[string]Account),
			phones: make(map[string]*set), busy: make(map[string]bool), between: 10 * time.Millisecond,
		}
		for name, a := range map[string]Account{"1001": {Store: true}, "1002": {Store: true}, "1003": {}, "2000": {Store: true, Several: true}} {
			a.Name, a.Expiry, a.Most = name, 30*24*time.Hour, 20
			h.accounts[name] = a
		}
		h.open()
		test(h)
		h.close()
	})
}

func (h *house) open() {
	h.t.Helper()
	var err error
	h.s, err = Open(h.t.Context(), Config{Store: h.store, Driver: h, Limits: func() Limits { return h.limits }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.s.Start()
}

func (h *house) close() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := h.s.Close(ctx); err != nil {
		h.t.Error(err)
	}
}

// phone puts a telephone into the house that is there, if it is one that is known
// by its instance.
func (h *house) phone(account, key string, instance bool) *set {
	p := &set{account: account, Phone: Phone{key, instance}}
	h.mu.Lock()
	h.phones[key] = p
	h.mu.Unlock()
	return p
}

// comes has a phone register.
func (h *house) comes(p *set) {
	h.mu.Lock()
	p.there = true
	h.mu.Unlock()
	h.s.Here(p.account)
	synctest.Wait()
}

// says has a phone answer so from now on.
func (h *house) says(p *set, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p.answers = err
}

func (h *house) goes(p *set) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p.there = false
}

// pass lets time go by.
func (h *house) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// heard is what a phone has been given.
func (h *house) heard(p *set) string {
	synctest.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(p.heard, " ")
}

func (h *house) expect(p *set, want string) {
	h.t.Helper()
	if got := h.heard(p); got != want {
		h.t.Errorf("phone %s has %q, want %q", p.Key, got, want)
	}
}

// sends sends a text, and returns its status.
func (h *house) sends(from, to, body string, more ...func(m *message.Message)) string {
	h.t.Helper()
	m := &message.Message{From: "<sip:" + from + "@h>", To: "sip:" + to, Peer: from, ContentType: "text/plain", Body: []byte(body), At: time.Now()}
	for _, f := range more {
		f(m)
	}
	return message.Status(h.s.Send(h.t.Context(), m))
}

func asked(m *message.Message) { m.Store = true }

func (h *house) Account(to string) (Account, bool) {
	return h.Named(strings.TrimPrefix(to, "sip:"))
}

func (h *house) Named(name string) (Account, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a, ok := h.accounts[name]
	return a, ok
}

func (h *house) Waits(string) bool { return h.slow }

func (h *house) Phones(account string) []Phone {
	if h.slow {
		time.Sleep(4 * time.Second)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []Phone
	for _, p := range h.phones {
		if p.account == account && p.there {
			out = append(out, p.Phone)
		}
	}
	return out
}

func (h *house) Send(ctx context.Context, m *message.Message) error {
	a, ok := h.Account(m.To)
	if !ok {
		return message.ErrFailed
	}
	err := fmt.Errorf("%w: nobody there", message.ErrFailed)
	for _, p := range h.Phones(a.Name) {
		err = h.Deliver(ctx, a.Name, p.Key, m)
	}
	return err
}

func (h *house) Deliver(ctx context.Context, account, key string, m *message.Message) error {
	h.mu.Lock()
	p := h.phones[key]
	if p == nil || p.account != account || !p.there {
		h.mu.Unlock()
		return fmt.Errorf("%w: it has gone", message.ErrFailed)
	}
	if h.busy[key] {
		h.t.Errorf("phone %s is given two texts at once", key)
	}
	h.busy[key] = true
	p.tried++
	h.active++
	h.most = max(h.most, h.active)
	err := p.answers
	h.mu.Unlock()
	takes := h.between
	if errors.Is(err, errSilent) {
		takes = 32 * time.Second
	}
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		err = ctx.Err()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.active--
	delete(h.busy, key)
	if err == nil {
		p.heard = append(p.heard, string(m.Body))
		date, _ := m.Data("Date")
		p.dates = append(p.dates, date)
	}
	return err
}

// waits checks what is kept for an account: in the store, and as it is counted.
func (h *house) waits(account string, want int) {
	h.t.Helper()
	synctest.Wait()
	if got, counted := kept(h.t, h.store, account), h.s.Count(account); got != want || counted != want {
		h.t.Errorf("%d wait for %s (%d are counted), want %d", got, account, counted, want)
	}
}
