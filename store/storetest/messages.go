package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/store"
)

// Messages runs the part of the suite about store.Messages.
func Messages(t *testing.T, e Engine) {
	t.Run("a text comes back as it was", func(t *testing.T) { textsComeBack(t, e) })
	t.Run("claims", func(t *testing.T) { claims(t, e) })
	t.Run("marks", func(t *testing.T) { marks(t, e) })
	t.Run("accounts", func(t *testing.T) { accounts(t, e) })
	t.Run("expired", func(t *testing.T) { expired(t, e) })
	t.Run("all or nothing", func(t *testing.T) { textsAllOrNothing(t, e) })
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("random operations ", seed), func(t *testing.T) { follow(t, e, newTexts(seed)) })
	}
}

// text is a message with few fields set. The first letter of the ID is the account.
func text(id string) store.Message {
	return store.Message{ID: id, AOR: id[:1], Body: []byte("text " + id), At: epoch(), Expires: epoch().Add(time.Hour)}
}

func (b *bench) keep(ids ...string) {
	b.t.Helper()
	var all []store.Message
	for _, id := range ids {
		all = append(all, text(id))
	}
	b.append(all...)
}

func (b *bench) append(all ...store.Message) {
	b.t.Helper()
	if err := b.Messages.Append(context.Background(), all); err != nil {
		b.t.Fatal("append:", err)
	}
}

func (b *bench) mark(ops ...store.MessageOp) {
	b.t.Helper()
	if err := b.Messages.Mark(context.Background(), ops); err != nil {
		b.t.Fatal("mark:", err)
	}
}

// claimed is the IDs that a claim gets.
func (b *bench) claimed(c store.Claim) string {
	b.t.Helper()
	got, err := b.Messages.Claim(context.Background(), c)
	if err != nil {
		b.t.Fatal("claim:", err)
	}
	return ids(got)
}

func ids(all []store.Message) string {
	var ids []string
	for _, m := range all {
		ids = append(ids, m.ID)
	}
	return strings.Join(ids, " ")
}

// sameText compares messages; times to the millisecond, which is what an engine must keep.
func sameText(a, b *store.Message) bool {
	return a.ID == b.ID && a.AOR == b.AOR && a.From == b.From && a.To == b.To && a.ContentType == b.ContentType && bytes.Equal(a.Body, b.Body) &&
		slices.Equal(a.Headers, b.Headers) && a.Peer == b.Peer && a.At.UnixMilli() == b.At.UnixMilli() && a.Expires.UnixMilli() == b.Expires.UnixMilli() &&
		a.NotBefore.IsZero() == b.NotBefore.IsZero() && a.NotBefore.UnixMilli() == b.NotBefore.UnixMilli() && a.Tries == b.Tries && slices.Equal(a.Told, b.Told)
}

// textsComeBack: what phones send is bytes, not always text, and no part of a statement.
func textsComeBack(t *testing.T, e Engine) {
	b := open(t, e)
	var want []store.Message
	for i, s := range []string{"", " ", `"Änna" <sip:1@x>`, "'; DROP TABLE message; --", "zero\x00byte", "latin \xe9\xff", "\r\n", `%s ? $1 \ "]],[`, "\u2028 ☎ \x7f"} {
		m := store.Message{
			ID: fmt.Sprintf("%02d%s", i, s), AOR: "a", From: s, To: s, ContentType: s, Body: []byte(s), Peer: s,
			Headers: []store.Header{{Name: s, Value: s}, {Name: "Date", Value: "Tue"}, {Name: s, Value: ""}},
			At:      epoch(), Expires: epoch().Add(time.Hour), NotBefore: epoch().Add(time.Second), Tries: i, Told: []string{"z" + s, "a" + s, s},
		}
		if i == 0 {
			m.Body, m.Headers, m.Told, m.NotBefore = nil, nil, nil, time.Time{}
		}
		b.append(m)
		want = append(want, m)
	}
	b.twice(func() string {
		got, err := b.Messages.Claim(t.Context(), store.Claim{AOR: "a", Max: 99, Now: epoch(), Until: epoch()})
		if err != nil {
			return err.Error()
		}
		return compareTexts(got, want)
	})
}

// compareTexts compares messages, in order.
func compareTexts(got, want []store.Message) string {
	if len(got) != len(want) {
		return fmt.Sprintf("there are the texts %q, want %q", ids(got), ids(want))
	}
	for i := range want {
		if !sameText(&got[i], &want[i]) {
			return fmt.Sprintf("a text is\n%+v, want\n%+v", got[i], want[i])
		}
	}
	return ""
}

func claims(t *testing.T, e Engine) {
	b := open(t, e)
	b.keep("a2", "b1", "a3", "a1")
	now := epoch()
	if got := b.claimed(store.Claim{AOR: "a", Max: 9, Node: "w", Now: now, Until: now}); got != "a1 a2 a3" { // a look
		t.Errorf("a look finds %q", got)
	}
	for _, c := range []struct {
		account, node, after string
		max                  int
		at                   time.Duration
		want                 string
	}{
		{"a", "x", "", 2, 0, "a1 a2"},
		{"a", "y", "", 9, 0, "a3"},
		{"a", "x", "", 9, time.Second, "a1 a2"}, // its own, again: until a minute later
		{"a", "x", "a1", 9, time.Second, "a2"},
		{"a", "x", "a11", 1, time.Second, "a2"},
		{"b", "y", "", 9, time.Second, "b1"},
		{"c", "y", "", 9, time.Second, ""},
		{"a", "z", "", 9, time.Minute - time.Millisecond, ""},
		{"a", "z", "", 9, time.Minute, "a3"},
		{"a", "z", "", 9, time.Minute + time.Second, "a1 a2 a3"},
		{"a", "z", "", 0, time.Minute + time.Second, ""},
	} {
		at := now.Add(c.at)
		if got := b.claimed(store.Claim{AOR: c.account, After: c.after, Max: c.max, Node: c.node, Now: at, Until: at.Add(time.Minute)}); got != c.want {
			t.Errorf("%s claims %q of %s after %q at %v, want %q", c.node, got, c.account, c.after, c.at, c.want)
		}
		b.reopen()
	}
}

func marks(t *testing.T, e Engine) {
	b := open(t, e)
	b.keep("a1", "a2", "a3", "a1") // the second a1 is kept already
	later := text("a1")
	later.Body, later.Told = []byte("other"), []string{"nobody"}
	b.append(later)
	claim := store.Claim{AOR: "a", Max: 9, Node: "x", Now: epoch(), Until: epoch().Add(time.Minute)}
	if got := b.claimed(claim); got != "a1 a2 a3" {
		t.Fatalf("claimed %s", got)
	}
	told := func(id, phone string) store.MessageOp {
		return store.MessageOp{Kind: store.MessageTold, ID: id, Instance: phone}
	}
	b.mark(told("a1", "z"), told("a1", "a"), told("a1", "z"), store.MessageOp{Kind: store.MessageRetry, ID: "a2", NotBefore: epoch().Add(time.Second)},
		store.MessageOp{Kind: store.MessageDone, ID: "a3"}, store.MessageOp{Kind: store.MessageDone, ID: "no"}, told("no", "z"), store.MessageOp{Kind: store.MessageRetry, ID: "no"})
	b.reopen()
	claim.Node = "y"
	if got := b.claimed(claim); got != "a2" {
		t.Errorf("after a try %q may be claimed by another, want a2", got)
	}
	one, two := text("a1"), text("a2")
	one.Told = []string{"z", "a"}
	two.Tries, two.NotBefore = 1, epoch().Add(time.Second)
	b.twice(func() string { return compareExpired(b.Messages, []store.Message{one, two}) })
	b.mark(told("a2", "z"), store.MessageOp{Kind: store.MessageDone, ID: "a2"}, store.MessageOp{Kind: store.MessageRetry, ID: "a2"}, store.MessageOp{Kind: store.MessageDone, ID: "a1"})
	b.keep("a1", "a2")
	b.twice(func() string { return compareExpired(b.Messages, []store.Message{text("a1"), text("a2")}) })
}

// compareExpired compares all that is kept with want: everything has expired once.
func compareExpired(m store.Messages, want []store.Message) string {
	got, err := m.Expired(context.Background(), epoch().Add(100*365*24*time.Hour), 1<<30)
	if err != nil {
		return err.Error()
	}
	return compareTexts(got, want)
}

func accounts(t *testing.T, e Engine) {
	b := open(t, e)
	expect := func(want map[string]store.MessageCount) {
		t.Helper()
		b.twice(func() string { return compareCounts(t.Context(), b.Messages, want) })
	}
	expect(nil)
	b.keep("a1", "b9", "a2")
	b.append(store.Message{ID: "a0", AOR: "a", At: epoch().Add(-time.Minute), Expires: epoch(), NotBefore: epoch()}, // came later, of an earlier time
		store.Message{ID: "ü", AOR: "\xff' ", At: epoch(), Expires: epoch(), NotBefore: epoch().Add(time.Second), Body: []byte("ü")})
	expect(map[string]store.MessageCount{
		"a":      {AOR: "a", Count: 3, Bytes: 14, Oldest: epoch().Add(-time.Minute), Last: "a2"},
		"b":      {AOR: "b", Count: 1, Bytes: 7, Oldest: epoch(), Last: "b9"},
		"\xff' ": {AOR: "\xff' ", Count: 1, Bytes: 2, Next: epoch().Add(time.Second), Oldest: epoch(), Last: "ü"},
	})
	b.mark(store.MessageOp{Kind: store.MessageDone, ID: "a0"}, store.MessageOp{Kind: store.MessageDone, ID: "a2"}, store.MessageOp{Kind: store.MessageDone, ID: "b9"},
		store.MessageOp{Kind: store.MessageRetry, ID: "a1", NotBefore: epoch().Add(time.Hour)}, store.MessageOp{Kind: store.MessageDone, ID: "ü"})
	expect(map[string]store.MessageCount{"a": {AOR: "a", Count: 1, Bytes: 7, Oldest: epoch(), Next: epoch().Add(time.Hour), Last: "a1"}})
	enough := errors.New("enough")
	if err := b.Messages.Accounts(t.Context(), func(store.MessageCount) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("what yield says is %v", err)
	}
}

func compareCounts(ctx context.Context, m store.Messages, want map[string]store.MessageCount) string {
	n := 0
	err := m.Accounts(ctx, func(c store.MessageCount) error {
		n++
		w, ok := want[c.AOR]
		same := c.Next.IsZero() == w.Next.IsZero() && c.Next.UnixMilli() == w.Next.UnixMilli() && c.Oldest.UnixMilli() == w.Oldest.UnixMilli()
		w.Next, w.Oldest = c.Next, c.Oldest
		if !ok || !same || c != w {
			return fmt.Errorf("an account is %+v, want %+v", c, want[c.AOR])
		}
		return nil
	})
	if err == nil && n != len(want) {
		err = fmt.Errorf("there are %d accounts, want %d", n, len(want))
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func expired(t *testing.T, e Engine) {
	b := open(t, e)
	for id, minutes := range map[string]int{"a1": 3, "a2": 1, "b1": 2, "b2": 1, "a3": 9} {
		m := text(id)
		m.Expires = epoch().Add(time.Duration(minutes) * time.Minute)
		b.append(m)
	}
	for _, c := range []struct {
		at   time.Duration
		max  int
		want string
	}{{time.Minute - time.Millisecond, 9, ""}, {time.Minute, 9, "a2 b2"}, {time.Hour, 3, "a2 b2 b1"}, {8 * time.Minute, 9, "a2 b2 b1 a1"}} {
		got, err := b.Messages.Expired(t.Context(), epoch().Add(c.at), c.max)
		if err != nil || ids(got) != c.want {
			t.Errorf("expired at %v are %q, %v; want %q", c.at, ids(got), err, c.want)
		}
		b.reopen()
	}
}

func textsAllOrNothing(t *testing.T, e Engine) {
	b := open(t, e)
	b.keep("a1")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, claim := b.Messages.Claim(ctx, store.Claim{AOR: "a", Max: 9, Node: "x", Now: epoch(), Until: epoch().Add(time.Hour)})
	for what, err := range map[string]error{
		"append": b.Messages.Append(ctx, []store.Message{text("a2"), text("a3")}), "claim": claim,
		"mark": b.Messages.Mark(ctx, []store.MessageOp{{Kind: store.MessageDone, ID: "a1"}}),
	} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that has ended: %v, want %v", what, err, context.Canceled)
		}
	}
	b.append()
	b.mark()
	b.twice(func() string { return compareExpired(b.Messages, []store.Message{text("a1")}) })
	if got := b.claimed(store.Claim{AOR: "a", Max: 9, Node: "y", Now: epoch(), Until: epoch()}); got != "a1" {
		t.Errorf("what was not claimed is not free: %q", got)
	}
}
