package waiting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"obelus/message"
	"obelus/store"
)

// InboxConfig is what an [Inbox] is made of.
type InboxConfig struct {
	// Store keeps what is taken; nil keeps nothing, and a text is taken as soon as
	// there is room for it.
	Store store.Messages
	// Run runs a text through the dialplan, and returns when that ends.
	Run  func(m *message.Message)
	Log  *slog.Logger
	Node string // of several on one store
}

// Inbox takes texts in for the dialplan. Its methods may be called from any
// goroutine.
type Inbox struct {
	c      InboxConfig
	queue  *message.Queue
	guests *message.Queue // what no account stands for: a flood of it holds up nobody else
	names  *names
	taken  *group[store.Message]
	marks  *group[store.MessageOp]
	cut    atomic.Bool // what ends from now on may have been cut off
	ailing atomic.Bool // a mark could not be written

	before map[string]bool // requests whose texts were taken before the restart
	until  time.Time       // until then they may come again
}

// inboxName is the account under which texts are kept that have not been through
// the dialplan. No section of sip.conf can have that name.
const inboxName = "]inbox"

// reserved says whether an account's name is one of ours.
func reserved(account string) bool { return strings.HasPrefix(account, "]") }

// forever is how long the inbox keeps a text: until it has been run.
const forever = 100 // years

// OpenInbox makes an inbox, with the texts that were taken and not run when the
// process ended the last time. None is run before Start.
func OpenInbox(ctx context.Context, c InboxConfig) (*Inbox, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	i := &Inbox{c: c, names: newNames()}
	i.queue, i.guests = message.NewQueue(i.run), message.NewGuestQueue(i.run)
	i.queue.Hold()
	i.guests.Hold()
	if c.Store == nil {
		return i, nil
	}
	i.taken = newGroup(c.Store.Append)
	i.marks = newGroup(c.Store.Mark)
	i.marks.stubborn, i.marks.failed, i.marks.linger = true, i.complain, markLinger
	if err := i.restore(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bring back texts: %w", err), i.Close(ctx))
	}
	return i, nil
}

// account is the inbox's, of this node.
func (i *Inbox) account() string {
	if i.c.Node != "" {
		return inboxName + " " + i.c.Node
	}
	return inboxName
}

// restore queues what is left, in the order it came. A server that has got its name
// since has what it took without one.
func (i *Inbox) restore(ctx context.Context) error {
	i.before, i.until = make(map[string]bool), time.Now().Add(againTime)
	var accounts []string
	err := i.c.Store.Accounts(ctx, func(c store.MessageCount) error {
		switch {
		case c.AOR == i.account():
			accounts = append(accounts, c.AOR)
		case c.AOR == inboxName:
			accounts = slices.Insert(accounts, 0, c.AOR)
		case reserved(c.AOR):
			i.c.Log.Warn("texts that another server has taken wait until it starts: where this is that server, node= in [store] of obelus.conf was its name", "inbox", c.AOR, "texts", c.Count)
		}
		return nil
	})
	n := 0
	for _, account := range accounts {
		if err == nil {
			err = i.restoreFrom(ctx, account, &n)
		}
	}
	if n > 0 {
		i.c.Log.Info("texts that were taken before the restart go through the dialplan now", "texts", n)
	}
	return err
}

// restoreFrom queues what is left under an account, and counts it.
func (i *Inbox) restoreFrom(ctx context.Context, account string, n *int) error {
	for after := ""; ; {
		now := time.Now()
		page, err := i.c.Store.Claim(ctx, store.Claim{
			AOR: account, After: after, Max: groupMost, Node: i.c.Node, Now: now, Until: now, // it is this node's alone
		})
		if err != nil || len(page) == 0 {
			return err
		}
		for k := range page {
			after = page[k].ID
			m := restored(&page[k])
			m.Again = true
			i.queueOf(m).Again(order(m), m)
			if m.Request != "" {
				i.before[m.Request] = true
			}
			*n++
		}
		i.names.after(after)
	}
}

// againTime is how long a sender that has heard nothing sends the same request again
// (64*T1, RFC 3261 section 17.1.2.2).
const againTime = 32 * time.Second

// known says whether a text is one that was taken before the restart, whose sender did
// not hear so.
func (i *Inbox) known(m *message.Message) bool {
	return m.Request != "" && i.before[m.Request] && time.Now().Before(i.until)
}

// order says which texts keep their order: those of one sender to one receiver.
func order(m *message.Message) string { return m.From + "\x00" + m.To }

// queueOf is the queue of a text.
func (i *Inbox) queueOf(m *message.Message) *message.Queue {
	if m.Peer == "" {
		return i.guests
	}
	return i.queue
}

// Start has texts run.
func (i *Inbox) Start() {
	i.queue.Resume()
	i.guests.Resume()
}

// Take takes a text in. done is called once, before the text is run and maybe before
// Take returns: with nil when the text is safe, and else with why it is refused.
// Nothing waits for the store but done. From here on m is the dialplan's.
func (i *Inbox) Take(m *message.Message, done func(error)) {
	if i.known(m) {
		done(nil)
		return
	}
	kept := i.c.Store != nil && !m.Typing()
	switch {
	case kept && i.marks.backlog() >= marksMost:
		done(errBehind)
		return
	case !kept && i.cut.Load():
		done(errClosed) // the process ends before it could be run
		return
	}
	queue, key := i.queueOf(m), order(m)
	if err := queue.Reserve(key); err != nil {
		done(err)
		return
	}
	if !kept {
		done(nil)
		queue.Add(key, m)
		return
	}
	m.ID = i.names.next(time.Now())
	r := record(m)
	r.AOR, r.Expires = i.account(), m.At.AddDate(forever, 0, 0)
	i.taken.put(r, func(err error) {
		if err != nil {
			queue.Release(key)
			// A commit that failed late may be there all the same: its sender is told
			// that it is not, so it must not come back.
			i.marks.put(store.MessageOp{Kind: store.MessageDone, ID: m.ID}, nil)
			done(err)
			return
		}
		done(nil)
		queue.Add(key, m)
	})
}

// run runs a text and forgets it.
func (i *Inbox) run(m *message.Message) {
	i.c.Run(m)
	if m.ID != "" && !i.cut.Load() {
		i.marks.put(store.MessageOp{Kind: store.MessageDone, ID: m.ID}, i.marked)
	}
}

// complain says that what has been run can't be forgotten.
func (i *Inbox) complain(err error) {
	if !i.ailing.Swap(true) {
		i.c.Log.Error("the store does not take what became of texts: should the server end now, some would be delivered again", "why", err)
	}
}

// markLinger is how long what became of a text waits for others to be written down
// together. A text whose dialplan ended in that time before a crash runs again.
const markLinger = 10 * time.Millisecond

func (i *Inbox) marked(err error) {
	if err == nil && i.ailing.Swap(false) {
		i.c.Log.Info("the store takes what became of texts again")
	}
}

// Waiting is how many texts have not been through the dialplan yet.
func (i *Inbox) Waiting() int { return i.queue.Waiting() + i.guests.Waiting() }

// Drain begins the end: without a store all texts are run, with one those alone
// that have begun; the others are safe. It returns when that is done, or ctx has
// ended. Dialplans that are cut off after it run again after a restart.
func (i *Inbox) Drain(ctx context.Context) {
	if i.c.Store != nil {
		i.queue.Hold()
		i.guests.Hold()
	}
	i.queue.Drain(ctx)
	i.guests.Drain(ctx)
	i.cut.Store(true)
}

// Close writes down what became of the texts. Nothing is taken after it.
func (i *Inbox) Close(ctx context.Context) error {
	if i.c.Store == nil {
		return nil
	}
	return errors.Join(i.taken.close(ctx), i.marks.close(ctx))
}
