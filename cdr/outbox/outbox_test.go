package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/cdr/outbox"
	"obelus/store"
	"obelus/store/memory"
)

// disk is a store that can fail.
type disk struct {
	memory.Calls
	mu   sync.Mutex
	full error
}

func (d *disk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = err
}

func (d *disk) WriteCalls(ctx context.Context, ops []store.CallOp) error {
	d.mu.Lock()
	err := d.full
	d.mu.Unlock()
	if err != nil {
		return err
	}
	return d.Calls.WriteCalls(ctx, ops)
}

// place is a sink that notes when it got what.
type place struct {
	name string
	from time.Time

	mu      sync.Mutex
	err     error
	tries   []string // when each was
	got     []string
	notes   []string // what it was handed
	closing bool
}

func (p *place) Name() string { return p.name }

func (p *place) Ship(_ context.Context, records []store.CallRecord, note string, _ func(string) error) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tries = append(p.tries, time.Since(p.from).Round(100*time.Millisecond).String())
	if p.err != nil {
		return "", p.err
	}
	p.notes = append(p.notes, note)
	for _, r := range records {
		p.got = append(p.got, r.UniqueID)
	}
	return fmt.Sprint("after ", len(p.got)), nil
}

func (p *place) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closing = true
	return nil
}

func (p *place) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

func (p *place) expect(t *testing.T, tries string, got string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := strings.Join(p.tries, " "); s != tries {
		t.Errorf("%s: tried at %s, want %s", p.name, s, tries)
	}
	if s := strings.Join(p.got, " "); s != got {
		t.Errorf("%s: got %s, want %s", p.name, s, got)
	}
}

func record(n int) store.CallRecord {
	start := time.Now()
	return store.CallRecord{CallKey: store.CallKey{UniqueID: fmt.Sprint("call", n), Sequence: int64(n)}, Src: "1001", Start: start, Channel: "SIP/1001"}
}

func ended(n int) store.CallRecord {
	r := record(n)
	r.End = r.Start
	return r
}

func open(t *testing.T, cfg outbox.Config) *outbox.Box {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	b, err := outbox.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func shut(t *testing.T, b *outbox.Box) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := b.Close(ctx); err != nil {
		t.Error("close:", err)
	}
}

func newPlace(name string) *place { return &place{name: name, from: time.Now()} }

func TestRecordsAreShippedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, outbox.Config{Store: &memory.Calls{}})
		p := newPlace("a")
		b.SetSinks(t.Context(), outbox.Batch{}, p)
		b.Begin(record(1))
		time.Sleep(time.Second)
		p.expect(t, "", "") // it is up
		b.End(ended(1), ended(2))
		b.Begin(record(3))
		b.Drop(record(3).CallKey)
		time.Sleep(time.Second)
		b.End(ended(4))
		time.Sleep(time.Second)
		p.expect(t, "1s 2s", "call1 call2 call4")
		if want := []string{"", "after 2"}; !slices.Equal(p.notes, want) {
			t.Errorf("notes %q, want %q", p.notes, want)
		}
		shut(t, b)
		if !p.closing {
			t.Error("the sink was not closed")
		}
	})
}

func TestRecordsWaitForCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, outbox.Config{Store: &memory.Calls{}})
		p := newPlace("a")
		b.SetSinks(t.Context(), outbox.Batch{Every: 10 * time.Second, Size: 3}, p)
		time.Sleep(time.Second)
		b.End(ended(1))
		time.Sleep(20 * time.Second)
		p.expect(t, "11s", "call1")
		b.End(ended(2), ended(3), ended(4))
		time.Sleep(time.Second)
		p.expect(t, "11s 21s", "call1 call2 call3 call4")
		b.End(ended(5))
		time.Sleep(time.Second)
		if s := b.Status(t.Context()); len(s.Sinks) != 1 || s.Sinks[0].Waiting != 1 || s.Sinks[0].Shipped != 4 || time.Until(s.Sinks[0].Next).Round(time.Second) != 9*time.Second {
			t.Errorf("status %+v", s)
		}
		b.Submit()
		time.Sleep(time.Second)
		p.expect(t, "11s 21s 23s", "call1 call2 call3 call4 call5")
		b.End(ended(6))
		shut(t, b)
		p.expect(t, "11s 21s 23s 24s", "call1 call2 call3 call4 call5 call6")
	})
}

func TestSinkIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		b := open(t, outbox.Config{Store: &memory.Calls{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
		bad, good := newPlace("bad"), newPlace("good")
		b.SetSinks(t.Context(), outbox.Batch{}, bad, good)
		bad.fail(errors.New("read-only file system"))
		b.End(ended(1))
		time.Sleep(10 * time.Second)
		b.End(ended(2)) // does not hurry it
		time.Sleep(200 * time.Second)
		bad.expect(t, "0s 1s 3s 7s 15s 31s 1m3s 2m3s 3m3s", "")
		good.expect(t, "0s 10s", "call1 call2")
		if s := b.Status(t.Context()).Sinks[0]; s.Waiting != 2 || s.Err == nil || !s.Since.Equal(bad.from.Add(20*time.Millisecond)) {
			t.Errorf("status %+v", s)
		}
		bad.fail(nil)
		b.Submit()
		time.Sleep(time.Second)
		bad.expect(t, "0s 1s 3s 7s 15s 31s 1m3s 2m3s 3m3s 3m30s", "call1 call2")
		shut(t, b)
		if text := log.String(); strings.Count(text, "can't be shipped") != 1 || !strings.Contains(text, "read-only file system") ||
			!strings.Contains(text, "shipped again") {
			t.Errorf("log %s", text)
		}
	})
}

func TestCloseDoesNotWaitForBrokenSinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &memory.Calls{}
		b := open(t, outbox.Config{Store: st})
		p := newPlace("a")
		b.SetSinks(t.Context(), outbox.Batch{}, p)
		p.fail(errors.New("gone"))
		b.End(ended(1))
		time.Sleep(100 * time.Millisecond)
		shut(t, b)
		p.expect(t, "0s 100ms", "")

		b = open(t, outbox.Config{Store: st})
		p.fail(nil)
		b.SetSinks(t.Context(), outbox.Batch{Every: time.Hour}, p) // what waited since the last run waits no longer
		synctest.Wait()
		p.expect(t, "0s 100ms 100ms", "call1")
		shut(t, b)
	})
}

func TestWhatWaitsMayBeLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &memory.Calls{}
		for _, want := range []string{"", "call1"} {
			b := open(t, outbox.Config{Store: st})
			p := newPlace("a")
			b.SetSinks(t.Context(), outbox.Batch{Every: time.Hour, Leave: true}, p)
			synctest.Wait()
			b.End(ended(1)) // the second time it is known
			shut(t, b)
			if got := strings.Join(p.got, " "); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	})
}

func TestNewSinkBeginsWithTheNextRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, outbox.Config{Store: &memory.Calls{}})
		old := newPlace("old")
		b.SetSinks(t.Context(), outbox.Batch{}, old)
		b.End(ended(1))
		time.Sleep(time.Second)
		fresh := newPlace("fresh")
		again := newPlace("old")
		b.SetSinks(t.Context(), outbox.Batch{}, again, fresh)
		b.End(ended(2))
		time.Sleep(time.Second)
		old.expect(t, "0s", "call1")
		again.expect(t, "0s", "call2")
		fresh.expect(t, "0s", "call2")
		shut(t, b)
	})
}

// hung is a sink that hangs until it is told to end.
type hung struct{}

func (hung) Name() string { return "hung" }

func (hung) Ship(ctx context.Context, _ []store.CallRecord, _ string, _ func(string) error) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func TestCloseEndsSinksThatHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t, outbox.Config{Store: &memory.Calls{}})
		p := newPlace("a")
		b.SetSinks(t.Context(), outbox.Batch{Every: time.Hour}, hung{}, p)
		b.End(ended(1))
		begun := time.Now()
		if err := b.Close(context.Background()); err != nil {
			t.Error("close:", err)
		}
		if took := time.Since(begun).Round(100 * time.Millisecond); took != 3*time.Second {
			t.Errorf("close took %v", took)
		}
		p.expect(t, "0s", "call1")
	})
}

// TestFullDisk: what is over fits into memory up to a bound, and beyond it into the log.
func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d := &disk{}
		b := open(t, outbox.Config{Store: d, Limit: 10, Log: slog.New(slog.NewTextHandler(&log, nil))})
		p := newPlace("a")
		b.SetSinks(t.Context(), outbox.Batch{}, p)
		d.fail(errors.New("no space left on device"))
		b.End(ended(0))
		time.Sleep(time.Second) // it is being tried
		for n := 1; n <= 4; n++ {
			b.Begin(record(n))
		}
		for n := 5; n <= 11; n++ {
			b.End(ended(n))
			b.Begin(record(100 + n))
		}
		synctest.Wait()
		s := b.Status(t.Context())
		if s.Lost != 1 || s.Unbegun != 7 || s.Writing.Waiting != 11 {
			t.Errorf("status %+v", s)
		}
		if text := log.String(); strings.Count(text, "could not be kept; here it is") != 1 || !strings.Contains(text, "call11") ||
			strings.Count(text, "not noted any more") != 1 {
			t.Errorf("log %s", text)
		}
		d.fail(nil)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := strings.Join(p.got, " "); got != "call0 call5 call6 call7 call8 call9 call10" {
			t.Errorf("got %s", got)
		}
		if s := b.Status(t.Context()); s.Up != 4 {
			t.Errorf("%d calls are up, want 4", s.Up)
		}
		shut(t, b)
	})
}

// TestCallsOfADeadServerEnd at the last sign of life.
func TestCallsOfADeadServerEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &memory.Calls{}
		b := open(t, outbox.Config{Store: st})
		b.SetSinks(t.Context(), outbox.Batch{}, newPlace("a"))
		up := record(1)
		up.UserField, up.Disposition = "kept", "NO ANSWER"
		b.Begin(up)
		time.Sleep(20 * time.Second)
		up.Answer, up.Disposition = time.Now(), "ANSWERED"
		b.Begin(up)
		time.Sleep(27 * time.Second) // the last sign of life was at 45 s
		late := record(2)
		late.Start, late.Cause = time.Now(), 17
		b.Begin(late)
		time.Sleep(2 * time.Second)
		shut(t, b) // nobody has ended the calls

		var log bytes.Buffer
		p := newPlace("a")
		b = open(t, outbox.Config{Store: st, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if n := b.NextSequence(); n != 3 {
			t.Errorf("the sequence goes on with %d, want 3", n)
		}
		b.SetSinks(t.Context(), outbox.Batch{}, p)
		time.Sleep(time.Second)
		p.expect(t, "0s", "call1 call2")
		all, err := st.Ended(t.Context(), 0, 10)
		if err != nil || len(all) != 2 {
			t.Fatal(all, err)
		}
		first, second := all[0], all[1]
		if !first.End.Equal(late.Start) || first.Duration != 47 || first.BillSec != 27 || first.Disposition != "FAILED" || first.Cause != 41 || first.UserField != "kept" {
			t.Errorf("the first: %+v", first)
		}
		if !second.End.Equal(late.Start) || second.Duration != 0 || second.BillSec != 0 || second.Disposition != "FAILED" || second.Cause != 17 {
			t.Errorf("the second: %+v", second)
		}
		if !strings.Contains(log.String(), "calls=2") {
			t.Errorf("log %s", log.String())
		}
		shut(t, b)
	})
}

func TestSignOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &memory.Calls{}
		b := open(t, outbox.Config{Store: st})
		if n := b.NextSequence(); n != 0 {
			t.Errorf("the first sequence is %d", n)
		}
		alive := func() time.Time {
			at, err := st.LastAlive(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		time.Sleep(time.Minute + time.Second)
		if at := alive(); !at.IsZero() {
			t.Errorf("with no call up the disk was written at %v", at)
		}
		start := time.Now()
		b.Begin(record(1))
		time.Sleep(time.Minute)
		if at := alive(); at.Sub(start) < 45*time.Second {
			t.Errorf("the last sign of life is of %v after the call began", at.Sub(start))
		}
		b.End(ended(1))
		shut(t, b)
	})
}

func TestOldRecordsAreForgottenWhenAllHaveThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &memory.Calls{}
		b := open(t, outbox.Config{Store: st, Keep: 24 * time.Hour})
		slow, fast := newPlace("slow"), newPlace("fast")
		slow.fail(errors.New("away"))
		b.SetSinks(t.Context(), outbox.Batch{}, slow, fast)
		for n := range 1200 {
			b.End(ended(n))
		}
		left := func() int {
			n, err := st.Waiting(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		time.Sleep(26 * time.Hour)
		if n := left(); n != 1200 {
			t.Errorf("%d records are left, and one sink has none", n)
		}
		slow.fail(nil)
		time.Sleep(90 * time.Minute)
		b.End(ended(1200))
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := left(); n != 1 {
			t.Errorf("%d records are left, want the last", n)
		}
		if len(slow.got) != 1201 {
			t.Errorf("%d records came to the slow sink", len(slow.got))
		}
		shut(t, b)
	})
}

// TestUnshippedRecordsOutliveARestart: until it is known which places there are, and while they change, nothing that has grown old is forgotten.
func TestUnshippedRecordsOutliveARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := outbox.Config{Store: &memory.Calls{}, Keep: time.Hour}
		b := open(t, cfg)
		p := newPlace("a")
		p.fail(errors.New("away"))
		b.SetSinks(t.Context(), outbox.Batch{}, p)
		b.End(ended(1))
		time.Sleep(time.Second)
		shut(t, b)
		time.Sleep(2 * time.Hour)

		b = open(t, cfg)
		synctest.Wait()
		b.SetSinks(t.Context(), outbox.Batch{}, stubborn{p})
		time.Sleep(time.Minute)
		p.fail(nil)
		b.SetSinks(t.Context(), outbox.Batch{}, p) // the old one takes its time to end
		time.Sleep(time.Minute)
		shut(t, b)
		if got := strings.Join(p.got, " "); got != "call1" {
			t.Errorf("got %q, want the record that waited", got)
		}
	})
}

// stubborn is a sink that fails, and not soon.
type stubborn struct{ *place }

func (s stubborn) Ship(ctx context.Context, _ []store.CallRecord, _ string, _ func(string) error) (string, error) {
	<-ctx.Done()
	time.Sleep(time.Hour)
	return "", ctx.Err()
}

// TestStopWithAFullDisk: what the disk would not take is in the log, whole.
func TestStopWithAFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		d := &disk{}
		b := open(t, outbox.Config{Store: d, Log: slog.New(slog.NewTextHandler(&log, nil))})
		d.fail(errors.New("no space left on device"))
		b.End(ended(1))
		time.Sleep(time.Second) // it is being tried
		b.Begin(record(2))
		b.End(ended(3))
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := b.Close(ctx); err == nil {
			t.Error("nobody is told")
		}
		text := log.String()
		if strings.Count(text, "could not be kept; here it is") != 2 || !strings.Contains(text, "call1") || strings.Contains(text, "call2") || !strings.Contains(text, "call3") {
			t.Errorf("log %s", text)
		}
		if n := b.Status(t.Context()).Lost; n != 2 {
			t.Errorf("%d are lost, want 2", n)
		}
	})
}

// TestCloseLeavesAPlaceThatNeverReturns: a file on a server that is away can't be told to end.
func TestCloseLeavesAPlaceThatNeverReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		b := open(t, outbox.Config{Store: &memory.Calls{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
		b.SetSinks(t.Context(), outbox.Batch{}, stubborn{newPlace("a")})
		b.End(ended(1))
		time.Sleep(time.Second)
		begun := time.Now()
		if err := b.Close(context.Background()); err != nil {
			t.Error("close:", err)
		}
		if took := time.Since(begun); took > 5*time.Second || !strings.Contains(log.String(), "does not return") {
			t.Errorf("close took %v; log %s", took, log.String())
		}
		time.Sleep(2 * time.Hour) // it does, after all
	})
}
