package waiting

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

	"obelus/message"
	"obelus/store"
	"obelus/store/memory"
)

func newStore() *memory.Engine { return new(memory.Engine) }

// trial is a store whose commits take time, or fail.
type trial struct {
	store.Messages
	takes time.Duration
	mu    sync.Mutex
	fails error
	n     int // commits
}

func (s *trial) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = err
}

func (s *trial) slow(ctx context.Context) error {
	if s.takes > 0 {
		select {
		case <-time.After(s.takes):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return s.fails
}

func (s *trial) Append(ctx context.Context, all []store.Message) error {
	if err := s.slow(ctx); err != nil {
		return err
	}
	return s.Messages.Append(ctx, all)
}

func (s *trial) Mark(ctx context.Context, ops []store.MessageOp) error {
	if err := s.slow(ctx); err != nil {
		return err
	}
	return s.Messages.Mark(ctx, ops)
}

func (s *trial) Claim(ctx context.Context, c store.Claim) ([]store.Message, error) {
	s.mu.Lock()
	err := s.fails
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return s.Messages.Claim(ctx, c)
}

// heard is what a dialplan was given.
type heard struct {
	mu   sync.Mutex
	said []string
}

func (h *heard) run(m *message.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said = append(h.said, string(m.Body))
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.said)
}

func openInbox(t *testing.T, s store.Messages, run func(*message.Message)) *Inbox {
	t.Helper()
	i, err := OpenInbox(t.Context(), InboxConfig{Store: s, Run: run, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func closeInbox(t *testing.T, i *Inbox) {
	t.Helper()
	i.Drain(t.Context())
	if err := i.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func from(sender, body string) *message.Message {
	m := &message.Message{From: "<sip:" + sender + "@h>", To: "sip:1002@h", Peer: sender, Body: []byte(body), ContentType: "text/plain", At: time.Now(), Context: "sms", Exten: "1002"}
	m.SetData("X-A", "b", false)
	m.SetData("X-C", "d", true)
	return m
}

// kept counts what a store has for an account.
func kept(t *testing.T, s store.Messages, account string) int {
	t.Helper()
	n := 0
	if err := s.Accounts(context.Background(), func(c store.MessageCount) error {
		if c.AOR == account {
			n = c.Count
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestTakenWhenSafe has a sender answered after the commit, and the text run after
// the answer, and forgotten after that.
func TestTakenWhenSafe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &trial{Messages: newStore(), takes: 5 * time.Millisecond}
		var h heard
		i := openInbox(t, s, func(m *message.Message) {
			h.run(m)
			if m.Context != "sms" || m.Exten != "1002" || m.Peer != "1001" {
				t.Errorf("it runs as %+v", m)
			}
			time.Sleep(time.Second)
		})
		i.Start()
		start, told := time.Now(), time.Duration(0)
		i.Take(from("1001", "hello"), func(err error) {
			if err != nil || len(h.all()) > 0 {
				t.Errorf("told %v when %q had been run", err, h.all())
			}
			told = time.Since(start)
		})
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		if told != 5*time.Millisecond || len(h.all()) != 1 || kept(t, s, inboxName) != 1 {
			t.Errorf("told after %v, %q run, %d kept", told, h.all(), kept(t, s, inboxName))
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if n := kept(t, s, inboxName); n != 0 {
			t.Errorf("%d are kept after all", n)
		}
		closeInbox(t, i)
	})
}

// settle has whatever may be committed committed.
func settle() {
	time.Sleep(50 * time.Millisecond)
	synctest.Wait()
}

// TestRunAgain has texts that were taken run after a restart, in their order, with
// all that belongs to them; those that come later after them.
func TestRunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		first := openInbox(t, s, func(*message.Message) { t.Error("it runs before the start") })
		var want []string
		for n := range 700 { // more than a page
			want = append(want, fmt.Sprint(n))
			if n%400 == 0 {
				time.Sleep(time.Hour)
			}
			first.Take(from([]string{"1001", "1003"}[n%2], fmt.Sprint(n)), func(err error) {
				if err != nil {
					t.Error(n, err)
				}
			})
		}
		settle() // killed: nothing is closed
		var h heard
		second := openInbox(t, s, func(m *message.Message) {
			h.run(m)
			if a, _ := m.Data("X-A"); a != "b" || len(m.AllData()) != 2 || !m.AllData()[1].Outgoing || m.AllData()[0].Outgoing {
				t.Errorf("it lost something: %+v", m.AllData())
			}
		})
		second.Take(from("1001", "700"), func(error) {})
		second.Take(from("1003", "701"), func(error) {})
		second.Start()
		settle()
		got := h.all()
		even, odd := []string{}, []string{}
		for _, b := range got {
			if (b[len(b)-1]-'0')%2 == 0 {
				even = append(even, b)
			} else {
				odd = append(odd, b)
			}
		}
		for n, b := range even {
			if b != fmt.Sprint(2*n) {
				t.Fatalf("%d of one sender is %s", n, b)
			}
		}
		for n, b := range odd {
			if b != fmt.Sprint(2*n+1) {
				t.Fatalf("%d of the other sender is %s", n, b)
			}
		}
		if len(got) != len(want)+2 {
			t.Errorf("%d of %d were run", len(got), len(want)+2)
		}
		closeInbox(t, second)
		closeInbox(t, first)
	})
}

// TestRenamed: a server that gets a name runs what it took without one; what another has
// taken it leaves alone, and says so.
func TestRenamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		take := func(node, body string) {
			i, err := OpenInbox(t.Context(), InboxConfig{Store: s, Node: node, Run: func(*message.Message) {}})
			if err != nil {
				t.Fatal(err)
			}
			i.Take(from("1001", body), func(err error) {
				if err != nil {
					t.Error(err)
				}
			})
			synctest.Wait() // killed
		}
		take("", "1")
		take("south", "2")
		take("north", "3")
		var h heard
		var log bytes.Buffer
		i, err := OpenInbox(t.Context(), InboxConfig{Store: s, Node: "north", Run: h.run, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		i.Start()
		synctest.Wait()
		if got := h.all(); !slices.Equal(got, []string{"1", "3"}) {
			t.Errorf("it runs %q", got)
		}
		if got := log.String(); strings.Count(got, "level=WARN") != 1 || !strings.Contains(got, "south") {
			t.Errorf("it says\n%s", got)
		}
		closeInbox(t, i)
	})
}

// TestSentAgainAfterTheRestart is the same text, whose sender did not hear of the first
// time.
func TestSentAgainAfterTheRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		one := func() *message.Message {
			m := from("1001", "once")
			m.Request = "z9hG4bK1 h c"
			return m
		}
		first := openInbox(t, s, func(*message.Message) {})
		first.Take(one(), func(error) {})
		synctest.Wait()
		var h heard
		second := openInbox(t, s, h.run)
		second.Start()
		told := 0
		again := func() {
			second.Take(one(), func(err error) {
				if err != nil {
					t.Error(err)
				}
				told++
			})
			synctest.Wait()
		}
		again()
		time.Sleep(10 * time.Second)
		again()
		if told != 2 || len(h.all()) != 1 {
			t.Errorf("told %d times, run %q", told, h.all())
		}
		time.Sleep(time.Minute) // by then the name is somebody else's
		again()
		if told != 3 || len(h.all()) != 2 {
			t.Errorf("told %d times, run %q", told, h.all())
		}
		closeInbox(t, second)
		closeInbox(t, first)
	})
}

// TestRefusedIsNotRun has a text refused whose commit fails, even where it had
// succeeded after all.
func TestRefusedIsNotRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &trial{Messages: newStore()}
		var h heard
		i := openInbox(t, s, h.run)
		i.Start()
		full := errors.New("no space left on device")
		s.fail(full)
		var told error
		m := from("1001", "refused")
		i.Take(m, func(err error) { told = err })
		synctest.Wait()
		if !errors.Is(told, full) || i.Waiting() != 0 {
			t.Errorf("told %v, %d wait", told, i.Waiting())
		}
		r := record(m) // the engine had it
		r.AOR, r.Expires = inboxName, time.Now().Add(time.Hour)
		if err := s.Messages.Append(t.Context(), []store.Message{r}); err != nil {
			t.Fatal(err)
		}
		s.fail(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := kept(t, s, inboxName); n != 0 {
			t.Errorf("%d would come back", n)
		}
		i.Take(from("1001", "taken"), func(err error) { told = err })
		synctest.Wait()
		if told != nil || !slices.Equal(h.all(), []string{"taken"}) {
			t.Errorf("then told %v, run %q", told, h.all())
		}
		closeInbox(t, i)
	})
}

// TestStoreThatHangs refuses in time, and takes again.
func TestStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &trial{Messages: newStore(), takes: time.Hour}
		i := openInbox(t, s, func(*message.Message) { t.Error("it runs") })
		i.Start()
		start, told := time.Now(), time.Duration(0)
		i.Take(from("1001", "x"), func(err error) {
			if err == nil {
				t.Error("it is taken")
			}
			told = time.Since(start)
		})
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if told != commitTime {
			t.Errorf("told after %v", told)
		}
		i.Drain(t.Context())
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := i.Close(ctx); err == nil {
			t.Error("what could not be written is not told of")
		}
	})
}

// TestBounds has no more wait than may; a refused one has cost no place.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &trial{Messages: newStore()}
		i := openInbox(t, s, func(*message.Message) {})
		s.fail(store.ErrUnavailable)
		for range 3 * message.MaxWaitingFrom {
			i.Take(from("1001", "x"), func(err error) {
				if err == nil {
					t.Error("it is taken")
				}
			})
		}
		settle()
		s.fail(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		taken := 0
		for range message.MaxWaitingFrom + 10 {
			i.Take(from("1001", "x"), func(err error) {
				if err == nil {
					taken++
				} else if !errors.Is(err, message.ErrFull) {
					t.Error(err)
				}
			})
			settle()
		}
		if taken != message.MaxWaitingFrom {
			t.Errorf("%d are taken", taken)
		}
		closeInbox(t, i)
	})
}

// TestStoreAwayForLong: what is refused while the store is away costs no memory without
// end, and what comes when it is back is taken.
func TestStoreAwayForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &trial{Messages: newStore()}
		i := openInbox(t, s, func(*message.Message) {})
		i.Start()
		s.fail(store.ErrUnavailable)
		for n := range 3 * message.MaxWaiting {
			i.Take(from(fmt.Sprint(n), "x"), func(err error) {
				if err == nil {
					t.Error("it is taken")
				}
			})
			if n%100 == 0 {
				settle()
			}
		}
		settle()
		if n := i.marks.backlog(); n > message.MaxWaiting+100 || i.Waiting() != 0 {
			t.Errorf("%d marks and %d texts are remembered", n, i.Waiting())
		}
		s.fail(nil)
		time.Sleep(time.Minute)
		synctest.Wait()
		told := store.ErrUnavailable
		i.Take(from("1001", "x"), func(err error) { told = err })
		settle()
		if told != nil {
			t.Error(told)
		}
		closeInbox(t, i)
	})
}

// TestCrowdOfGuests: strangers, however many they say they are, hold up no account, and
// take no account's place.
func TestCrowdOfGuests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heard
		silent := make(chan struct{})
		i := openInbox(t, nil, func(m *message.Message) {
			if m.Peer == "" {
				<-silent
			}
			h.run(m)
		})
		i.Start()
		refused := 0
		for n := range message.MaxWaiting + 10 {
			m := from(fmt.Sprint("guest", n), "x")
			m.Peer = ""
			i.Take(m, func(err error) {
				if err != nil {
					refused++
				}
			})
		}
		i.Take(from("1001", "hello"), func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if got := h.all(); !slices.Equal(got, []string{"hello"}) || refused < message.MaxWaiting/2 || i.Waiting() != message.MaxWaiting+10-refused {
			t.Errorf("%q run, %d of the guests refused, %d wait", got, refused, i.Waiting())
		}
		close(silent)
		closeInbox(t, i)
	})
}

// TestTypingIsNotKept lets what is worth nothing later go straight through.
func TestTypingIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &trial{Messages: newStore(), fails: store.ErrUnavailable}
		var h heard
		i := openInbox(t, s.Messages, h.run)
		i.c.Store = s
		i.Start()
		m := from("1001", "typing")
		m.ContentType = "application/im-iscomposing+xml"
		told := store.ErrUnavailable
		i.Take(m, func(err error) { told = err })
		synctest.Wait()
		if told != nil || len(h.all()) != 1 || s.n != 0 {
			t.Errorf("told %v, run %q, %d commits", told, h.all(), s.n)
		}
		closeInbox(t, i)
	})
}

// TestCutOff has a text whose dialplan was cut off by the end of the process run
// again.
func TestCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		gate := make(chan struct{})
		first := openInbox(t, s, func(*message.Message) { <-gate })
		first.Start()
		for range 2 {
			first.Take(from("1001", "cut"), func(error) {})
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		first.Drain(ctx)
		close(gate)
		synctest.Wait()
		if err := first.Close(t.Context()); err != nil {
			t.Error(err)
		}
		var h heard
		second := openInbox(t, s, h.run)
		second.Start()
		synctest.Wait()
		if len(h.all()) != 2 {
			t.Errorf("%q run again", h.all())
		}
		closeInbox(t, second)
	})
}

// TestWithoutAStore runs all that was taken before the process ends.
func TestWithoutAStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var h heard
		i := openInbox(t, nil, func(m *message.Message) { time.Sleep(time.Second); h.run(m) })
		i.Start()
		for n := range 3 {
			i.Take(from("1001", fmt.Sprint(n)), func(err error) {
				if err != nil {
					t.Error(err)
				}
			})
		}
		closeInbox(t, i)
		if !slices.Equal(h.all(), []string{"0", "1", "2"}) {
			t.Errorf("run %q", h.all())
		}
		i.Take(from("1001", "too late"), func(err error) {
			if err == nil {
				t.Error("one is taken that nobody is going to run to its end")
			}
		})
	})
}

// TestIDs sort in the order they were made, whatever the clock does.
func TestIDs(t *testing.T) {
	g := newNames()
	now := time.UnixMilli(1_800_000_000_000)
	last := ""
	next := func(at time.Time) {
		t.Helper()
		id := g.next(at)
		if id <= last || len(id) != 24 {
			t.Fatalf("%s after %s", id, last)
		}
		last = id
	}
	for range 70_000 {
		next(now)
	}
	next(now.Add(-time.Hour))
	next(now.Add(time.Hour))
	future := fmt.Sprintf("%012x%04xzzzzzzzz", now.Add(48*time.Hour).UnixMilli(), 3)
	for _, id := range []string{"", "no such thing at all", future} {
		g.after(id)
	}
	last = future
	next(now)
}
