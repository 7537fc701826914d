package call

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestOrdersAreCarriedOutEachOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		ch, leg := newChannel(t, r, "SIP/a-0")
		var done []string
		order := func(name string) Order {
			return func(ctx context.Context, _ *Channel) Order {
				<-ctx.Done()
				why := "gone"
				if errors.Is(context.Cause(ctx), ErrOrdered) {
					why = "ordered"
				}
				done = append(done, name+" "+why)
				return nil
			}
		}
		ch.Start(order("first"))
		synctest.Wait()
		// Two at once: the second cancels the first before it has begun, and both are carried out.
		if err := errors.Join(ch.Do(order("second")), ch.Do(order("third"))); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ch.Gone(CauseUserBusy)
		<-ch.Done()
		want := []string{"first ordered", "second ordered", "third gone"}
		if len(done) != 3 || done[0] != want[0] || done[1] != want[1] || done[2] != want[2] {
			t.Errorf("%v", done)
		}
		if ch.Do(End(CauseNone)) != ErrGone || !leg.has("hangup") || leg.cause != CauseUserBusy || r.Find("SIP/a-0") != nil {
			t.Errorf("after the end: %v, cause %v", leg.told, leg.cause)
		}
	})
}

func TestAnOrderReturnsTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		ch, leg := newChannel(t, r, "SIP/a-0")
		ch.Start(func(context.Context, *Channel) Order {
			return func(_ context.Context, ch *Channel) Order { return End(CauseCongestion) }
		})
		<-ch.Done()
		if leg.cause != CauseCongestion {
			t.Errorf("cause %v", leg.cause)
		}
	})
}

// TestAFaultEndsOneCall has an order panic in a bridge: its channel ends, is taken off
// the list and out of the bridge, and the other one goes on.
func TestAFaultEndsOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said strings.Builder
		r := NewRegistry(slog.New(slog.NewTextHandler(&said, nil)), nil)
		faulty, leg := newChannel(t, r, "SIP/a-0")
		other, _ := newChannel(t, r, "SIP/b-1")
		b := NewBridge()
		stay := func(hear Ear) Order {
			return func(ctx context.Context, ch *Channel) Order {
				if err := b.Stay(ctx, ch, hear); errors.Is(err, ErrLeft) {
					return End(CauseNormalClearing)
				}
				return nil
			}
		}
		other.Start(stay(nil))
		faulty.Start(stay(faultyEar{}))
		synctest.Wait()
		faulty.Notify(Event{Kind: EventDigit})
		<-faulty.Done()
		<-other.Done()
		if leg.cause != CauseTemporaryFailure || r.Find("SIP/a-0") != nil || faulty.Bridge() != nil {
			t.Errorf("cause %v, bridge %v", leg.cause, faulty.Bridge())
		}
		if !strings.Contains(said.String(), "no such key") || !strings.Contains(said.String(), "channel_test.go") {
			t.Errorf("the log says %s", &said)
		}
	})
}

func TestEventsGoToWhoListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		ch, _ := newChannel(t, r, "SIP/a-0")
		ch.Start(Await)
		digit := func(k byte) Event { return Event{Kind: EventDigit, Indication: Digit{Key: k}} }
		ch.Notify(digit('1'))
		box := NewMailbox()
		stop := ch.Listen(box)
		ch.Notify(digit('2'))
		stop()
		ch.Notify(digit('3'))
		heard := func(m *Mailbox) (s string) {
			for e, ok := m.Take(); ok; e, ok = m.Take() {
				s += string(e.Indication.(Digit).Key)
			}
			return s
		}
		if a, b := heard(box), heard(ch.Inbox()); a != "12" || b != "3" {
			t.Errorf("the listener heard %q, the channel kept %q", a, b)
		}
		for range 2 * mailboxLimit {
			ch.Notify(digit('x'))
		}
		ch.Notify(Event{Kind: EventAnswered})
		n, last := 0, Event{}
		for e, ok := ch.Inbox().Take(); ok; e, ok = ch.Inbox().Take() {
			n, last = n+1, e
		}
		if n != mailboxLimit+1 || last.Kind != EventAnswered {
			t.Errorf("%d events, the last is %v: what decides a call is never dropped", n, last.Kind)
		}
		if ch.State() != StateUp || ch.AnsweredAt().IsZero() {
			t.Error("an answered channel is up")
		}
		ch.Hangup(CauseNormalClearing)
		<-ch.Done()
	})
}

func TestVariablesPassOn(t *testing.T) {
	r := NewRegistry(quiet(), nil)
	a, _ := newChannel(t, r, "SIP/a-0")
	a.Vars.Set("_ONE", "1")
	a.Vars.Set("__TWO", "2")
	a.Vars.Set("NONE", "3")
	b := r.New(Spec{Name: "SIP/b-0", Leg: &fakeLeg{}, Requestor: a})
	c := r.New(Spec{Name: "SIP/c-0", Leg: &fakeLeg{}, Requestor: b})
	get := func(ch *Channel, name string) string { v, _ := ch.Vars.Get(name); return v }
	if get(b, "ONE")+get(b, "TWO")+get(b, "NONE") != "12" || get(c, "ONE")+get(c, "TWO") != "2" {
		t.Error("one underscore reaches the next channel, two reach all")
	}
	if c.LinkedID() != a.ID() || b.ID() == a.ID() {
		t.Error("the linked id is that of the first channel")
	}
}

func TestAtEndAndWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		ch, _ := newChannel(t, r, "SIP/a-0")
		ended := false
		ch.AtEnd(func() { ended = true })
		ch.Start(Await)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Wait(ctx); err == nil {
			t.Error("Wait returned while a channel lived")
		}
		r.HangupAll(CauseNormalClearing)
		if err := r.Wait(t.Context()); err != nil || !ended {
			t.Errorf("%v, ended %v", err, ended)
		}
	})
}

func TestCauses(t *testing.T) {
	for s, want := range map[string]Cause{"USER_BUSY": CauseUserBusy, "17": CauseUserBusy, "0": CauseNone, "127": CauseInterworking} {
		if c, ok := ParseCause(s); !ok || c != want {
			t.Errorf("%s: %v %v", s, c, ok)
		}
	}
	for _, bad := range []string{"CONGESTION", "user_busy", "128", "-1", ""} {
		if _, ok := ParseCause(bad); ok {
			t.Errorf("%q is a cause", bad)
		}
	}
	if CauseSubscriberAbsent.String() != "Subscriber absent" || Cause(99).String() == "" || Cause(126).String() != "Unknown" {
		t.Error("the original's words")
	}
}

// faultyEar is a fault of ours.
type faultyEar struct{}

func (faultyEar) Hear(Event) (bool, Act) { panic("no such key") }
func (faultyEar) Due() <-chan time.Time  { return nil }
func (faultyEar) Overdue() Act           { return nil }
