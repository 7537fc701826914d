package waiting

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"obelus/event"
	"obelus/message"
	"obelus/store"
)

// Driver is what has the phones. Its methods may be called from any goroutine.
type Driver interface {
	message.Sender

	// Account is the account that a text's address means; false where it means none.
	Account(to string) (Account, bool)

	// Named is the account of that name; false where there is none.
	Named(name string) (Account, bool)

	// Waits says whether Phones may wait for a connection.
	Waits(account string) bool

	// Phones lists the phones of an account that can be reached now.
	Phones(account string) []Phone

	// Deliver hands a text to one phone. It returns nil when the phone has taken it; an error that is message.ErrRefused
	// where it would not take it another time either; another one where it might.
	Deliver(ctx context.Context, account, phone string, m *message.Message) error
}

// Account is an account that texts may wait for.
type Account struct {
	Name    string
	Store   bool          // every text that no phone takes is kept
	Several bool          // it may have more than one phone, and each is to have every text
	Expiry  time.Duration // how long a text is kept
	Most    int           // texts that may be kept
}

// Phone is one phone of an account.
type Phone struct {
	Key      string // tells it from the account's others
	Instance bool   // Key is the phone's wherever it registers from; else it is just where it is now
}

// Limits bound what is kept.
type Limits struct {
	Messages int   // in all
	Bytes    int64 // of their bodies
	Notices  bool  // senders are told of texts that nobody got
}

// Config is what a [Shelf] is made of.
type Config struct {
	Store  store.Messages
	Driver Driver
	Limits func() Limits
	Bus    *event.Bus
	Log    *slog.Logger
	Node   string // of several on one store
}

// Shelf keeps texts for phones that are away, and delivers them when they come
// back. It is a message.Sender: the way to phones for texts that may be kept. Its
// methods may be called from any goroutine.
type Shelf struct {
	c      Config
	names  *names
	order  sync.Mutex // IDs are committed in their order
	kept   *group[store.Message]
	marks  *group[store.MessageOp]
	ailing atomic.Bool // a mark could not be written
	blind  atomic.Bool // the store could not be read
	life   context.Context
	end    context.CancelFunc
	stop   chan struct{} // nothing is begun any more
	jobs   sync.WaitGroup

	mu     sync.Mutex
	boxes  map[string]*box
	count  int   // texts kept, and those on their way to the store
	bytes  int64 // of their bodies
	work   []func()
	active int
	closed bool
}

// deliveries is how many phones are served at once.
const deliveries = 1000

// Open makes a shelf, with the texts that are in the store. Nothing is delivered
// before Start.
func Open(ctx context.Context, c Config) (*Shelf, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Shelf{c: c, names: newNames(), boxes: make(map[string]*box), stop: make(chan struct{})}
	s.life, s.end = context.WithCancel(context.Background())
	s.kept = newGroup(c.Store.Append)
	s.marks = newGroup(c.Store.Mark)
	s.marks.stubborn, s.marks.failed = true, s.complain
	err := c.Store.Accounts(ctx, func(n store.MessageCount) error {
		s.names.after(n.Last)
		if !reserved(n.AOR) {
			b := s.box(n.AOR)
			b.count, b.bytes = n.Count, n.Bytes
			s.count += n.Count
			s.bytes += n.Bytes
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("count the texts that wait: %w", err), s.Close(ctx))
	}
	return s, nil
}

// Start begins with the deliveries, spread out, and with what comes in time.
func (s *Shelf) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.jobs.Go(s.keepTime)
	}
}

// Close begins no delivery any more, gives those under way a moment, and writes down
// what became of them.
func (s *Shelf) Close(ctx context.Context) error {
	s.mu.Lock()
	if !s.closed {
		close(s.stop)
	}
	s.closed = true
	s.work = nil
	for _, b := range s.boxes {
		for _, l := range b.lanes {
			l.stopTimer()
		}
	}
	s.mu.Unlock()
	moment := time.AfterFunc(closeTime, s.end)
	defer moment.Stop()
	defer context.AfterFunc(ctx, s.end)()
	s.jobs.Wait()
	s.end()
	return errors.Join(s.kept.close(ctx), s.marks.close(ctx))
}

// closeTime is how long phones have to answer to what they were just sent.
const closeTime = 2 * time.Second

// ending says whether nothing is begun any more.
func (s *Shelf) ending() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// complain says that the store does not take what has become of texts.
func (s *Shelf) complain(err error) {
	if !s.ailing.Swap(true) {
		s.c.Log.Error("the store does not take what became of texts that waited: should the server end now, some would be delivered again", "why", err)
	}
}

// page reads some texts of an account, to be delivered.
func (s *Shelf) page(account, after string) ([]store.Message, error) {
	now := time.Now()
	page, err := s.c.Store.Claim(s.life, store.Claim{
		AOR: account, After: after, Max: pageSize, Node: s.c.Node, Now: now, Until: s.until(now),
	})
	switch {
	case err != nil && s.life.Err() == nil && !s.blind.Swap(true):
		s.c.Log.Error("texts that wait can't be read: they are delivered when the store is back", "account", account, "why", err)
	case err == nil && s.blind.Swap(false):
		s.c.Log.Info("texts that wait can be read again")
	}
	return page, err
}

// mark writes down what has become of a text, and returns when it is durable.
func (s *Shelf) mark(op store.MessageOp) error {
	err := s.marks.wait(s.life, op)
	if err == nil && s.ailing.Swap(false) {
		s.c.Log.Info("the store takes what became of texts again")
	}
	return err
}

// do has f done by one of a bounded number of goroutines; s.mu is held.
func (s *Shelf) do(f func()) {
	if s.closed {
		return
	}
	s.work = append(s.work, f)
	if s.active < deliveries {
		s.active++
		s.jobs.Go(s.worker)
	}
}

func (s *Shelf) worker() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.work) > 0 {
		f := s.work[0]
		s.work[0] = nil
		s.work = s.work[1:]
		s.mu.Unlock()
		f()
		s.mu.Lock()
	}
	s.active--
}

// Send sends a text to whom its To names. One that is to be kept, because it says so
// or its account does, is kept when no phone takes it now, and when others wait for
// the account already, which it must not overtake: the result is then
// message.ErrStored where the text asked for it, and nil where the account's setting
// did, so that a dialplan that knows nothing of it tells nobody of a failure.
func (s *Shelf) Send(ctx context.Context, m *message.Message) error {
	a, ok := s.c.Driver.Account(m.To)
	switch {
	case !ok || reserved(a.Name):
		return s.c.Driver.Send(ctx, m)
	case m.Typing():
		return s.typing(ctx, a, m)
	case !m.Store && !a.Store:
		s.letPass(ctx, a.Name)
		return s.c.Driver.Send(ctx, m)
	}
	err := s.keep(ctx, a, m)
	if errors.Is(err, message.ErrStored) && !m.Store {
		return nil
	}
	return err
}

// typing sends a notice that somebody is typing. It is never kept; where texts are,
// one that nobody sees is no failure to be told of.
func (s *Shelf) typing(ctx context.Context, a Account, m *message.Message) error {
	err := s.c.Driver.Send(ctx, m)
	if err != nil && (m.Store || a.Store) {
		s.c.Log.Debug("nobody sees who is typing", "to", m.To, "why", err)
		return nil
	}
	return err
}

// keep sends a text at once where nothing waits for an account with one phone, and
// shelves it where that does not succeed.
func (s *Shelf) keep(ctx context.Context, a Account, m *message.Message) error {
	tries := 0
	if !a.Several && s.nothingFor(a.Name) {
		if len(s.c.Driver.Phones(a.Name)) > 0 {
			tries = 1
		}
		err := s.c.Driver.Send(ctx, m)
		if err == nil || errors.Is(err, message.ErrRefused) || ctx.Err() != nil {
			return err
		}
	}
	return s.shelve(ctx, a, m, tries)
}

// shelve puts a text on the shelf. It returns message.ErrStored when it lies there,
// or nil when that was asked for and a phone that is there has taken it already.
func (s *Shelf) shelve(ctx context.Context, a Account, m *message.Message, tries int) error {
	now := time.Now()
	if m.At.IsZero() {
		m.At = now
	}
	r := record(m)
	r.AOR, r.Expires, r.Tries = a.Name, expires(m, now.Add(a.Expiry)), tries
	if m.Again && s.has(ctx, &r, m.Of) {
		return message.ErrStored
	}
	if tries > 0 {
		r.NotBefore = now.Add(pause(tries))
	}
	if err := s.unfit(&r); err != nil {
		return fmt.Errorf("%w, and can't be kept: %w", message.ErrFailed, err)
	}
	if err := s.reserve(ctx, a, int64(len(r.Body)), m.Peer == "" && !m.Silent); err != nil {
		return err
	}
	asked := m.Store // and told of what becomes of it now
	var v *verdict
	done := make(chan error, 1)
	s.order.Lock()
	r.ID = s.names.next(now)
	if asked {
		v = s.expect(a.Name, r.ID)
	}
	s.kept.put(r, func(err error) { done <- err })
	s.order.Unlock()
	if err := <-done; err != nil { // it is told in time, whatever the store does
		s.bury(&r)
		return fmt.Errorf("%w, and can't be kept: %w", message.ErrFailed, err)
	}
	going := s.offer(a.Name, m.At)
	if asked {
		return s.outcome(ctx, v, a.Name, r.ID, going)
	}
	return message.ErrStored
}

// unfit says why a text can't be kept, however much room there is; nil where it can.
func (s *Shelf) unfit(r *store.Message) error {
	if n := headSize(r); n > headMost {
		return fmt.Errorf("its headers have %d bytes, and no more than %d are kept", n, headMost)
	}
	if s.marks.backlog() >= marksMost {
		return errBehind
	}
	return nil
}

// has says whether a text that was on its way when the process ended the last time had
// got to the shelf by then. Of an ID the first digits are its time.
func (s *Shelf) has(ctx context.Context, r *store.Message, of string) bool {
	found := false
	after := of[:min(len(of), idTime)]
	err := s.eachAfter(ctx, r.AOR, after, func(m *store.Message) {
		found = found || m.From == r.From && m.ContentType == r.ContentType && bytes.Equal(m.Body, r.Body) && restored(m).Of == of
	})
	return err == nil && found // twice rather than never
}

// The pauses between two tries to deliver a text to a phone that is there.
const (
	pauseFirst  = 30 * time.Second
	pauseLonger = time.Hour
)

// pause is how long to wait after so many tries: about twice as long after each, so
// that those of many phones do not meet.
func pause(tries int) time.Duration {
	d := pauseFirst << min(max(tries-1, 0), 10)
	d = min(d, pauseLonger)
	return d - d/8 + rand.N(d/4)
}
