package waiting

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"obelus/message"
	"obelus/store"
)

const (
	expireEvery = time.Minute     // texts whose time is over are looked for
	walkEvery   = 5 * time.Minute // accounts are looked at whose phones nobody said anything of
	walkPage    = 50              // accounts at once
	walkPause   = 100 * time.Millisecond
)

// keepTime delivers what waits when the process begins, spread out, and does what is
// due from time to time.
func (s *Shelf) keepTime() {
	if !s.walk() {
		return
	}
	t := time.NewTicker(expireEvery)
	defer t.Stop()
	for n := 1; ; n++ {
		select {
		case <-t.C:
		case <-s.stop:
			return
		}
		s.expire()
		if n%int(walkEvery/expireEvery) == 0 && !s.walk() {
			return
		}
	}
}

// walk looks at all accounts that texts wait for, not at all of them at once. It is
// false when all ends.
func (s *Shelf) walk() bool {
	s.mu.Lock()
	var all []string
	for account := range s.boxes {
		all = append(all, account)
	}
	s.mu.Unlock()
	for i, account := range all {
		if i%walkPage == 0 && !s.sleep(walkPause+rand.N(walkPause)) {
			return false
		}
		s.look(account, false)
	}
	return true
}

// sleep is false when all ends.
func (s *Shelf) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.stop:
		return false
	}
}

// expire removes the texts whose time is over. Who wrote one that nobody got is told.
func (s *Shelf) expire() {
	for !s.ending() {
		page, err := s.c.Store.Expired(s.life, time.Now(), groupMost)
		if err != nil {
			s.c.Log.Warn("texts whose time is over can't be read", "why", err)
			return
		}
		whole := len(page) == groupMost
		page = slices.DeleteFunc(page, func(m store.Message) bool { return reserved(m.AOR) })
		// What is just being delivered, or can't be removed because the store is away, is for the next time; so is
		// that of which its sender can't be told now.
		removed := s.removeAll(page, func(m *store.Message) bool {
			return taken(m) || s.tell(m, fmt.Sprintf("was not delivered within %s", span(m.Expires.Sub(m.At))))
		})
		if removed == 0 || !whole {
			return
		}
	}
}

// expires is when the time of a text is over: when its sender says, by an Expires header
// (RFC 3428 section 4), and at the latest when its account does. That it is worth nothing
// at all nobody means who sends it.
func expires(m *message.Message, latest time.Time) time.Time {
	v, _ := m.Data("Expires")
	seconds, err := strconv.ParseUint(strings.TrimSpace(v), 10, 32)
	if err != nil || seconds == 0 {
		return latest
	}
	if said := m.At.Add(time.Duration(seconds) * time.Second); said.Before(latest) {
		return said
	}
	return latest
}

// span writes a time in words.
func span(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		n := int64((d + u.unit/2) / u.unit)
		if d >= u.unit && n == 1 {
			return "1 " + u.name
		}
		if d >= u.unit {
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return "0 seconds"
}

// refusalText says that a phone did not want a text, and with which answer.
func refusalText(err error) string {
	var r *message.AnswerError
	if errors.As(err, &r) {
		return fmt.Sprintf("was refused (%s)", r.Answer)
	}
	return "was refused"
}

// tell tells who wrote a text what has become of it, in a text from the account that
// did not get it, in the form of notices that people write into their dialplans. A
// notice is never told of, nor what phones send to each other by themselves. It is
// false where that has to wait for the store.
func (s *Shelf) tell(m *store.Message, what string) bool {
	original := restored(m)
	if original.Silent || original.Quiet() || !s.c.Limits().Notices {
		return true
	}
	a, ok := s.c.Driver.Named(m.Peer)
	if !ok {
		s.c.Log.Info("a text is dropped, and nobody is known who could be told", "from", m.From, "account", m.AOR, "why", what)
		return true
	}
	now := time.Now()
	notice := &message.Message{
		From: m.AOR, To: "sip:" + a.Name, ContentType: "text/plain;charset=UTF-8", Silent: true, At: now,
		Body: fmt.Appendf(nil, "[%s] Your message to %s of %s %s.", now.Format(noticeTime), m.AOR, m.At.Local().Format(noticeTime), what),
	}
	err := s.shelve(s.life, a, notice, 0)
	switch {
	case errors.Is(err, message.ErrStored):
		return true
	case errors.Is(err, message.ErrFull):
		s.c.Log.Warn("who wrote a text could not be told of it", "from", m.From, "account", m.AOR, "why", err)
		return true
	}
	s.c.Log.Debug("who wrote a text can't be told of it yet", "from", m.From, "account", m.AOR, "why", err)
	return false
}

// noticeTime is how times are written in notices: 24112026-16:00:00.
const noticeTime = "02012006-15:04:05"
