package lock

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
	"obelus/function/functiontest"
	"obelus/pbx"
)

// second is another channel of the same switchboard.
func second(x *pbx.Exec, name string) *pbx.Exec {
	ch := x.Channel().Registry().New(call.Spec{Name: name, Leg: &functiontest.Leg{}})
	return x.PBX().NewExec(ch, call.Place{Context: "agi", Exten: "s", Priority: 1})
}

func ends(x *pbx.Exec) {
	x.Channel().Start(func(context.Context, *call.Channel) call.Order { return nil })
	<-x.Channel().Done()
}

func TestLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x, w := functiontest.New(t, &functiontest.Leg{}, Table())
		y := second(x, "SIP/2")
		functiontest.Cases{
			{"${LOCK(a)}${LOCK(a)}${TRYLOCK(b)}", "111", ""},
			{"${LOCK()}${UNLOCK()}", "11", ""},
		}.Run(t, x, w)
		if got := y.Expand("${TRYLOCK(a)}${TRYLOCK(c)}${UNLOCK(a)}${UNLOCK(none)}"); got != "0100" {
			t.Errorf("another takes %s", got)
		}
		begun := time.Now()
		if got := y.Expand("${LOCK(a)}"); got != "0" || time.Since(begun) != patience {
			t.Errorf("with a lock of its own it gets %s after %v", got, time.Since(begun))
		}
		done := make(chan string)
		y.Expand("${UNLOCK(c)}")
		go func() { done <- y.Expand("${LOCK(a)}") }()
		synctest.Wait()
		time.Sleep(time.Minute)
		x.Expand("${UNLOCK(a)}")
		synctest.Wait()
		if got := x.Expand("${UNLOCK(a)}"); got != "1" || <-done != "1" {
			t.Error("a lock that was given back is not to be had")
		}
		if got := x.Expand("${UNLOCK(a)}"); got != "0" {
			t.Error("it gave back what it had not")
		}
		ends(y)
		if got := x.Expand("${TRYLOCK(a)}"); got != "1" {
			t.Error("a channel took its locks with it")
		}
		z := second(x, "SIP/3")
		go func() { done <- z.Expand("${LOCK(a)}") }()
		synctest.Wait()
		z.Channel().Hangup(call.CauseNormalClearing)
		if got := <-done; got != "0" {
			t.Errorf("a channel that has gone got %s", got)
		}
		ends(z)
		ends(x)
	})
}

// TestLeftovers: nothing is kept of locks that are free.
func TestLeftovers(t *testing.T) {
	l := &locks{named: make(map[string]*lock), held: make(map[*call.Channel]int)}
	x, _ := functiontest.New(t, &functiontest.Leg{}, nil)
	for range 3 {
		if _, err := l.take(x, "a", true); err != nil {
			t.Fatal(err)
		}
		l.release(x.Channel(), "a")
	}
	if _, err := l.take(x, "b", true); err != nil {
		t.Fatal(err)
	}
	l.releaseAll(x.Channel())
	if len(l.named) != 0 || len(l.held) != 0 {
		t.Errorf("%d locks, %d channels", len(l.named), len(l.held))
	}
}
