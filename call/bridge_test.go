package call

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// talk brings two channels together, as Dial does: one stays within its order,
// the other by an order of its own.
func talk(t *testing.T, r *Registry) (a, b *Channel, la, lb *fakeLeg, result chan error) {
	a, la = newChannel(t, r, "SIP/a-0")
	b, lb = newChannel(t, r, "SIP/b-0")
	bridge := NewBridge()
	result = make(chan error, 1)
	b.Start(Await)
	if err := b.Do(bridge.Order()); err != nil {
		t.Fatal(err)
	}
	a.Start(func(ctx context.Context, ch *Channel) Order {
		result <- bridge.Stay(ctx, ch, nil)
		return nil
	})
	synctest.Wait()
	return a, b, la, lb, result
}

func TestTwoTalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		a, b, la, lb, result := talk(t, r)
		if la.sound.joined() != lb.sound || a.Snapshot().Bridged != b.Name() {
			t.Fatal("they are not joined")
		}
		a.Notify(Event{Kind: EventDigit, Indication: Digit{Key: '5'}})
		a.Notify(Event{Kind: EventDigit, Indication: Digit{Key: '6'}, Relayed: true})
		b.Notify(Event{Kind: EventText, Indication: Text{Body: []byte("hi")}})
		b.Notify(Event{Kind: EventHold, Indication: Hold{}})
		b.Notify(Event{Kind: EventUnhold})
		synctest.Wait()
		if !lb.has("digit 5") || lb.has("digit 6") || !la.has("text hi") || !la.has("hold") || !la.has("unhold") {
			t.Errorf("a was told %v, b %v", la.told, lb.told)
		}
		b.Gone(CauseNormalClearing)
		if err := <-result; !errors.Is(err, ErrLeft) {
			t.Errorf("a's stay ended with %v", err)
		}
		<-a.Done()
		<-b.Done()
		if la.sound.joined() != nil || lb.sound.joined() != nil {
			t.Error("sound still flows")
		}
	})
}

func TestTheOtherIsHungUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		a, b, _, lb, result := talk(t, r)
		a.Gone(CauseNormalClearing)
		if err := <-result; !errors.Is(err, ErrGone) {
			t.Errorf("%v", err)
		}
		<-b.Done()
		if lb.cause != CauseNormalClearing {
			t.Errorf("b ended with %v", lb.cause)
		}
	})
}

// A channel whose leg has gone before it could join still lets the other go.
func TestAnOrderTooLateEndsTheBridge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		a, _ := newChannel(t, r, "SIP/a-0")
		b, _ := newChannel(t, r, "SIP/b-0")
		bridge := NewBridge()
		b.Start(Await)
		synctest.Wait()
		if err := b.Do(bridge.Order()); err != nil {
			t.Fatal(err)
		}
		b.Gone(CauseUserBusy)
		result := make(chan error, 1)
		a.Start(func(ctx context.Context, ch *Channel) Order {
			result <- bridge.Stay(ctx, ch, nil)
			return nil
		})
		if err := <-result; !errors.Is(err, ErrLeft) {
			t.Errorf("%v", err)
		}
		<-a.Done()
		<-b.Done()
	})
}

func TestTransferIsAnOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		a, b, _, _, result := talk(t, r)
		moved := make(chan *Channel, 1)
		other, err := TransferOther(b, func(_ context.Context, ch *Channel) Order {
			moved <- ch
			return Await
		}, nil)
		if err != nil || other != a {
			t.Fatalf("%v %v", other, err)
		}
		if err := <-result; !errors.Is(err, ErrOrdered) {
			t.Errorf("a's stay ended with %v", err)
		}
		if got := <-moved; got != a || a.IsGone() {
			t.Error("a does not live on")
		}
		<-b.Done() // nobody is left to talk to
		if _, err := TransferOther(a, Await, nil); !errors.Is(err, ErrNotBridged) {
			t.Errorf("%v", err)
		}
		a.Hangup(CauseNormalClearing)
		<-a.Done()
	})
}

func TestLocalCarriesEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		local := &Local{
			Registry: r, Exists: func(context, exten, _ string) bool { return context == "ctx" && exten == "100" },
			Run: func(string, string, int) Order {
				return func(ctx context.Context, ch *Channel) Order {
					ch.Leg().Ring()
					if err := ch.Answer(nil); err != nil {
						t.Error(err)
					}
					return Await
				}
			},
		}
		if _, err := local.Dial(t.Context(), Request{Target: "nosuch@ctx"}); err == nil {
			t.Error("an extension that does not exist is called")
		}
		box := NewMailbox()
		chans, err := local.Dial(t.Context(), Request{Target: "100@ctx/n", Inbox: box})
		if err != nil || len(chans) != 1 {
			t.Fatal(err)
		}
		synctest.Wait()
		var kinds []EventKind
		for e, ok := box.Take(); ok; e, ok = box.Take() {
			kinds = append(kinds, e.Kind)
		}
		if len(kinds) != 2 || kinds[0] != EventRinging || kinds[1] != EventAnswered {
			t.Errorf("%v", kinds)
		}
		far := r.Find(chans[0].Name()[:len(chans[0].Name())-1] + "2")
		x, y := &fakeMedia{}, &fakeMedia{}
		chans[0].Media().Join(x)
		far.Media().Join(y)
		if x.joined() != y {
			t.Error("sound does not pass straight from one end to the other")
		}
		chans[0].Hangup(CauseUserBusy)
		<-far.Done()
		if far.Cause() != CauseUserBusy {
			t.Errorf("the far half ended with %v", far.Cause())
		}
	})
}
