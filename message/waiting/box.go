package waiting

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"obelus/message"
	"obelus/store"
)

// box is what is known of an account that texts wait for. Shelf.mu guards it. It is
// there as long as a text is kept or on its way to the store.
type box struct {
	account string
	count   int
	bytes   int64
	lanes   map[string]*lane // by the phone's key

	// While a lane is at work:
	flying   map[string]int      // texts being delivered, or removed, and by how many
	gone     map[string]bool     // texts that were removed: a lane may have them in its hands
	told     map[string]bool     // texts that a phone has taken
	verdicts map[string]*verdict // who waits for what becomes of a text
	over     chan struct{}       // closed when no lane is at work; nil where nobody waits for it

	looking, force bool // the account is going to be looked at
}

// verdict is what becomes of a text with the phones that are there.
type verdict struct {
	taken chan bool
	armed bool // the phones have been set to work
}

// box is an account's, made where there is none; s.mu is held, or nobody else knows s.
func (s *Shelf) box(account string) *box {
	b := s.boxes[account]
	if b == nil {
		b = &box{account: account}
		s.boxes[account] = b
	}
	return b
}

// open makes room for what is known while lanes are at work: most boxes only count.
func (b *box) open() {
	if b.lanes == nil {
		b.lanes, b.flying, b.gone = make(map[string]*lane), make(map[string]int), make(map[string]bool)
		b.told, b.verdicts = make(map[string]bool), make(map[string]*verdict)
	}
}

// nothingFor says whether nothing waits for an account.
func (s *Shelf) nothingFor(account string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.boxes[account]
	return b == nil || b.count == 0
}

// Count is how many texts wait for an account.
func (s *Shelf) Count(account string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.boxes[account].waits()
}

// Full says in words why no further text can be kept for an account whose phones
// are all away, "" where one can, where it need not, or where it takes a connection
// to know: it does not wait.
func (s *Shelf) Full(account string) string {
	a, ok := s.c.Driver.Named(account)
	if !ok || !a.Store {
		return ""
	}
	s.mu.Lock()
	err := s.full(a, 0, false)
	s.mu.Unlock()
	if err == nil || a.Several || s.c.Driver.Waits(account) || len(s.c.Driver.Phones(account)) > 0 {
		return ""
	}
	return err.Error()
}

// fullError says what is full.
type fullError struct{ text string }

func (e *fullError) Error() string   { return e.text }
func (e *fullError) Unwrap() []error { return []error{message.ErrFailed, message.ErrFull} }

// full says whether one more text of an account is too much; s.mu is held. Guests, who
// have proved nothing, may fill one half.
func (s *Shelf) full(a Account, size int64, guest bool) error {
	l, most := s.c.Limits(), a.Most
	if guest {
		l.Messages, l.Bytes, most = l.Messages/2, l.Bytes/2, (most+1)/2
	}
	if b := s.boxes[a.Name]; most <= 0 || b != nil && b.count >= most {
		return &fullError{fmt.Sprintf("%s has %d messages waiting, and may have no more", a.Name, b.waits())}
	}
	if s.count >= l.Messages || s.bytes+size > l.Bytes {
		return &fullError{fmt.Sprintf("%d messages (%d bytes) are waiting in all, and no more may", s.count, s.bytes)}
	}
	return nil
}

// waits is how many texts wait; none for a box that there is not.
func (b *box) waits() int {
	if b == nil {
		return 0
	}
	return b.count
}

// reserve counts one more text. Where that is too much, texts that are kept only for
// further phones of their accounts make room.
func (s *Shelf) reserve(ctx context.Context, a Account, size int64, guest bool) error {
	for try := 0; ; try++ {
		s.mu.Lock()
		err := s.full(a, size, guest)
		if err == nil {
			b := s.box(a.Name)
			b.count++
			b.bytes += size
			s.count++
			s.bytes += size
		}
		s.mu.Unlock()
		if err == nil {
			return nil
		}
		if try > 0 || !s.makeRoom(ctx, a) {
			return err
		}
	}
}

// room is how many texts make room at once.
const room = 50

// makeRoom removes texts that somebody has: the oldest of the account, or those of
// all that expire first. It says whether there were any.
func (s *Shelf) makeRoom(ctx context.Context, a Account) bool {
	now, removed := time.Now(), 0
	drop := func(page []store.Message) {
		page = slices.DeleteFunc(page, func(m store.Message) bool { return reserved(m.AOR) || !taken(&m) })
		removed += s.removeAll(page[:min(len(page), room)], nil)
	}
	if a.Several {
		for after := ""; removed < room; {
			page, err := s.c.Store.Claim(ctx, store.Claim{AOR: a.Name, After: after, Max: room, Node: s.c.Node, Now: now, Until: now})
			if err != nil || len(page) == 0 {
				break
			}
			after = page[len(page)-1].ID
			drop(page)
		}
	}
	if removed == 0 {
		if page, err := s.c.Store.Expired(ctx, now.AddDate(forever/2, 0, 0), groupMost); err == nil {
			drop(page)
		}
	}
	return removed > 0
}

// discount counts one text less.
func (s *Shelf) discount(account string, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count--
	s.bytes -= size
	if b := s.boxes[account]; b != nil {
		b.count--
		b.bytes -= size
		s.settle(b)
	}
}

// bury has a text forgotten that the store has not taken, as far as it knows: it must
// not turn up later, and no phone is given it should it be there.
func (s *Shelf) bury(m *store.Message) {
	s.mu.Lock()
	if b := s.boxes[m.AOR]; b != nil {
		b.open()
		b.flying[m.ID], b.gone[m.ID] = 1, true
		delete(b.verdicts, m.ID)
	}
	s.mu.Unlock()
	s.discount(m.AOR, int64(len(m.Body)))
	s.marks.put(store.MessageOp{Kind: store.MessageDone, ID: m.ID}, func(error) { s.loose(m, true) })
}

// grip has a text that is not being delivered now left alone by the phones; false
// where it is, or has gone.
func (s *Shelf) grip(m *store.Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.boxes[m.AOR]
	if b == nil || b.flying[m.ID] > 0 || b.gone[m.ID] {
		return false
	}
	b.open()
	b.flying[m.ID] = 1
	return true
}

// loose ends grip, or a delivery. A text that was removed is remembered while a phone
// may have it in its hands.
func (s *Shelf) loose(m *store.Message, removed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.boxes[m.AOR]
	if b == nil {
		return
	}
	if b.flying[m.ID]--; b.flying[m.ID] <= 0 {
		delete(b.flying, m.ID)
	}
	if removed && b.busy() {
		b.gone[m.ID] = true
	}
	s.settle(b)
}

// remove removes a text that nobody is delivering; false where somebody is. before, if
// not nil, is called first, and says whether it may go.
func (s *Shelf) remove(m *store.Message, before func(m *store.Message) bool) bool {
	if !s.grip(m) {
		return false
	}
	if before != nil && !before(m) {
		s.loose(m, false)
		return false
	}
	removed := s.mark(store.MessageOp{Kind: store.MessageDone, ID: m.ID}) == nil
	s.loose(m, removed)
	if removed {
		s.discount(m.AOR, int64(len(m.Body)))
	}
	return removed
}

// removeAll removes texts, in as few commits as it takes, and returns how many those
// were.
func (s *Shelf) removeAll(page []store.Message, before func(m *store.Message) bool) int {
	var each sync.WaitGroup
	var n atomic.Int64
	for i := range page {
		m := &page[i]
		each.Go(func() {
			if s.remove(m, before) {
				n.Add(1)
			}
		})
	}
	each.Wait()
	return int(n.Load())
}

// busy says whether a lane is at work, or about to be.
func (b *box) busy() bool {
	for _, l := range b.lanes {
		if l.state == laneReady || l.state == laneRunning {
			return true
		}
	}
	return false
}

// settle ends what lasts as long as lanes work, where none does, and forgets a box
// that nothing is in; s.mu is held.
func (s *Shelf) settle(b *box) {
	if b.busy() || b.looking {
		return
	}
	maps.DeleteFunc(b.gone, func(id string, _ bool) bool { return b.flying[id] == 0 })
	clear(b.told)
	for id, v := range b.verdicts {
		if v.armed {
			v.taken <- false
			delete(b.verdicts, id)
		}
	}
	if b.over != nil {
		close(b.over)
		b.over = nil
	}
	if b.count == 0 && len(b.flying) == 0 && len(b.verdicts) == 0 {
		for _, l := range b.lanes {
			l.stopTimer()
			l.state = laneIdle
		}
		delete(s.boxes, b.account)
	}
}

// letPass waits until the texts of an account that can be delivered now have been:
// what is sent past the shelf must not overtake them.
func (s *Shelf) letPass(ctx context.Context, account string) {
	s.mu.Lock()
	b := s.boxes[account]
	if b == nil || !b.busy() && !b.looking {
		s.mu.Unlock()
		return
	}
	if b.over == nil {
		b.over = make(chan struct{})
	}
	over := b.over
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, passTime)
	defer cancel()
	select {
	case <-over:
	case <-ctx.Done():
	}
}

// passTime is how long a text waits for others to go first: a phone that is silent
// is given up by then (64*T1 of RFC 3261 section 17.1.2.2).
const passTime = 32 * time.Second

// expect has somebody told what becomes of a text; outcome or forget ends it.
func (s *Shelf) expect(account, id string) *verdict {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, v := s.box(account), &verdict{taken: make(chan bool, 1)}
	b.open()
	b.verdicts[id] = v
	return v
}

func (s *Shelf) forget(account, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.boxes[account]; b != nil {
		delete(b.verdicts, id)
		s.settle(b)
	}
}

// outcome waits until a phone has taken a text, or none that is there has.
func (s *Shelf) outcome(ctx context.Context, v *verdict, account, id string, going bool) error {
	defer s.forget(account, id)
	s.mu.Lock()
	b := s.boxes[account]
	v.armed = true
	idle := !going || b == nil || !b.busy() && !b.looking
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, passTime+time.Second)
	defer cancel()
	if idle {
		cancel()
	}
	select {
	case taken := <-v.taken:
		if taken {
			return nil
		}
	case <-ctx.Done():
		select {
		case taken := <-v.taken:
			if taken {
				return nil
			}
		default:
		}
	}
	return message.ErrStored
}

// taken says whether a phone has a text; those that refused it don't count.
func taken(m *store.Message) bool {
	for _, t := range m.Told {
		if t == "" || t[0] != refusedMark[0] {
			return true
		}
	}
	return false
}

// refusedMark stands before the key of a phone that has refused a text.
const refusedMark = "-"
