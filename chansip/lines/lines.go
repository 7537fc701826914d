// Package lines counts the calls of each account: those there are, those that ring
// its phones, those it has put on hold. Limits and lamps go by it.
package lines

import (
	"slices"
	"sync"

	"obelus/call"
)

// Book is the counts of all accounts. Its methods may be called from any goroutine,
// and under any lock: it calls out with none of its own, and never waits.
type Book struct {
	changed func(account string)

	mu   sync.Mutex
	uses map[string]*use
}

// use is an account with calls. One without has none.
type use struct {
	Use
	ringing []*Line // in the order they began
}

// Use is how much of an account is in use.
type Use struct {
	InUse   int // calls, in and out, from their first request
	Ringing int // of those, calls to the account that it has not answered
	OnHold  int // of those, calls that the account has put on hold
}

// Line is one call of an account.
type Line struct {
	book    *Book
	account string

	// Guarded by Book.mu.
	call                 Call
	ringing, held, ended bool
}

// NewBook makes an empty book. changed, which may be nil, is told of an account whose
// counts have changed; it must not block.
func NewBook(changed func(account string)) *Book {
	return &Book{changed: changed, uses: make(map[string]*use)}
}

// Take begins a call of an account, "" for nobody's; false where it has as many as
// limit, 0 for none. toAccount says that the account is called: it rings until
// Answered, and that is told with its call ([Line.Of]), so that who is told finds it.
func (b *Book) Take(account string, limit int, toAccount bool) (*Line, bool) {
	b.mu.Lock()
	u := b.uses[account]
	if u == nil {
		u = &use{}
	}
	if limit > 0 && u.InUse >= limit {
		b.mu.Unlock()
		return nil, false
	}
	b.uses[account] = u
	l := &Line{book: b, account: account, ringing: toAccount}
	u.InUse++
	if toAccount {
		u.Ringing++
		u.ringing = append(u.ringing, l)
	}
	b.mu.Unlock()
	if !toAccount {
		b.tell(account)
	}
	return l, true
}

func (b *Book) tell(account string) {
	if b.changed != nil && account != "" {
		b.changed(account)
	}
}

// Use is what an account has in use now.
func (b *Book) Use(account string) Use {
	b.mu.Lock()
	defer b.mu.Unlock()
	if u := b.uses[account]; u != nil {
		return u.Use
	}
	return Use{}
}

// Call is a call that rings an account.
type Call struct {
	Channel *call.Channel // the called one; nil while there is none yet
	Caller  call.Party    // as the phone was told
}

// Ringing lists the calls that ring an account, the longest first.
func (b *Book) Ringing(account string) []Call {
	b.mu.Lock()
	defer b.mu.Unlock()
	u := b.uses[account]
	if u == nil {
		return nil
	}
	var out []Call
	for _, l := range u.ringing {
		if l.call.Channel != nil {
			out = append(out, l.call)
		}
	}
	return out
}

// Of says which call it is that calls the account.
func (l *Line) Of(c Call) {
	l.change(func(*use) bool {
		l.call = c
		return true
	})
}

// change has do change the line and its account's counts, and tells of it where do
// says that it has.
func (l *Line) change(do func(u *use) bool) {
	if l == nil {
		return
	}
	b := l.book
	b.mu.Lock()
	u := b.uses[l.account]
	told := u != nil && !l.ended && do(u)
	if told && u.InUse == 0 {
		delete(b.uses, l.account)
	}
	b.mu.Unlock()
	if told {
		b.tell(l.account)
	}
}

// Answered says that the account rings no more: it has answered.
func (l *Line) Answered() { l.change(l.quiet) }

func (l *Line) quiet(u *use) bool {
	if !l.ringing {
		return false
	}
	l.ringing = false
	u.Ringing--
	u.ringing = slices.DeleteFunc(u.ringing, func(o *Line) bool { return o == l })
	return true
}

// Hold says that the account has put the call on hold, or come back.
func (l *Line) Hold(on bool) {
	l.change(func(u *use) bool { return l.hold(u, on) })
}

func (l *Line) hold(u *use, on bool) bool {
	if l.held == on {
		return false
	}
	l.held = on
	if on {
		u.OnHold++
	} else {
		u.OnHold--
	}
	return true
}

// End ends the call. Ending it again does nothing, nor does ending none.
func (l *Line) End() {
	l.change(func(u *use) bool {
		l.quiet(u)
		l.hold(u, false)
		l.ended = true
		u.InUse--
		return true
	})
}
