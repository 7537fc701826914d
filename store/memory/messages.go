package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"obelus/store"
)

var _ store.Messages = (*Engine)(nil)

// kept is a message and who is about to deliver it.
type kept struct {
	store.Message
	node  string
	until time.Time
}

// texts are the messages by ID, and the IDs of each account in order.
type texts struct {
	all       map[string]*kept
	byAccount map[string][]string
}

// Append implements store.Messages.
func (e *Engine) Append(ctx context.Context, messages []store.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	t := &e.texts
	if t.all == nil {
		t.all, t.byAccount = make(map[string]*kept), make(map[string][]string)
	}
	for i := range messages {
		m := copied(&messages[i])
		if t.all[m.ID] != nil {
			continue
		}
		t.all[m.ID] = &kept{Message: m}
		ids := t.byAccount[m.AOR]
		at, _ := slices.BinarySearch(ids, m.ID)
		t.byAccount[m.AOR] = slices.Insert(ids, at, m.ID)
	}
	return nil
}

// copied is a message that shares nothing with its original.
func copied(m *store.Message) store.Message {
	c := *m
	c.Body, c.Headers, c.Told = slices.Clone(m.Body), slices.Clone(m.Headers), slices.Clone(m.Told)
	return c
}

// Claim implements store.Messages.
func (e *Engine) Claim(ctx context.Context, c store.Claim) ([]store.Message, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []store.Message
	ids := e.texts.byAccount[c.AOR]
	at, found := slices.BinarySearch(ids, c.After)
	if found {
		at++
	}
	for _, id := range ids[at:] {
		if len(out) >= c.Max {
			break
		}
		m := e.texts.all[id]
		if m.node != c.Node && m.until.After(c.Now) {
			continue
		}
		if c.Until.After(c.Now) {
			m.node, m.until = c.Node, c.Until
		}
		out = append(out, copied(&m.Message))
	}
	return out, nil
}

// Mark implements store.Messages.
func (e *Engine) Mark(ctx context.Context, ops []store.MessageOp) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, o := range ops {
		e.texts.mark(o)
	}
	return nil
}

func (t *texts) mark(o store.MessageOp) {
	m := t.all[o.ID]
	if m == nil {
		return
	}
	switch o.Kind {
	case store.MessageDone:
		delete(t.all, o.ID)
		ids := t.byAccount[m.AOR]
		if at, found := slices.BinarySearch(ids, o.ID); found {
			ids = slices.Delete(ids, at, at+1)
		}
		if t.byAccount[m.AOR] = ids; len(ids) == 0 {
			delete(t.byAccount, m.AOR)
		}
	case store.MessageTold:
		if !slices.Contains(m.Told, o.Instance) {
			m.Told = append(m.Told, o.Instance)
		}
	case store.MessageRetry:
		m.Tries++
		m.NotBefore, m.node, m.until = o.NotBefore, "", time.Time{}
	}
}

// Accounts implements store.Messages.
func (e *Engine) Accounts(ctx context.Context, yield func(store.MessageCount) error) error {
	e.mu.Lock()
	var all []store.MessageCount
	for account, ids := range e.texts.byAccount {
		c := store.MessageCount{AOR: account, Count: len(ids), Last: ids[len(ids)-1]}
		for i, id := range ids {
			m := e.texts.all[id]
			c.Bytes += int64(len(m.Body))
			if c.Oldest.IsZero() || m.At.Before(c.Oldest) {
				c.Oldest = m.At
			}
			if i == 0 || m.NotBefore.Before(c.Next) {
				c.Next = m.NotBefore
			}
		}
		all = append(all, c)
	}
	e.mu.Unlock()
	for _, c := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := yield(c); err != nil {
			return err
		}
	}
	return nil
}

// Expired implements store.Messages.
func (e *Engine) Expired(ctx context.Context, now time.Time, most int) ([]store.Message, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	over := slices.DeleteFunc(slices.Collect(maps.Values(e.texts.all)), func(m *kept) bool { return m.Expires.After(now) })
	slices.SortFunc(over, func(a, b *kept) int {
		return cmp.Or(a.Expires.Compare(b.Expires), cmp.Compare(a.ID, b.ID))
	})
	var out []store.Message
	for _, m := range over[:min(len(over), most)] {
		out = append(out, copied(&m.Message))
	}
	return out, nil
}
