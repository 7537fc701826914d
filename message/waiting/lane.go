package waiting

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"obelus/event"
	"obelus/message"
	"obelus/store"
)

// lane is the way of texts to one phone: oldest first, one after another. Shelf.mu
// guards it; after belongs to whoever runs it.
//
//	idle ──a text, the phone appears──► ready ──a worker──► running ──all gone──► idle
//	                                      ▲                    │ not now
//	                                      └──time, the phone── sleeping
type lane struct {
	b     *box
	phone Phone
	since time.Time // when it was there first
	state laneState
	again bool // there is news for it while it runs
	force bool // the phone has appeared: pauses don't count
	timer *time.Timer

	after string // with several phones: what all texts up to have been settled for this one
}

type laneState uint8

const (
	laneIdle laneState = iota
	laneReady
	laneRunning
	laneSleeping
)

func (l *lane) stopTimer() {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
}

// Here says that a phone of an account has appeared: what waits is delivered. It
// costs a look where nothing does, and never blocks.
func (s *Shelf) Here(account string) { s.look(account, true) }

// look has an account looked at by a worker.
func (s *Shelf) look(account string, force bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.boxes[account]
	if b == nil || b.count == 0 || s.closed {
		return
	}
	b.force = b.force || force
	if b.looking {
		return
	}
	b.looking = true
	s.do(func() {
		phones := s.c.Driver.Phones(account)
		s.mu.Lock()
		defer s.mu.Unlock()
		b.looking = false
		force := b.force
		b.force = false
		s.set(b, phones, time.Now(), force)
		s.settle(b)
	})
}

// offer has a text that has just been shelved delivered to the phones that are there.
// It says whether there are any.
func (s *Shelf) offer(account string, at time.Time) bool {
	phones := s.c.Driver.Phones(account)
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.boxes[account]
	if b == nil {
		return false // delivered and gone
	}
	s.set(b, phones, at, false)
	return len(phones) > 0
}

// set sets the lanes of phones to work; s.mu is held.
func (s *Shelf) set(b *box, phones []Phone, since time.Time, force bool) {
	if b.count == 0 {
		return
	}
	b.open()
	for key, l := range b.lanes {
		if (l.state == laneIdle || l.state == laneSleeping) && !slices.ContainsFunc(phones, func(p Phone) bool { return p.Key == key }) {
			l.stopTimer()
			l.state = laneIdle
			delete(b.lanes, key)
		}
	}
	for _, p := range phones {
		l := b.lanes[p.Key]
		if l == nil {
			l = &lane{b: b, phone: p, since: since}
			b.lanes[p.Key] = l
		}
		s.wake(l, force)
	}
}

// wake has a lane run; s.mu is held.
func (s *Shelf) wake(l *lane, force bool) {
	l.force = l.force || force
	switch l.state {
	case laneRunning:
		l.again = true
	case laneReady:
	default:
		l.stopTimer()
		l.state = laneReady
		s.do(func() { s.run(l) })
	}
}

// run delivers what there is for a lane's phone.
func (s *Shelf) run(l *lane) {
	s.mu.Lock()
	l.state, l.again = laneRunning, false
	force := l.force
	l.force = false
	s.mu.Unlock()
	r := round{s: s, l: l, force: force, held: make(map[string]bool)}
	r.through()
	s.mu.Lock()
	defer s.mu.Unlock()
	b := l.b
	switch {
	case s.closed:
		l.state = laneIdle
	case l.again:
		l.state = laneIdle
		s.wake(l, false)
	case r.lost:
		delete(b.lanes, l.phone.Key)
	case !r.next.IsZero():
		l.state = laneSleeping
		l.timer = time.AfterFunc(max(time.Until(r.next), time.Millisecond), func() { s.risen(l) })
	case r.several:
		l.state = laneIdle
	default:
		delete(b.lanes, l.phone.Key)
	}
	s.settle(b)
}

// risen is called when a lane has slept.
func (s *Shelf) risen(l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.state == laneSleeping && !s.closed {
		s.wake(l, false)
	}
}

// round is one run of a lane.
type round struct {
	s       *Shelf
	l       *lane
	force   bool
	several bool
	lost    bool            // the phone is not there any more
	held    map[string]bool // senders whose texts must wait for one before them
	next    time.Time       // when to try again; zero where nothing is left to
	failed  int             // texts in a row that the phone did not answer to
}

const (
	pageSize  = 8                // texts in memory at once
	claimTime = 10 * time.Minute // longer than a page takes
	lateStore = 30 * time.Second // until the next try where the store can't be read
	handTime  = 3 * time.Minute  // for one text; a driver gives up before
	giveUp    = 2                // texts in a row that a phone does not answer to end a round
)

// through goes through the texts, oldest first.
func (r *round) through() {
	s, l := r.s, r.l
	a, ok := s.c.Driver.Named(l.b.account)
	if !ok || !slices.ContainsFunc(s.c.Driver.Phones(a.Name), func(p Phone) bool { return p.Key == l.phone.Key }) {
		r.lost = true
		return
	}
	r.several = a.Several
	after := ""
	if r.several {
		after = l.after
	}
	for {
		page, err := s.page(l.b.account, after)
		if err != nil {
			r.wait(time.Now().Add(lateStore))
			return
		}
		for i := range page {
			settled := r.one(&page[i])
			if s.ending() || r.failed >= giveUp {
				return
			}
			after = page[i].ID
			if settled && r.next.IsZero() && r.several {
				l.after = after
			}
		}
		if len(page) < pageSize {
			return
		}
	}
}

// until is when a claim ends: who is alone on a store need not say what it is about to
// deliver.
func (s *Shelf) until(now time.Time) time.Time {
	if s.c.Node == "" {
		return now
	}
	return now.Add(claimTime)
}

// wait has the lane run again at a time at the latest.
func (r *round) wait(at time.Time) {
	if r.next.IsZero() || at.Before(r.next) {
		r.next = at
	}
}

// one deals with one text. It says whether nothing is left to do for this phone.
func (r *round) one(m *store.Message) bool {
	l, now := r.l, time.Now()
	key := l.phone.Key
	switch {
	case !m.Expires.After(now):
		return true // its sender is going to be told
	case slices.Contains(m.Told, key), slices.Contains(m.Told, refusedMark+key):
		return true
	case r.held[m.From]:
		return false
	case !r.force && m.NotBefore.After(now):
		r.hold(m, m.NotBefore)
		return false
	}
	switch r.take(m) {
	case passOn:
		return true
	case holdBack:
		r.hold(m, now.Add(5*time.Second))
		return false
	}
	return r.deliver(m)
}

// hold keeps the texts of a sender in their order.
func (r *round) hold(m *store.Message, until time.Time) {
	r.held[m.From] = true
	r.wait(until)
}

// grasp is whether a text is this lane's to deliver.
type grasp uint8

const (
	mine     grasp = iota
	passOn         // there is nothing to do
	holdBack       // another lane is at it
)

// take notes that a text is being delivered, unless that is not for this phone. One
// that can't be told from the account's others by its instance is given a text only
// where it was there when that came, or nobody has it.
func (r *round) take(m *store.Message) grasp {
	s, l := r.s, r.l
	s.mu.Lock()
	defer s.mu.Unlock()
	b := l.b
	late := !l.phone.Instance && m.At.Before(l.since)
	switch {
	case b.gone[m.ID]:
		return passOn
	case !r.several && b.flying[m.ID] > 0:
		return holdBack
	case r.several && late && (taken(m) || b.told[m.ID]):
		return passOn
	case r.several && late && b.flying[m.ID] > 0:
		return holdBack
	}
	b.flying[m.ID]++
	return mine
}

// deliver hands a text to the phone and writes down what came of it. It says whether
// the phone is done with it.
func (r *round) deliver(m *store.Message) bool {
	s, l := r.s, r.l
	ctx, cancel := context.WithTimeout(s.life, handTime)
	defer cancel()
	out := restored(m)
	if _, ok := out.Data("Date"); !ok {
		out.SetData("Date", m.At.UTC().Format(http.TimeFormat), true) // RFC 3261 section 20.17: when it was sent
	}
	err := s.c.Driver.Deliver(ctx, l.b.account, l.phone.Key, out)
	switch {
	case s.life.Err() != nil && err != nil:
		s.loose(m, false)
		return false
	case err == nil:
		r.failed = 0
		r.taken(m)
		return true
	case errors.Is(err, message.ErrRefused):
		r.failed = 0
		return r.refused(m, err)
	}
	s.c.Log.Debug("a text waits on", "account", l.b.account, "id", m.ID, "why", err)
	if answer := (*message.AnswerError)(nil); errors.As(err, &answer) {
		r.failed = 0 // it is there, and others may do better
	} else {
		r.failed++
	}
	again := time.Now().Add(pause(m.Tries + 1))
	r.hold(m, again)
	_ = s.mark(store.MessageOp{Kind: store.MessageRetry, ID: m.ID, NotBefore: again}) // fails only where all ends
	s.loose(m, false)
	return false
}

// taken writes down that the phone has a text.
func (r *round) taken(m *store.Message) {
	s, b := r.s, r.l.b
	s.mu.Lock()
	b.told[m.ID] = true
	if v := b.verdicts[m.ID]; v != nil {
		v.taken <- true
		delete(b.verdicts, m.ID)
	}
	s.mu.Unlock()
	event.Publish(s.c.Bus, event.MessageSent{
		From: m.From, To: m.To, ContentType: m.ContentType, Size: len(m.Body), Status: message.Status(nil),
	})
	r.finish(m, r.l.phone.Key)
}

// refused writes down that the phone does not want a text. Where it is the account's
// only one, the sender is told; while he can't be, the text stays.
func (r *round) refused(m *store.Message, err error) bool {
	s := r.s
	s.c.Log.Info("a phone refuses a text that waited", "account", r.l.b.account, "id", m.ID, "why", err)
	if !r.several && !s.tell(m, refusalText(err)) {
		r.hold(m, time.Now().Add(lateStore))
		s.loose(m, false)
		return false
	}
	r.finish(m, refusedMark+r.l.phone.Key)
	return true
}

// finish removes a text of an account with one phone; with several it is kept for
// the others.
func (r *round) finish(m *store.Message, who string) {
	s := r.s
	op := store.MessageOp{Kind: store.MessageDone, ID: m.ID}
	if r.several {
		op = store.MessageOp{Kind: store.MessageTold, ID: m.ID, Instance: who}
	}
	removed := s.mark(op) == nil && !r.several
	s.loose(m, removed)
	if removed {
		s.discount(m.AOR, int64(len(m.Body)))
	}
}
