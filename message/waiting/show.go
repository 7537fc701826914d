package waiting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"obelus/store"
)

// Queue is what one account has waiting.
type Queue struct {
	Account string
	Count   int
	Bytes   int64     // of the bodies
	Oldest  time.Time // when the oldest was sent
	Next    time.Time // when one is tried again at the earliest, where the phone is there; zero: at once
}

// Entry is one text that waits, without its body.
type Entry struct {
	ID          string
	From        string
	ContentType string
	Size        int
	At, Expires time.Time
	Next        time.Time // when it is tried again at the earliest; zero: at once
	Tries       int
	Told        int // phones that have it already
}

// Queues lists what waits, by account.
func (s *Shelf) Queues(ctx context.Context) ([]Queue, error) {
	var all []Queue
	err := s.c.Store.Accounts(ctx, func(c store.MessageCount) error {
		if !reserved(c.AOR) {
			all = append(all, Queue{c.AOR, c.Count, c.Bytes, c.Oldest, c.Next})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the texts that wait: %w", err)
	}
	slices.SortFunc(all, func(a, b Queue) int { return strings.Compare(a.Account, b.Account) })
	return all, nil
}

// Entries lists what waits for an account, oldest first.
func (s *Shelf) Entries(ctx context.Context, account string) ([]Entry, error) {
	var all []Entry
	err := s.each(ctx, account, func(m *store.Message) {
		told := 0
		for _, t := range m.Told {
			if !strings.HasPrefix(t, refusedMark) {
				told++
			}
		}
		all = append(all, Entry{m.ID, m.From, m.ContentType, len(m.Body), m.At, m.Expires, m.NotBefore, m.Tries, told})
	})
	return all, err
}

// each goes through what waits for an account.
func (s *Shelf) each(ctx context.Context, account string, do func(m *store.Message)) error {
	return s.eachAfter(ctx, account, "", do)
}

// eachAfter goes through what waits behind an ID.
func (s *Shelf) eachAfter(ctx context.Context, account, after string, do func(m *store.Message)) error {
	if reserved(account) {
		return nil
	}
	for {
		now := time.Now()
		page, err := s.c.Store.Claim(ctx, store.Claim{AOR: account, After: after, Max: room, Node: s.c.Node, Now: now, Until: now})
		if err != nil {
			return fmt.Errorf("read the texts that wait for %s: %w", account, err)
		}
		for i := range page {
			do(&page[i])
			after = page[i].ID
		}
		if len(page) < room {
			return nil
		}
	}
}

// Delete removes all texts of an account, or the one of an ID, and returns how many
// those were. One that is just being delivered stays. Nobody is told.
func (s *Shelf) Delete(ctx context.Context, what string) (n int, err error) {
	if what == "" {
		return 0, nil
	}
	s.mu.Lock()
	_, whole := s.boxes[what]
	var accounts []string
	for account := range s.boxes {
		accounts = append(accounts, account)
	}
	s.mu.Unlock()
	if whole {
		var page []store.Message
		err := s.each(ctx, what, func(m *store.Message) {
			if page = append(page, *m); len(page) == room {
				n += s.removeAll(page, nil)
				page = page[:0]
			}
		})
		return n + s.removeAll(page, nil), err
	}
	for _, account := range accounts {
		now := time.Now()
		// The text itself comes first behind what sorts just before it.
		page, err := s.c.Store.Claim(ctx, store.Claim{AOR: account, After: what[:len(what)-1], Max: 2, Node: s.c.Node, Now: now, Until: now})
		if err != nil {
			return 0, fmt.Errorf("look for the text %s: %w", what, err)
		}
		for i := range page {
			if page[i].ID == what && s.remove(&page[i], nil) {
				return 1, nil
			}
		}
	}
	return 0, nil
}
