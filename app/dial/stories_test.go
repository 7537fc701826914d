package dial

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"obelus/app/apptest"
	"obelus/call"
)

// storyPlan is where stories happen: calls, groups of phones, forwarding, picking up, and what transfers lead to.
const storyPlan = "[c]\nexten => s,1,Dial(%s)\nsame => n,Dial(SIP/two,5,tT)\nexten => h,1,NoOp(h)\n" +
	"exten => 200,1,Dial(SIP/two,20,tTg)\nsame => n,NoOp(on)\nexten => 300,1,Answer()\nsame => n,Wait(5)\nexten => 400,1,Hangup(17)\n" +
	"exten => 500,1,Dial(SIP/one&SIP/two,10,tThHkK)\nexten => pick,1,Pickup(s@c&200@c&500@c)\nexten => any,1,PickupChan(SIP/one&SIP/two)\n"

// TestStories lets people do what they like, in any order: whatever that is, every channel ends, and so does every goroutine (the bubble sees to that).
func TestStories(t *testing.T) {
	stories := uint64(2000)
	if testing.Short() {
		stories = 200
	}
	for seed := range stories {
		synctest.Test(t, func(t *testing.T) { story(t, rand.New(rand.NewPCG(seed, 5))) })
		if t.Failed() {
			t.Fatalf("story %d", seed)
		}
	}
}

func one[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// story is one of them. Everybody has gone after two minutes, or is sent away after three.
func story(t *testing.T, r *rand.Rand) {
	conf := atxfer()
	conf.Map["blindxfer"] = one(r, "#1", "#", "*")
	conf.NoAnswer = time.Duration(1+r.IntN(8)) * time.Second
	conf.CallbackRetries, conf.LoopDelay, conf.DropCall = r.IntN(3), time.Duration(1+r.IntN(3))*time.Second, r.IntN(4) == 0
	options := one(r, "", "tT", "tTg", "hHtT", "tTL(20000:5000:1000)", "tTS(15)", "tTF(c^300^1)", "tTeg", "tTU(nowhere)", "tTG(c^300^1)", "tTA(hi)", "tTD(12)", "tTm", "tTrc")
	dials := one(r, "SIP/one", "SIP/one&SIP/two", "Local/200@c/n", "Local/500@c", "SIP/one&Local/200@c/n") + ",12," + options
	phones := map[string]apptest.Script{"one": behaves(r), "two": behaves(r), "three": behaves(r)}
	h := keyHouse(t, fmt.Sprintf(storyPlan, dials), conf, phones)
	caller := h.Incoming()
	acts(r, caller, true)
	for i := range r.IntN(3) {
		taker := h.Registry().New(call.Spec{Name: fmt.Sprintf("SIP/taker-%d", i), Leg: apptest.NewPhone(), State: call.StateRing, Place: call.Place{Context: "c", Exten: "pick", Priority: 1}})
		acts(r, taker, true)
		exten, at := one(r, "pick", "any"), moment(r, 12)
		taker.Start(func(ctx context.Context, _ *call.Channel) call.Order {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(at):
				return h.Run("c", exten, 1)
			}
		})
	}
	for i := range 3 { // phones that do the same at every call may call each other without end
		defer time.AfterFunc(3*time.Minute+time.Duration(i)*10*time.Second, func() { h.Registry().HangupAll(call.CauseNormalClearing) }).Stop()
	}
	h.Call()
	for _, c := range h.Registry().All() {
		t.Errorf("%s has not ended: %s", c.Name(), h.Log.String())
	}
}

// moment is one of few within so many seconds, so that much happens at once.
func moment(r *rand.Rand, seconds int) time.Duration {
	return max(time.Duration(r.IntN(seconds*2))*500*time.Millisecond, 1)
}

// behaves is what a called phone does.
func behaves(r *rand.Rand) apptest.Script {
	if r.IntN(8) == 0 {
		return apptest.Script{Refuse: one(r, call.CauseUserBusy, call.CauseCongestion)}
	}
	events := []apptest.Event{rings(0)}
	switch r.IntN(6) {
	case 0:
		events = append(events, happens(2, call.EventBusy, call.CauseUserBusy))
	case 1:
		events = append(events, apptest.Event{At: time.Second, Event: call.Event{Kind: call.EventForwarded, Forward: one(r, "Local/200@c", "Local/s@c", "Local/300@c", "SIP/three")}})
	case 2: // rings for ever
	default:
		at := moment(r, 8)
		events = append(events, apptest.Event{At: at, Event: call.Event{Kind: call.EventAnswered}})
		for range r.IntN(4) {
			at += moment(r, 4)
			events = append(events, presses(at.Seconds(), keysOf(r))...)
			events = append(events, apptest.Event{At: at, Event: call.Event{Kind: one(r, call.EventHold, call.EventUnhold), Indication: call.Hold{}}})
		}
	}
	return apptest.Script{Events: append(events, apptest.Event{At: moment(r, 40) + time.Second, Event: call.Event{Kind: call.EventGone, Cause: call.CauseNormalClearing}},
		apptest.Event{At: 2 * time.Minute, Event: call.Event{Kind: call.EventGone, Cause: call.CauseNormalClearing}})}
}

func keysOf(r *rand.Rand) string {
	return one(r, "#1", "#1200", "#300", "#1400", "*2200", "*2300", "*2s", "*2400", "*1", "*2", "*3", "*4", "*0", "#", "*", "5")
}

// acts has somebody who calls press keys, hold, be sent elsewhere and hang up.
func acts(r *rand.Rand, ch *call.Channel, leaves bool) {
	for range r.IntN(6) {
		keys := keysOf(r)
		at := moment(r, 20)
		switch r.IntN(6) {
		case 0:
			kind := one(r, call.EventHold, call.EventUnhold)
			time.AfterFunc(at, func() { ch.Notify(call.Event{Kind: kind, Indication: call.Hold{}}) })
		default:
			time.AfterFunc(at, func() {
				for i := range len(keys) {
					ch.Notify(call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: keys[i]}})
				}
			})
		}
	}
	if leaves && r.IntN(2) == 0 {
		time.AfterFunc(moment(r, 30), func() { ch.Gone(call.CauseNormalClearing) })
	}
	time.AfterFunc(2*time.Minute, func() { ch.Gone(call.CauseNormalClearing) })
}
