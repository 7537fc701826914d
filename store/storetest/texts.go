package storetest

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"obelus/store"
)

// texts is the course of texts that wait.
type texts struct {
	rnd  *rand.Rand
	now  time.Time
	kept map[string]*waiting
	last int
}

// waiting is a text, and who is about to deliver it.
type waiting struct {
	store.Message
	node  string
	until time.Time
}

func newTexts(seed uint64) *texts {
	return &texts{rnd: rand.New(rand.NewPCG(seed, 3)), now: epoch(), kept: make(map[string]*waiting)}
}

func (x *texts) next() func(context.Context, *State) error {
	x.now = x.now.Add(time.Duration(x.rnd.IntN(3000)) * time.Millisecond)
	switch x.rnd.IntN(5) {
	case 0, 1:
		return x.arrive()
	case 2:
		return x.claim()
	}
	return x.mark()
}

func (x *texts) arrive() func(context.Context, *State) error {
	var all []store.Message
	for range 1 + x.rnd.IntN(10) {
		x.last++
		m := store.Message{
			ID: fmt.Sprintf("%06d", x.last-x.rnd.IntN(3)), AOR: x.account(), From: "sip:" + x.account(), To: "sip:b", ContentType: "text/plain",
			Body: make([]byte, x.rnd.IntN(300)), Headers: []store.Header{{Name: "X", Value: fmt.Sprint(x.last)}}, Peer: x.account(),
			At: x.now, Expires: x.now.Add(time.Duration(x.rnd.IntN(100)) * time.Second),
		}
		if x.rnd.IntN(3) == 0 {
			m.Told = []string{x.phone()}
		}
		all = append(all, m)
		if x.kept[m.ID] == nil {
			x.kept[m.ID] = &waiting{Message: m}
			x.kept[m.ID].Told = slices.Clone(m.Told)
		}
	}
	return func(ctx context.Context, s *State) error { return s.Messages.Append(ctx, all) }
}

func (x *texts) account() string { return fmt.Sprint(1000 + x.rnd.IntN(4)) }
func (x *texts) phone() string   { return fmt.Sprint("phone ", x.rnd.IntN(3)) }

func (x *texts) claim() func(context.Context, *State) error {
	c := store.Claim{AOR: x.account(), Max: 1 + x.rnd.IntN(8), Node: fmt.Sprint(x.rnd.IntN(2)), Now: x.now, Until: x.now.Add(time.Duration(x.rnd.IntN(20)) * time.Second)}
	if x.rnd.IntN(2) == 0 {
		c.After = fmt.Sprintf("%06d", x.rnd.IntN(x.last+1))
	}
	want := x.claimed(c)
	return func(ctx context.Context, s *State) error {
		got, err := s.Messages.Claim(ctx, c)
		if err != nil {
			return err
		}
		if diff := compareTexts(got, want); diff != "" {
			return fmt.Errorf("claim %+v: %s", c, diff)
		}
		return nil
	}
}

// claimed carries out a claim on the model.
func (x *texts) claimed(c store.Claim) (got []store.Message) {
	for _, w := range x.sorted(func(a, b *waiting) int { return cmp.Compare(a.ID, b.ID) }) {
		if w.AOR == c.AOR && w.ID > c.After && (w.node == c.Node || !w.until.After(c.Now)) && len(got) < c.Max {
			if c.Until.After(c.Now) {
				w.node, w.until = c.Node, c.Until
			}
			got = append(got, w.copy())
		}
	}
	return got
}

// copy is the text as it is now.
func (w *waiting) copy() store.Message {
	m := w.Message
	m.Told = slices.Clone(m.Told)
	return m
}

func (x *texts) sorted(by func(a, b *waiting) int) []*waiting {
	var all []*waiting
	for _, w := range x.kept {
		all = append(all, w)
	}
	slices.SortFunc(all, by)
	return all
}

func (x *texts) mark() func(context.Context, *State) error {
	ops := make([]store.MessageOp, 1+x.rnd.IntN(8))
	for i := range ops {
		ops[i] = store.MessageOp{Kind: store.MessageOpKind(x.rnd.IntN(3)), ID: fmt.Sprintf("%06d", max(0, x.last-x.rnd.IntN(40))), Instance: x.phone(),
			NotBefore: x.now.Add(time.Duration(x.rnd.IntN(20)) * time.Second)}
		x.apply(&ops[i])
	}
	return func(ctx context.Context, s *State) error { return s.Messages.Mark(ctx, ops) }
}

func (x *texts) apply(o *store.MessageOp) {
	w := x.kept[o.ID]
	if w == nil {
		return
	}
	switch o.Kind {
	case store.MessageDone:
		delete(x.kept, o.ID)
	case store.MessageTold:
		if !slices.Contains(w.Told, o.Instance) {
			w.Told = append(w.Told, o.Instance)
		}
	case store.MessageRetry:
		w.Tries++
		w.NotBefore, w.node, w.until = o.NotBefore, "", time.Time{}
	}
}

func (x *texts) check(ctx context.Context, s *State) string {
	var want []store.Message
	counts := make(map[string]store.MessageCount)
	for _, w := range x.sorted(func(a, b *waiting) int { return cmp.Or(a.Expires.Compare(b.Expires), cmp.Compare(a.ID, b.ID)) }) {
		want = append(want, w.copy())
		counts[w.AOR] = counted(counts[w.AOR], &w.Message)
	}
	return cmp.Or(compareExpired(s.Messages, want), compareCounts(ctx, s.Messages, counts), x.checkClaims(ctx, s))
}

// counted is an account's count with one more text.
func counted(c store.MessageCount, m *store.Message) store.MessageCount {
	if c.Count == 0 || m.NotBefore.Before(c.Next) {
		c.Next = m.NotBefore
	}
	if c.Count == 0 || m.At.Before(c.Oldest) {
		c.Oldest = m.At
	}
	c.AOR, c.Last = m.AOR, max(c.Last, m.ID)
	c.Count++
	c.Bytes += int64(len(m.Body))
	return c
}

// checkClaims looks at what is free.
func (x *texts) checkClaims(ctx context.Context, s *State) string {
	for account := range 4 {
		c := store.Claim{AOR: fmt.Sprint(1000 + account), Max: 1 << 30, Node: "checker", Now: x.now, Until: x.now}
		got, err := s.Messages.Claim(ctx, c)
		if err != nil {
			return err.Error()
		}
		if diff := compareTexts(got, x.claimed(c)); diff != "" {
			return diff
		}
	}
	return ""
}

func (x *texts) some() bool { return len(x.kept) > 0 }
