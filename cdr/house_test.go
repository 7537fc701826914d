package cdr

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/store"
)

// phone is a leg that says yes to everything.
type phone struct{}

func (phone) Ring() error                    { return nil }
func (phone) Progress([]media.Format) error  { return nil }
func (phone) Answer([]media.Format) error    { return nil }
func (phone) Indicate(call.Indication) error { return nil }
func (phone) Hangup(call.Cause)              {}
func (phone) Formats() []media.Format        { return nil }
func (phone) Media() call.Media              { return nil }

// notes are what a log was told.
type notes struct {
	mu   sync.Mutex
	said []string
	kept []store.CallRecord
	open map[store.CallKey]bool
	last store.CallRecord // that began
}

func (n *notes) Drop(k store.CallKey) { n.say("drop", k, false) }

func (n *notes) Begin(r store.CallRecord) {
	n.say("begin", r.CallKey, true)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = r
}

func (n *notes) End(rs ...store.CallRecord) {
	for _, r := range rs {
		n.say("end", r.CallKey, false)
		n.mu.Lock()
		n.kept = append(n.kept, r)
		n.mu.Unlock()
	}
}

func (n *notes) say(what string, k store.CallKey, open bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said = append(n.said, fmt.Sprintf("%s %d", what, k.Sequence))
	if n.open == nil {
		n.open = make(map[store.CallKey]bool)
	}
	if n.open[k] = open; !open {
		delete(n.open, k)
	}
}

// lines are the records kept, by sequence: channel, dstchannel, disposition, duration/billsec.
func (n *notes) lines() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := slices.Clone(n.kept)
	slices.SortFunc(all, func(a, b store.CallRecord) int { return int(a.Sequence - b.Sequence) })
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%s>%s %s %d/%d", r.Channel, r.DstChannel, r.Disposition, r.Duration, r.BillSec))
	}
	return strings.Join(out, ", ")
}

// exchange is channels with records.
type exchange struct {
	*call.Registry
	*Engine
	notes *notes
}

func newExchange(c Config) *exchange {
	x := &exchange{Registry: call.NewRegistry(slog.New(slog.DiscardHandler), nil), notes: &notes{}}
	x.Engine = New(c, x.notes)
	x.Record(x.Engine)
	return x
}

// comes makes the channel of somebody who calls.
func (x *exchange) comes(name string) *call.Channel {
	ch := x.Registry.New(call.Spec{Name: name, Leg: phone{}, State: call.StateRing, Place: call.Place{Context: "in", Exten: "1", Priority: 1}})
	ch.Start(call.Await)
	step(ch, "Wait")
	return ch
}

// calls makes the channel of somebody who is called for another.
func (x *exchange) calls(from *call.Channel, name string) *call.Channel {
	ch := x.Registry.New(call.Spec{Name: name, Leg: phone{}, State: call.StateDialing, Requestor: from})
	ch.Start(call.Await)
	from.DialBegun(ch)
	return ch
}

func step(ch *call.Channel, app string) {
	ch.Step(call.Step{Place: call.Place{Context: "in", Exten: "1", Priority: 1}, App: app})
}

// talks brings channels into a bridge in that order, one after the other.
func talks(t testing.TB, b *call.Bridge, channels ...*call.Channel) {
	for _, ch := range channels {
		in := make(chan struct{})
		err := ch.Do(func(ctx context.Context, ch *call.Channel) call.Order {
			close(in)
			b.Stay(ctx, ch, nil)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		<-in
		for ch.Bridge() == nil && !ch.IsGone() {
			time.Sleep(time.Microsecond)
		}
	}
}

// ends hangs up and waits until everybody has gone.
func (x *exchange) ends(t testing.TB, channels ...*call.Channel) {
	for _, ch := range channels {
		ch.Gone(call.CauseNormalClearing)
		<-ch.Done()
	}
	if err := x.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}
