package crash

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// ledger is what the server has promised, and what has come of it.
type ledger struct {
	mu    sync.Mutex
	moves map[string]*mover // by account
	texts map[string]bool   // bodies; true: it has been read
	calls map[string]time.Time
	count counts
	last  time.Time // that anything was acknowledged
}

// counts say how much there was to lose.
type counts struct{ registers, texts, calls int }

func newLedger() *ledger {
	return &ledger{moves: make(map[string]*mover), texts: make(map[string]bool), calls: make(map[string]time.Time)}
}

// place is where an account may be registered: a Contact, and until when; nowhere with
// no Contact.
type place struct {
	contact string
	until   time.Time
}

// mover is what is known of one account: the place that the last acknowledged REGISTER
// led to, and those of later ones, of which nobody knows whether they were carried out.
type mover struct {
	promised place
	perhaps  []place
}

// inTime is how long a REGISTER may take to count as answered after its commit: a phone
// that would have to wait longer than 400 ms is answered from memory, and nothing is
// promised.
const inTime = 300 * time.Millisecond

// asks notes that an account is about to ask for a place.
func (l *ledger) asks(account string, to place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.moves[account]
	if m == nil {
		m = &mover{}
		l.moves[account] = m
	}
	m.perhaps = append(m.perhaps, to)
}

// granted notes that the last place an account asked for was acknowledged after so long.
func (l *ledger) granted(account string, after time.Duration) {
	if after > inTime {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.moves[account]
	m.promised, m.perhaps = m.perhaps[len(m.perhaps)-1], nil
	l.count.registers++
	l.last = time.Now()
}

// found compares where an account is registered with what it was promised, and takes it
// for the truth from then on.
func (l *ledger) found(account string, at place) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.moves[account]
	if m == nil {
		m = &mover{}
		l.moves[account] = m
	}
	may := append([]place{m.promised}, m.perhaps...)
	m.promised, m.perhaps = at, nil
	if slices.ContainsFunc(may, at.same) {
		return nil
	}
	return fmt.Errorf("registration of %s: it is at %s, and should be at %s", account, at, join(may))
}

// same says whether two places are the same; the server counts in seconds.
func (p place) same(o place) bool {
	return p.contact == o.contact && (p.contact == "" || p.until.Sub(o.until).Abs() < 3*time.Second)
}

func (p place) String() string {
	if p.contact == "" {
		return "nowhere"
	}
	return p.contact + " until " + p.until.Format(time.TimeOnly)
}

func join(places []place) string {
	var out []string
	for _, p := range places {
		out = append(out, p.String())
	}
	return strings.Join(out, ", or ")
}

// taken notes that the server has taken a text; read, that somebody got it, which may
// come first.
func (l *ledger) taken(body string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.texts++
	l.last = time.Now()
	if !l.texts[body] {
		l.texts[body] = false
	}
}

func (l *ledger) read(body string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts[body] = true
}

// unread are the texts that were taken and that nobody got.
func (l *ledger) unread() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for body, read := range l.texts {
		if !read {
			out = append(out, body)
		}
	}
	slices.Sort(out)
	return out
}

// answered notes that a call to a number was answered.
func (l *ledger) answered(number string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count.calls++
	l.last = time.Now()
	l.calls[number] = l.last
}

// numbers are those that were answered.
func (l *ledger) numbers() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.calls))
}

// answers are when each number was answered.
func (l *ledger) answers() map[string]time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.calls)
}

// forget begins anew: what was lost once is not told again.
func (l *ledger) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.texts)
	clear(l.calls)
}

// had is how much there was to lose so far.
func (l *ledger) had() counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}
