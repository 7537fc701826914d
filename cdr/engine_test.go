package cdr

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
)

// TestWhoIsPartyA has two channels meet that nobody dialled.
func TestWhoIsPartyA(t *testing.T) {
	for name, c := range map[string]struct {
		prefer string
		order  []string
		want   string
	}{
		"the older one":                     {"", []string{"a", "b"}, "a>b ANSWERED 3/2"},
		"the older one, that came second":   {"", []string{"b", "a"}, "a>b ANSWERED 3/2"},
		"the one that is preferred":         {"b", []string{"a", "b"}, "b>a ANSWERED 2/2"},
		"the one that is preferred, first":  {"b", []string{"b", "a"}, "b>a ANSWERED 2/2"},
		"the older one, that was preferred": {"a", []string{"b", "a"}, "a>b ANSWERED 3/2"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				x := newExchange(Defaults())
				ch := map[string]*call.Channel{"a": x.comes("a")}
				time.Sleep(time.Second)
				ch["b"] = x.comes("b")
				if c.prefer != "" {
					x.Prefer(ch[c.prefer], true)
				}
				for _, each := range ch {
					each.SetState(call.StateUp)
				}
				b := call.NewBridge()
				talks(t, b, ch[c.order[0]], ch[c.order[1]])
				time.Sleep(2 * time.Second)
				x.ends(t, ch["a"], ch["b"])
				var mine []string
				for _, line := range strings.Split(x.notes.lines(), ", ") {
					if !strings.Contains(line, "> ") {
						mine = append(mine, line)
					}
				}
				if got := strings.Join(mine, ", "); got != c.want {
					t.Errorf("the records are %s, want %s", got, c.want)
				}
				if len(x.notes.open) > 0 {
					t.Errorf("left open: %v", x.notes.open)
				}
			})
		})
	}
}

// TestFork is about what ForkCDR refuses, and about the parties of a fork.
func TestFork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(Defaults())
		a := x.comes("a")
		b := x.calls(a, "b")
		if err := x.Fork(a, "v"); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second)
		a.DialEnded(b, "BUSY")
		if err := x.Fork(a, ""); !errors.Is(err, ErrOver) {
			t.Errorf("what is over was forked: %v", err)
		}
		x.ends(t, b, a)
		if got := x.notes.lines(); got != "a>b BUSY 1/0, a>b BUSY 1/0" {
			t.Errorf("the records are %s", got)
		}
		none := call.NewRegistry(a.Log(), nil).New(call.Spec{Name: "none", Leg: phone{}})
		if err := x.Fork(none, ""); !errors.Is(err, ErrNone) {
			t.Errorf("a channel without records was forked: %v", err)
		}
		x.Reset(none, false)
		x.Disable(none, true)
		x.Prefer(none, true)
		x.SetVariable(none, "a", "b")
		x.SetUserField(none, "a")
		if _, ok := x.Current(none); ok || x.ShowChannel(io.Discard, none) {
			t.Error("a channel without records has one")
		}
	})
}

// TestDialStatus has a Dial come out in each way.
func TestDialStatus(t *testing.T) {
	for status, want := range map[string]string{
		"BUSY": "BUSY", "NOANSWER": "NO ANSWER", "CANCEL": "NO ANSWER", "CONGESTION": "FAILED", "CHANUNAVAIL": "FAILED", "ANSWER": "ANSWERED",
	} {
		synctest.Test(t, func(t *testing.T) {
			x := newExchange(Defaults())
			a := x.comes("a")
			b := x.calls(a, "b")
			a.DialEnded(b, status)
			a.DialEnded(b, "NOANSWER") // too late
			r, _ := x.Current(a)
			if r.Disposition != want {
				t.Errorf("%s is %s, want %s", status, r.Disposition, want)
			}
			x.ends(t, b, a)
			a.DialEnded(b, "BUSY") // of one that has ended
			if got := x.notes.lines(); got != "a>b "+want+" 0/0" {
				t.Errorf("%s makes %s", status, got)
			}
		})
	}
}

// TestForkOfACallThatIsOpen: as long as nothing is known of how a call ends, nobody has answered it; no more than that.
func TestForkOfACallThatIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Defaults()
		c.Unanswered = true
		x := newExchange(c)
		a := x.comes("a")
		if err := x.Fork(a, "e"); err != nil {
			t.Error(err)
		}
		x.ends(t, a)
		if got := x.notes.lines(); got != "a> NO ANSWER 0/0, a> NO ANSWER 0/0" {
			t.Errorf("the records are %s", got)
		}
	})
}

// TestResetIsNoted: should the server die, the record begins where ResetCDR had it begin.
func TestResetIsNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(Defaults())
		a := x.comes("a")
		a.SetState(call.StateUp)
		time.Sleep(time.Minute)
		x.Reset(a, false)
		if r := x.notes.last; !r.Start.Equal(time.Now()) || !r.Answer.Equal(time.Now()) {
			t.Errorf("noted as begun: start %v, answer %v", r.Start, r.Answer)
		}
		x.ends(t, a)
		if got := x.notes.lines(); got != "a> ANSWERED 0/0" || len(x.notes.open) > 0 {
			t.Errorf("the records are %s, open %v", got, x.notes.open)
		}
	})
}

// TestDialInALoop: what is over goes to the log, so that a channel that dials for ever does not grow.
func TestDialInALoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(Defaults())
		a := x.comes("a")
		for i := range 1000 {
			b := x.calls(a, fmt.Sprint("b", i))
			a.DialEnded(b, "BUSY")
			x.endsOne(b)
			step(a, "Wait")
		}
		l := lineOf(a)
		if len(l.chain) > 2 || cap(l.chain) > 8 || len(l.group.Load().lines) != 1 {
			t.Errorf("%d records and %d channels are held", len(l.chain), len(l.group.Load().lines))
		}
		x.ends(t, a)
		if len(x.notes.kept) != 1000 {
			t.Errorf("%d records", len(x.notes.kept))
		}
	})
}

func (x *exchange) endsOne(ch *call.Channel) {
	ch.Gone(call.CauseUserBusy)
	<-ch.Done()
}

// TestMany has calls meet, part and change at random, from several goroutines: every record that begins ends or is dropped.
func TestMany(t *testing.T) {
	x := newExchange(Defaults())
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(g)))
			for i := range 100 {
				x.atRandom(t, r, fmt.Sprintf("%d-%d", g, i))
			}
		})
	}
	wg.Wait()
	if err := x.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(x.notes.open) > 0 || len(x.notes.kept) == 0 {
		t.Errorf("%d left open, %d kept", len(x.notes.open), len(x.notes.kept))
	}
	seen := make(map[int64]bool)
	for _, k := range x.notes.kept {
		if seen[k.Sequence] {
			t.Errorf("record %d came twice", k.Sequence)
		}
		seen[k.Sequence] = true
		if k.End.Before(k.Start) || k.Disposition == "" {
			t.Errorf("%+v", k)
		}
	}
}

// atRandom is three channels: one calls another, and one of them meets the third.
func (x *exchange) atRandom(t *testing.T, r *rand.Rand, name string) {
	a, c := x.comes("a"+name), x.comes("c"+name)
	b := x.calls(a, "b"+name)
	all := []*call.Channel{a, b, c}
	for range 8 {
		ch := all[r.IntN(3)]
		switch r.IntN(9) {
		case 0:
			ch.SetState(call.StateUp)
		case 1:
			a.DialEnded(b, []string{"ANSWER", "BUSY"}[r.IntN(2)])
		case 2:
			x.SetVariable(ch, "x", name)
		case 3:
			x.Disable(ch, r.IntN(2) == 0)
		case 4:
			_ = x.Fork(ch, []string{"", "e", "r", "av"}[r.IntN(4)])
		case 5:
			x.Reset(ch, r.IntN(2) == 0)
		case 6:
			step(ch, "NoOp")
		case 7:
			x.Current(ch)
			x.ShowActive(io.Discard, all)
		case 8:
			ch.Gone(call.CauseNormalClearing)
		}
	}
	other := all[1+r.IntN(2)]
	bridge := call.NewBridge()
	if a.Do(bridge.Order()) == nil && other.Do(bridge.Order()) == nil {
		x.Current(other)
	}
	for _, ch := range all {
		ch.Gone(call.CauseNormalClearing)
	}
}

// BenchmarkCall is what records add to a call: dialled, answered, over.
func BenchmarkCall(b *testing.B) {
	for _, with := range []bool{false, true} {
		b.Run(map[bool]string{false: "without", true: "with"}[with], func(b *testing.B) {
			x := newExchange(Defaults())
			if !with {
				x.Record(nil)
			} else {
				x.Engine.log = nothing{}
			}
			b.ReportAllocs()
			for b.Loop() {
				a := x.Registry.New(call.Spec{Name: "a", Leg: phone{}, State: call.StateRing})
				step(a, "NoOp")
				step(a, "Dial")
				c := x.Registry.New(call.Spec{Name: "b", Leg: phone{}, State: call.StateDialing, Requestor: a})
				a.DialBegun(c)
				c.SetState(call.StateUp)
				a.DialEnded(c, "ANSWER")
				a.SetState(call.StateUp)
				bridge := call.NewBridge()
				for _, ch := range []*call.Channel{c, a} {
					ch.Gone(call.CauseNormalClearing)
					ch.Start(bridge.Order())
				}
				<-a.Done()
				<-c.Done()
			}
		})
	}
}
