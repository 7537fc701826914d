package call

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// two brings two channels together; both stay within an order of their own.
type two struct {
	a, b   *Channel
	la, lb *fakeLeg
	result chan error
}

func together(t *testing.T, r *Registry, a, b string) two {
	t.Helper()
	var p two
	p.a, p.la = newChannel(t, r, a)
	p.b, p.lb = newChannel(t, r, b)
	p.result = make(chan error, 1)
	bridge := NewBridge()
	p.b.Start(bridge.Order())
	p.a.Start(func(ctx context.Context, ch *Channel) Order {
		p.result <- bridge.Stay(ctx, ch, nil)
		return nil
	})
	synctest.Wait()
	return p
}

// TestTransferAttended has the transferring party be the caller or the called one of both calls.
func TestTransferAttended(t *testing.T) {
	for name, pick := range map[string]func(x, y two) (a, b, left, right *Channel, l, r *fakeLeg){
		"called, caller": func(x, y two) (a, b, left, right *Channel, l, r *fakeLeg) { return x.b, y.a, x.a, y.b, x.la, y.lb },
		"caller, caller": func(x, y two) (a, b, left, right *Channel, l, r *fakeLeg) { return x.a, y.a, x.b, y.b, x.lb, y.lb },
		"called, called": func(x, y two) (a, b, left, right *Channel, l, r *fakeLeg) { return x.b, y.b, x.a, y.a, x.la, y.la },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := NewRegistry(quiet(), nil)
				x, y := together(t, r, "SIP/a-0", "SIP/b-0"), together(t, r, "SIP/c-0", "SIP/d-0")
				a, b, left, right, ll, lr := pick(x, y)
				who, err := TransferAttended(a, b, nil)
				if err != nil || who != right {
					t.Fatalf("%v, %v", who, err)
				}
				synctest.Wait()
				a.Hangup(CauseNormalClearing)
				b.Hangup(CauseNormalClearing)
				<-a.Done()
				<-b.Done()
				synctest.Wait()
				if ll.sound.joined() != lr.sound || lr.sound.joined() != ll.sound || left.IsGone() || right.IsGone() {
					t.Fatal("the two are not joined")
				}
				left.Notify(Event{Kind: EventDigit, Indication: Digit{Key: '7'}})
				synctest.Wait()
				if !lr.has("digit 7") {
					t.Error("a key does not pass")
				}
				right.Gone(CauseNormalClearing)
				<-left.Done()
				<-right.Done()
			})
		})
	}
}

// TestTransferToAnApplication has one of the two calls talk to nobody: the other's party takes its place in the dialplan.
func TestTransferToAnApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		x := together(t, r, "SIP/a-0", "SIP/b-0")
		mailbox, _ := newChannel(t, r, "SIP/b-1")
		mailbox.SetStep(Place{"in", "8500", 2}, "VoiceMailMain", "")
		mailbox.Start(Await)
		if _, err := TransferAttended(mailbox, x.b, nil); !errors.Is(err, ErrNoPlace) {
			t.Errorf("%v", err)
		}
		at := make(chan Place, 1)
		who, err := TransferAttended(x.b, mailbox, func(p Place) Order {
			at <- p
			return Await
		})
		if err != nil || who != x.a || <-at != (Place{"in", "8500", 2}) {
			t.Errorf("%v, %v", who, err)
		}
		if err := <-x.result; !errors.Is(err, ErrOrdered) {
			t.Errorf("%v", err)
		}
		<-x.b.Done()
		for _, ch := range []*Channel{mailbox, x.a} {
			ch.Hangup(CauseNormalClearing)
			<-ch.Done()
		}
		if _, err := TransferAttended(mailbox, x.a, nil); !errors.Is(err, ErrNotBridged) {
			t.Errorf("%v", err)
		}
	})
}

// TestTakePlace has a new channel take the place of one that talks.
func TestTakePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		x := together(t, r, "SIP/a-0", "SIP/b-0")
		in, leg := newChannel(t, r, "SIP/c-0")
		in.Start(Await)
		if err := TakePlace(x.b, in); err != nil {
			t.Fatal(err)
		}
		x.b.Hangup(CauseNormalClearing)
		<-x.b.Done()
		synctest.Wait()
		if x.la.sound.joined() != leg.sound || x.a.IsGone() {
			t.Error("they are not joined")
		}
		x.a.Gone(CauseNormalClearing)
		<-in.Done()
		<-x.a.Done()
	})
}

// TestNobodyComes: who was to take a place has gone before it could.
func TestNobodyComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		x, y := together(t, r, "SIP/a-0", "SIP/b-0"), together(t, r, "SIP/c-0", "SIP/d-0")
		b := x.a.Bridge()
		y.a.Gone(CauseNormalClearing)
		if err := b.Replace(x.b, y.a); err == nil {
			t.Error("one that has gone was taken")
		}
		for _, ch := range []*Channel{x.a, x.b, y.a, y.b} {
			<-ch.Done()
		}
	})
}

// TestAway has a party do something else, and come back.
func TestAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		x := together(t, r, "SIP/a-0", "SIP/b-0")
		b := x.a.Bridge()
		did := make(chan bool)
		err := b.Have(x.b, func(ctx context.Context, ch *Channel) error {
			b.Away(ch)
			did <- x.la.sound.joined() == nil
			did <- true
			b.Back(ch)
			return nil
		})
		if err != nil || !<-did {
			t.Fatal("they are still joined: ", err)
		}
		x.a.Notify(Event{Kind: EventDigit, Indication: Digit{Key: '7'}})
		synctest.Wait()
		if x.lb.has("digit 7") {
			t.Error("a key passes to one who is away")
		}
		<-did
		synctest.Wait()
		if x.la.sound.joined() != x.lb.sound {
			t.Error("they are not joined again")
		}
		if err := b.Dismiss(x.b); err != nil {
			t.Error(err)
		}
		<-x.b.Done()
		if x.a.IsGone() || b.Other(x.a) != nil {
			t.Error("the bridge has ended with it")
		}
		x.a.Gone(CauseNormalClearing)
		<-x.a.Done()
	})
}

// listener hears keys: # has it play for a second, others are kept until a second has passed.
type listener struct {
	b    *Bridge
	kept []Event
	due  *time.Timer
	got  func(keys string)
}

func (l *listener) Hear(e Event) (bool, Act) {
	d, ok := e.Indication.(Digit)
	switch {
	case !ok:
		return false, nil
	case d.Key == '#':
		return true, func(ctx context.Context, ch *Channel) error {
			ctx, cancel := l.b.During(ctx)
			defer cancel()
			var keys []byte
			for len(keys) < 2 {
				select {
				case <-ctx.Done():
					l.got(context.Cause(ctx).Error())
					return nil
				case <-ch.Inbox().C:
				}
				for e, ok := ch.Inbox().Take(); ok; e, ok = ch.Inbox().Take() {
					keys = append(keys, e.Indication.(Digit).Key)
				}
			}
			l.got(string(keys))
			return nil
		}
	}
	l.kept = append(l.kept, e)
	l.due = time.NewTimer(time.Second)
	return true, nil
}

func (l *listener) Due() <-chan time.Time {
	if l.due == nil {
		return nil
	}
	return l.due.C
}

func (l *listener) Overdue() Act {
	for _, e := range l.kept {
		l.b.Pass(e)
	}
	l.kept, l.due = nil, nil
	return nil
}

// TestEar: keys are held back for a while, and what one begins is done while nobody else listens.
func TestEar(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		a, _ := newChannel(t, r, "SIP/a-0")
		b, lb := newChannel(t, r, "SIP/b-0")
		bridge := NewBridge()
		got := make(chan string, 2)
		a.Start(bridge.OrderWith(&listener{b: bridge, got: func(k string) { got <- k }}))
		b.Start(bridge.Order())
		synctest.Wait()
		press := func(keys string) {
			for i := range len(keys) {
				a.Notify(Event{Kind: EventDigit, Indication: Digit{Key: keys[i]}})
			}
			synctest.Wait()
		}
		press("1")
		if lb.has("digit 1") {
			t.Error("it is not held back")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !lb.has("digit 1") {
			t.Error("it is not passed on")
		}
		press("#23")
		if keys := <-got; keys != "23" {
			t.Errorf("it got %q", keys)
		}
		press("#")
		b.Gone(CauseNormalClearing)
		if said := <-got; said != ErrLeft.Error() {
			t.Errorf("it got %q", said)
		}
		<-a.Done()
		<-b.Done()
	})
}

// TestPickup: who calls is told who has taken the call.
func TestPickup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		ringing, _ := newChannel(t, r, "SIP/a-0")
		in, _ := newChannel(t, r, "SIP/b-0")
		ringing.SetState(StateRinging)
		if err := Pickup(ringing, in); !errors.Is(err, ErrNoPlace) {
			t.Errorf("a call that nobody makes was picked up: %v", err)
		}
		box := NewMailbox()
		ringing.Listen(box)
		if err := TakePlace(ringing, in); err != nil {
			t.Fatal(err)
		}
		if e, _ := box.Take(); e.Kind != EventPickedUp || e.By != in || e.Channel != ringing {
			t.Errorf("%+v", e)
		}
		for _, ch := range []*Channel{ringing, in} {
			ch.Start(End(CauseNormalClearing))
			<-ch.Done()
		}
	})
}
