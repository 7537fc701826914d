package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"obelus/store"
)

// Calls runs the part of the suite about store.Calls.
func Calls(t *testing.T, e Engine) {
	t.Run("a record comes back as it was", func(t *testing.T) { recordsComeBack(t, e) })
	t.Run("begun and ended", func(t *testing.T) { begunAndEnded(t, e) })
	t.Run("sinks", func(t *testing.T) { sinks(t, e) })
	t.Run("pruning", func(t *testing.T) { pruning(t, e) })
	t.Run("the last sign of life", func(t *testing.T) { lastAlive(t, e) })
	t.Run("all or nothing", func(t *testing.T) { callsAllOrNothing(t, e) })
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("random operations ", seed), func(t *testing.T) { follow(t, e, newCalls(seed)) })
	}
}

// record is that of an answered call, every field set but Number.
func record(n int) store.CallRecord {
	start := epoch().Add(time.Duration(n) * time.Second).Add(123456 * time.Microsecond)
	id := fmt.Sprintf("1800000000.%d", n)
	return store.CallRecord{
		CallKey: store.CallKey{UniqueID: id, Sequence: int64(n)}, CallerID: `"Änna" <1001>`, Src: "1001", Dst: "1002", DContext: "internal",
		Channel: fmt.Sprintf("SIP/1001-%08x", n), DstChannel: fmt.Sprintf("SIP/1002-%08x", n), LastApp: "Dial", LastData: "SIP/1002,20", Start: start,
		Answer: start.Add(3 * time.Second), End: start.Add(63 * time.Second), Duration: 63, BillSec: 60, Disposition: "ANSWERED", AMAFlags: 3, AccountCode: "acme",
		PeerAccount: "peer", LinkedID: id, UserField: "u", Cause: 16, Variables: []store.Variable{{Name: "b", Value: "1"}, {Name: "a", Value: ""}, {Name: "b", Value: "2"}},
	}
}

func begin(r store.CallRecord) store.CallOp { return store.CallOp{Kind: store.CallBegin, Record: r} }
func end(r store.CallRecord) store.CallOp   { return store.CallOp{Kind: store.CallEnd, Record: r} }
func drop(r store.CallRecord) store.CallOp {
	return store.CallOp{Kind: store.CallDrop, Record: store.CallRecord{CallKey: r.CallKey}}
}

// sameRecord compares records; times to the microsecond.
func sameRecord(a, b store.CallRecord) bool {
	for _, at := range [][2]*time.Time{{&a.Start, &b.Start}, {&a.Answer, &b.Answer}, {&a.End, &b.End}} {
		if at[0].IsZero() != at[1].IsZero() || at[0].UnixMicro() != at[1].UnixMicro() {
			return false
		}
		*at[0] = *at[1]
	}
	same := slices.Equal(a.Variables, b.Variables)
	a.Variables, b.Variables = nil, nil
	return same && fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b)
}

func (b *bench) calls(ops ...store.CallOp) {
	b.t.Helper()
	if err := b.Calls.WriteCalls(context.Background(), ops); err != nil {
		b.t.Fatal("write calls:", err)
	}
}

// expectCalls compares what has begun, in order, and what has ended; the first that has ended has number first.
func (b *bench) expectCalls(begun []store.CallRecord, first int64, ended ...store.CallRecord) {
	b.t.Helper()
	for i := range ended {
		ended[i].Number = first + int64(i)
	}
	b.twice(func() string { return compareCalls(context.Background(), b.Calls, begun, ended) })
}

func compareCalls(ctx context.Context, c store.Calls, begun, ended []store.CallRecord) string {
	var up []store.CallRecord
	if err := c.Begun(ctx, func(r store.CallRecord) error { up = append(up, r); return nil }); err != nil {
		return fmt.Sprint("begun: ", err)
	}
	if !slices.EqualFunc(up, begun, sameRecord) {
		return fmt.Sprintf("begun are\n%+v, want\n%+v", up, begun)
	}
	var over []store.CallRecord
	for after := int64(0); ; after = over[len(over)-1].Number {
		page, err := c.Ended(ctx, after, 7)
		if err != nil {
			return fmt.Sprint("ended: ", err)
		}
		if over = append(over, page...); len(page) < 7 {
			break
		}
	}
	if !slices.EqualFunc(over, ended, sameRecord) {
		return fmt.Sprintf("ended are\n%+v, want\n%+v", over, ended)
	}
	if n, err := c.Waiting(ctx, 0); err != nil || n != len(ended) {
		return fmt.Sprintf("%d records wait, %v; want %d", n, err, len(ended))
	}
	return ""
}

// recordsComeBack: what is in a record is bytes, not always text, and no part of a statement.
func recordsComeBack(t *testing.T, e Engine) {
	b := open(t, e)
	bare := store.CallRecord{CallKey: store.CallKey{UniqueID: "bare"}}
	begun, ended := []store.CallRecord{bare}, []store.CallRecord{record(1)}
	b.calls(begin(bare), end(record(1)))
	for i, s := range []string{" ", "'; DROP TABLE cdr; --", "zero\x00byte", "latin \xe9\xff", "\r\n\t\x01\x7f", `%s ? $1 \ "},{`, "☎ \u2028 𝄞"} {
		r := record(10 + i)
		for _, f := range []*string{&r.UniqueID, &r.CallerID, &r.Src, &r.Dst, &r.DContext, &r.Channel, &r.DstChannel, &r.LastApp, &r.LastData, &r.Disposition,
			&r.AccountCode, &r.PeerAccount, &r.LinkedID, &r.UserField} {
			*f = s
		}
		r.Variables = []store.Variable{{Name: s, Value: s}, {Name: "", Value: ""}, {Name: s, Value: "again"}}
		other := r
		other.UniqueID += "2"
		b.calls(begin(r), end(other))
		begun, ended = append(begun, r), append(ended, other)
	}
	b.expectCalls(begun, 1, ended...)
}

func begunAndEnded(t *testing.T, e Engine) {
	b := open(t, e)
	b.expectCalls(nil, 1)
	r1, r2, r3 := record(1), record(2), record(3)
	later := r1
	later.LastApp, later.Answer = "Queue", time.Time{}
	b.calls(begin(r1), begin(r2), begin(r3), begin(later)) // begun again: it keeps its place
	b.expectCalls([]store.CallRecord{later, r2, r3}, 1)
	b.calls(drop(r2), drop(record(9)), end(r3), end(record(4)))
	other := r3
	other.Disposition = "FAILED"
	b.calls(end(other), begin(other), drop(other)) // it is over, and stays what it was
	b.expectCalls([]store.CallRecord{later}, 1, r3, record(4))
	b.calls(begin(r2), end(r1))
	b.expectCalls([]store.CallRecord{r2}, 1, r3, record(4), r1)
	twin := r1 // the same channel, another record
	twin.Sequence = 77
	b.calls(begin(twin), end(r2), end(r2))
	b.expectCalls([]store.CallRecord{twin}, 1, r3, record(4), r1, r2)
	b.calls()
	for _, p := range []struct {
		after int64
		max   int
		want  int
	}{{0, 2, 2}, {2, 9, 2}, {4, 9, 0}, {99, 9, 0}, {0, 0, 0}} {
		if got, err := b.Calls.Ended(t.Context(), p.after, p.max); err != nil || len(got) != p.want || p.want > 0 && got[0].Number != p.after+1 {
			t.Errorf("ended after %d, at most %d: %d, %v", p.after, p.max, len(got), err)
		}
	}
	enough := errors.New("enough")
	if err := b.Calls.Begun(t.Context(), func(store.CallRecord) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("what yield says is %v", err)
	}
}

func sinks(t *testing.T, e Engine) {
	b := open(t, e)
	expect := func(sink string, upTo int64, note string) {
		t.Helper()
		b.twice(func() string {
			if n, got, err := b.Calls.Shipped(t.Context(), sink); err != nil || n != upTo || got != note {
				return fmt.Sprintf("%s has %d, %q, %v; want %d, %q", sink, n, got, err, upTo, note)
			}
			return ""
		})
	}
	ship := func(sink string, upTo int64, note string) {
		t.Helper()
		if err := b.Calls.Ship(t.Context(), sink, upTo, note); err != nil {
			t.Fatal(err)
		}
	}
	expect("csv", 0, "")
	b.calls(end(record(1)), end(record(2)), end(record(3)))
	expect("csv", 0, "")
	expect("new", 3, "") // what was before is not for it
	b.calls(end(record(4)))
	expect("new", 3, "")
	ship("csv", 2, "offset 7\x00\xff'")
	ship("fresh", 1, "")
	expect("csv", 2, "offset 7\x00\xff'")
	expect("fresh", 1, "")
	ship("csv", 4, "")
	expect("csv", 4, "")
	for after, want := range []int{4, 3, 2, 1, 0, 0} {
		if n, err := b.Calls.Waiting(t.Context(), int64(after)); err != nil || n != want {
			t.Errorf("%d wait after %d, %v; want %d", n, after, err, want)
		}
	}
}

func pruning(t *testing.T, e Engine) {
	b := open(t, e)
	for n := range 10 {
		b.calls(end(record(n)))
	}
	late := record(100).End
	for _, p := range []struct {
		before    time.Time
		upTo      int64
		max, want int
	}{
		{late, 0, 100, 0},         // nothing was shipped
		{late, 8, 3, 3},           // three at most
		{record(5).End, 8, 3, 2},  // two of the three oldest are old enough
		{late, 8, 100, 3},         // the rest of what was shipped
		{record(0).End, 99, 9, 0}, // none is that old
	} {
		if n, err := b.Calls.Prune(t.Context(), p.before, p.upTo, p.max); err != nil || n != p.want {
			t.Errorf("pruned %d, %v; want %d", n, err, p.want)
		}
		b.reopen()
	}
	b.expectCalls(nil, 9, record(8), record(9))
	if _, err := b.Calls.Prune(t.Context(), late, 99, 100); err != nil {
		t.Error(err)
	}
	b.reopen()
	if n, _, err := b.Calls.Shipped(t.Context(), "new"); err != nil || n != 10 {
		t.Errorf("a new sink begins after %d, %v; want 10", n, err)
	}
	b.calls(end(record(11)))
	b.expectCalls(nil, 11, record(11)) // no number is given again
}

func lastAlive(t *testing.T, e Engine) {
	b := open(t, e)
	expect := func(want time.Time) {
		t.Helper()
		b.twice(func() string {
			if at, err := b.Calls.LastAlive(t.Context()); err != nil || at.IsZero() != want.IsZero() || at.UnixMicro() != want.UnixMicro() {
				return fmt.Sprintf("the last sign of life is of %v, %v; want %v", at, err, want)
			}
			return ""
		})
	}
	alive := func(at time.Time) {
		t.Helper()
		if err := b.Calls.Alive(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	expect(time.Time{})
	alive(epoch())
	expect(epoch())
	up := record(1)
	up.End, up.Answer = time.Time{}, time.Time{}
	b.calls(begin(up))
	expect(up.Start)
	up.Answer = up.Start.Add(time.Second)
	b.calls(begin(up))
	expect(up.Answer)
	b.calls(end(record(0)))
	expect(record(0).End)
	alive(record(0).End.Add(time.Microsecond))
	expect(record(0).End.Add(time.Microsecond))
}

func callsAllOrNothing(t *testing.T, e Engine) {
	b := open(t, e)
	b.calls(begin(record(1)))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.Calls.WriteCalls(ctx, []store.CallOp{end(record(1)), end(record(2))}); !errors.Is(err, context.Canceled) {
		t.Errorf("write with a context that has ended: %v, want %v", err, context.Canceled)
	}
	b.expectCalls([]store.CallRecord{record(1)}, 1)
}
