package batch_test

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

	"obelus/store/batch"
)

// op sets a key to a value.
type op struct{ key, value string }

// disk is an engine that takes its time, and can fail.
type disk struct {
	mu      sync.Mutex
	takes   time.Duration
	failing error
	commits [][]op
}

func (d *disk) commit(ctx context.Context, ops []op) error {
	d.mu.Lock()
	takes, failing := d.takes, d.failing
	d.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return ctx.Err()
	}
	if failing != nil {
		return failing
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.commits = append(d.commits, slices.Clone(ops))
	return nil
}

func (d *disk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failing = err
}

func (d *disk) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var b strings.Builder
	for _, c := range d.commits {
		for _, o := range c {
			b.WriteString(o.key + "=" + o.value + " ")
		}
		b.WriteString("| ")
	}
	return b.String()
}

type writer = batch.Writer[string, op]

func config(d *disk) batch.Config[string, op] {
	return batch.Config[string, op]{Commit: d.commit, Key: func(o op) string { return o.key }}
}

// told collects what callers are told, with the time since the bubble began.
type told struct {
	mu    sync.Mutex
	start time.Time
	lines []string
}

func (l *told) done(name string) func(error) {
	return func(err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lines = append(l.lines, fmt.Sprintf("%s %v %v", name, time.Since(l.start), err))
	}
}

func (l *told) expect(t *testing.T, want ...string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Equal(l.lines, want) {
		t.Errorf("callers were told\n%q, want\n%q", l.lines, want)
	}
}

// bubble runs a test with a writer over a disk whose commit takes 10 ms.
func bubble(t *testing.T, change func(*batch.Config[string, op]), test func(t *testing.T, w *writer, d *disk, l *told)) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{takes: 10 * time.Millisecond}
		cfg := config(d)
		if change != nil {
			change(&cfg)
		}
		w := batch.New(cfg)
		defer w.Close(context.Background())
		test(t, w, d, &told{start: time.Now()})
	})
}

func put(t *testing.T, w *writer, done func(error), ops ...op) {
	t.Helper()
	if err := w.Put(done, ops...); err != nil {
		t.Error("put:", err)
	}
}

func TestCommitCollectsWhileOneFlies(t *testing.T) {
	bubble(t, nil, func(t *testing.T, w *writer, d *disk, l *told) {
		put(t, w, l.done("a"), op{"a", "1"})
		time.Sleep(time.Millisecond)
		put(t, w, l.done("b"), op{"b", "1"})
		put(t, w, l.done("c"), op{"c", "1"}, op{"b", "2"})
		put(t, w, l.done("a again"), op{"a", "2"})
		l.expect(t) // nothing is safe yet
		time.Sleep(time.Second)
		l.expect(t, "a 10ms <nil>", "b 20ms <nil>", "c 20ms <nil>", "a again 20ms <nil>")
		if got, want := d.String(), "a=1 | b=2 c=1 a=2 | "; got != want {
			t.Errorf("commits %s, want %s", got, want)
		}
		if s, want := w.Stats(), (batch.Stats{Commits: 2, Ops: 4, Joined: 1}); s != want {
			t.Errorf("stats %+v, want %+v", s, want)
		}
	})
}

func TestMergeJoins(t *testing.T) {
	merge := func(c *batch.Config[string, op]) {
		c.Merge = func(old, next op) op { return op{old.key, old.value + next.value} }
		c.Linger = 5 * time.Millisecond
	}
	bubble(t, merge, func(t *testing.T, w *writer, d *disk, l *told) {
		for _, v := range []string{"1", "2", "3"} {
			put(t, w, l.done(v), op{"a", v})
		}
		time.Sleep(time.Second)
		if got, want := d.String(), "a=123 | "; got != want {
			t.Errorf("commits %s, want %s", got, want)
		}
		l.expect(t, "1 15ms <nil>", "2 15ms <nil>", "3 15ms <nil>")
	})
}

func TestBatchesAreBounded(t *testing.T) {
	bubble(t, func(c *batch.Config[string, op]) { c.Max = 2; c.Linger = time.Millisecond }, func(t *testing.T, w *writer, d *disk, l *told) {
		put(t, w, l.done("all five"), op{"a", "1"}, op{"b", "1"}, op{"c", "1"}, op{"d", "1"}, op{"e", "1"})
		time.Sleep(time.Second)
		if got, want := d.String(), "a=1 b=1 | c=1 d=1 | e=1 | "; got != want {
			t.Errorf("commits %s, want %s", got, want)
		}
		l.expect(t, "all five 30ms <nil>")
	})
}

func TestLateCallersGoOnFromMemory(t *testing.T) {
	bubble(t, nil, func(t *testing.T, w *writer, d *disk, l *told) {
		d.takes = time.Second
		put(t, w, l.done("a"), op{"a", "1"})
		time.Sleep(300 * time.Millisecond)
		put(t, w, l.done("b"), op{"b", "1"})
		put(t, w, nil, op{"c", "1"})
		time.Sleep(5 * time.Second)
		l.expect(t, "a 400ms the store is late", "b 700ms the store is late")
		if got, want := d.String(), "a=1 | b=1 c=1 | "; got != want {
			t.Errorf("commits %s, want %s: late is not lost", got, want)
		}
		if s := w.Stats(); s.Late != 2 || s.Waiting != 0 {
			t.Errorf("stats %+v, want 2 late and none waiting", s)
		}
		d.takes = 10 * time.Millisecond
		put(t, w, l.done("d"), op{"d", "1"})
		time.Sleep(time.Second)
		l.expect(t, "a 400ms the store is late", "b 700ms the store is late", "d 5.31s <nil>")
	})
}

func TestFailedCommitsAreTriedAgain(t *testing.T) {
	var log bytes.Buffer
	cfg := func(c *batch.Config[string, op]) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }
	bubble(t, cfg, func(t *testing.T, w *writer, d *disk, l *told) {
		d.fail(errors.New("disk full"))
		put(t, w, l.done("a"), op{"a", "1"})
		time.Sleep(100 * time.Millisecond) // tried at 0 and 60 ms, next at 170
		put(t, w, l.done("newer a"), op{"a", "2"})
		put(t, w, l.done("newest a"), op{"a", "3"})
		d.fail(nil)
		time.Sleep(time.Second)
		l.expect(t, "a 180ms <nil>", "newer a 190ms <nil>", "newest a 190ms <nil>")
		if got, want := d.String(), "a=1 | a=3 | "; got != want {
			t.Errorf("commits %s, want %s: a later state may not overtake", got, want)
		}
		if s := w.Stats(); s.Failures != 2 {
			t.Errorf("%d failures, want 2", s.Failures)
		}
	})
	if n := strings.Count(log.String(), "commit failed"); n != 1 || !strings.Contains(log.String(), "disk full") || !strings.Contains(log.String(), "succeed again") {
		t.Errorf("log: %s", log.String())
	}
}

func TestFullWriterRefuses(t *testing.T) {
	bubble(t, func(c *batch.Config[string, op]) { c.Limit = 2 }, func(t *testing.T, w *writer, d *disk, l *told) {
		d.takes = time.Minute
		put(t, w, nil, op{"flying", "1"})
		synctest.Wait()
		put(t, w, nil, op{"a", "1"}, op{"b", "1"})
		if err := w.Put(l.done("c"), op{"c", "1"}); !errors.Is(err, batch.ErrFull) {
			t.Errorf("put into a full writer: %v, want %v", err, batch.ErrFull)
		}
		if err := w.Put(nil, op{"a", "2"}, op{"c", "1"}); !errors.Is(err, batch.ErrFull) {
			t.Errorf("put of a known and a new key: %v, want %v", err, batch.ErrFull)
		}
		put(t, w, nil, op{"a", "3"}) // joined with one that waits: takes no room
		time.Sleep(10 * time.Minute)
		if got, want := d.String(), "flying=1 | a=3 b=1 | "; got != want {
			t.Errorf("commits %s, want %s", got, want)
		}
		l.expect(t)
	})
}

func TestCloseCommitsWhatWaits(t *testing.T) {
	bubble(t, func(c *batch.Config[string, op]) { c.Max = 1 }, func(t *testing.T, w *writer, d *disk, l *told) {
		put(t, w, l.done("a"), op{"a", "1"})
		put(t, w, l.done("b"), op{"b", "1"})
		if err := w.Close(context.Background()); err != nil {
			t.Error("close:", err)
		}
		l.expect(t, "a 10ms <nil>", "b 20ms <nil>")
		if err := w.Put(l.done("late"), op{"c", "1"}); !errors.Is(err, batch.ErrClosed) {
			t.Errorf("put after close: %v, want %v", err, batch.ErrClosed)
		}
		if err := w.Close(context.Background()); err != nil {
			t.Error("second close:", err)
		}
	})
}

func TestCloseGivesUpInTime(t *testing.T) {
	bubble(t, nil, func(t *testing.T, w *writer, d *disk, l *told) {
		d.fail(errors.New("disk gone"))
		put(t, w, l.done("a"), op{"a", "1"})
		time.Sleep(time.Millisecond)
		put(t, w, l.done("b"), op{"b", "1"})
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		err := w.Close(ctx)
		if !errors.Is(err, batch.ErrClosed) || !strings.Contains(err.Error(), "2 writes given up") {
			t.Errorf("close: %v", err)
		}
		l.expect(t, "a 201ms store writer closed", "b 201ms store writer closed")
		time.Sleep(time.Hour)
		l.expect(t, "a 201ms store writer closed", "b 201ms store writer closed")
	})
}

// TestEveryCallerIsToldOnce lets many goroutines put at once.
func TestEveryCallerIsToldOnce(t *testing.T) {
	bubble(t, func(c *batch.Config[string, op]) { c.Max = 7 }, func(t *testing.T, w *writer, d *disk, l *told) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		calls := make(map[int]int)
		for i := range 50 {
			wg.Go(func() {
				for j := range 20 {
					n := i*20 + j
					put(t, w, func(error) { mu.Lock(); calls[n]++; mu.Unlock() }, op{fmt.Sprint(n % 90), "x"}, op{fmt.Sprint(n % 13), "y"})
					time.Sleep(time.Duration(n%5) * time.Millisecond)
				}
			})
		}
		wg.Wait()
		time.Sleep(10 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		for n := range 1000 {
			if calls[n] != 1 {
				t.Fatalf("caller %d was told %d times", n, calls[n])
			}
		}
	})
}
