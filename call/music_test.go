package call

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// band notes who hears what.
type band struct {
	mu     sync.Mutex
	events []string
}

func (b *band) note(s string) {
	b.mu.Lock()
	b.events = append(b.events, s)
	b.mu.Unlock()
}

func (b *band) Play(ctx context.Context, ch *Channel, class string) error {
	b.note(ch.Name() + " hears " + class)
	<-ctx.Done()
	b.note(ch.Name() + " hears no more")
	return context.Cause(ctx)
}

// TestHold: the other party of a phone that holds hears music until it comes back, or
// leaves.
func TestHold(t *testing.T) {
	for name, c := range map[string]struct {
		then func(a *Channel)
	}{
		"comes back": {func(a *Channel) { a.Notify(Event{Kind: EventUnhold}) }},
		"hangs up":   {func(a *Channel) { a.Gone(CauseNormalClearing) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, music := NewRegistry(quiet(), nil), &band{}
				r.SetMusic(music)
				a, b := r.New(Spec{Name: "SIP/a", Leg: &fakeLeg{sound: &fakeMedia{}}}), r.New(Spec{Name: "SIP/b", Leg: &fakeLeg{sound: &fakeMedia{}}})
				bridge := NewBridge()
				a.Start(bridge.Order())
				b.Start(bridge.Order())
				synctest.Wait()
				a.Notify(Event{Kind: EventHold, Indication: Hold{Class: "jazz"}})
				synctest.Wait()
				time.Sleep(time.Second)
				c.then(a)
				synctest.Wait()
				if got := music.events; len(got) != 2 || got[0] != "SIP/b hears jazz" || got[1] != "SIP/b hears no more" {
					t.Errorf("%v", got)
				}
				r.HangupAll(CauseNormalClearing)
				if err := r.Wait(context.Background()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
