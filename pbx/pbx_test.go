package pbx

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/call"
	"obelus/conf"
	"obelus/dialplan/syntax"
	"obelus/event"
	"obelus/media"
)

// mute is a leg with nobody behind it.
type mute struct{ tones []call.Tone }

func (*mute) Ring() error                   { return nil }
func (*mute) Progress([]media.Format) error { return nil }
func (*mute) Answer([]media.Format) error   { return nil }
func (*mute) Hangup(call.Cause)             {}
func (*mute) Formats() []media.Format       { return nil }
func (*mute) Media() call.Media             { return nil }

func (m *mute) Indicate(i call.Indication) error {
	if t, ok := i.(call.Tone); ok {
		m.tones = append(m.tones, t)
	}
	return nil
}

// house is a switchboard with a few applications for tests.
type house struct {
	*PBX
	mu    sync.Mutex
	steps []string
	log   bytes.Buffer
}

func newHouse(t *testing.T, plan string) *house {
	t.Helper()
	h := &house{}
	apps := []Application{
		{Name: "NoOp", Run: func(context.Context, *Exec, string) error { return nil }},
		{Name: "Wait", Run: func(ctx context.Context, x *Exec, data string) error {
			d, err := time.ParseDuration(data)
			if err != nil {
				return err
			}
			return x.Sleep(ctx, d)
		}},
		{Name: "Goto", Run: func(_ context.Context, x *Exec, data string) error { return x.Goto(data) }},
		{Name: "Set", Run: func(_ context.Context, x *Exec, data string) error {
			name, value, _ := strings.Cut(data, "=")
			return x.Assign(name, value)
		}},
		{Name: "Hangup", Run: func(context.Context, *Exec, string) error { return ErrHangup }},
		{Name: "Fail", Run: func(context.Context, *Exec, string) error { return errors.New("it could not be done") }},
		{Name: "Limit", Run: func(_ context.Context, x *Exec, data string) error {
			d, err := time.ParseDuration(data)
			x.SetAbsolute(d)
			return err
		}},
		{Name: "Dialled", Run: func(_ context.Context, _ *Exec, data string) error { return &Dialled{data} }},
	}
	functions := []Function{{
		Name:  "TWICE",
		Read:  func(_ *Exec, args string) (string, error) { return args + args, nil },
		Write: func(x *Exec, args, value string) error { x.Set(args, value+value); return nil },
	}}
	log := slog.New(slog.NewTextHandler(&h.log, nil))
	h.PBX = New(Config{
		Applications: apps, Functions: functions, Registry: call.NewRegistry(log, nil), Log: log,
		Builtins: map[string]string{"ASTSPOOLDIR": "/spool"},
		OnStep: func(e event.Step) {
			h.mu.Lock()
			h.steps = append(h.steps, e.Exten+" "+e.Data)
			h.mu.Unlock()
		},
	})
	h.load(t, plan)
	return h
}

func (h *house) load(t *testing.T, text string) {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := syntax.Read(f)
	h.Load(p)
}

func (h *house) channel(leg call.Leg) *call.Channel {
	return h.Registry().New(call.Spec{Name: "SIP/a-0", Leg: leg, State: call.StateRing})
}

func (h *house) run(order call.Order) string {
	ch := h.channel(&mute{})
	ch.Start(order)
	<-ch.Done()
	return strings.Join(h.steps, "|")
}

func TestRunFillsInAndJumps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[globals]\nG=global\n[c]\nexten => s,1,Set(V=${TWICE(x)})\nsame => n,Goto(t1,1)\nexten => t1,1,NoOp(${V} ${G} ${EXTEN}@${CONTEXT}:${PRIORITY} ${ASTSPOOLDIR})\n"+
			"same => n,Set(TWICE(W)=y)\nsame => n,Fail(x)\nsame => n,NoOp(${W} on)\nexten => h,1,NoOp(bye)\n")
		want := "s V=xx|s t1,1|t1 xx global t1@c:1 /spool|t1 TWICE(W)=y|t1 x|t1 yy on|h bye"
		if got := h.run(h.Run("c", "s", 1)); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if !strings.Contains(h.log.String(), "it could not be done") {
			t.Error("an application's error is not told")
		}
	})
}

func TestATextRunsNoH(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => _.,1,NoOp(${EXTEN})\n")
		if got := h.run(h.RunText("c", "1002")); got != "1002 1002" {
			t.Errorf("got %s", got)
		}
	})
}

func TestHRunsWhenTheCallerHangsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Wait(1h)\nsame => n,NoOp(never)\nexten => h,1,NoOp(cause ${HANGUPCAUSE})\n")
		ch := h.channel(&mute{})
		ch.Start(h.Run("c", "s", 1))
		time.Sleep(time.Minute)
		ch.Gone(call.CauseUserBusy)
		<-ch.Done()
		if got := strings.Join(h.steps, "|"); got != "s 1h|h cause 17" {
			t.Errorf("got %s", got)
		}
	})
}

func TestATransferLeavesWithoutH(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Wait(1h)\nexten => x,1,NoOp(moved)\nexten => h,1,NoOp(h of ${EXTEN})\n")
		ch := h.channel(&mute{})
		ch.Start(h.Run("c", "s", 1))
		synctest.Wait()
		if err := ch.Do(h.Run("c", "x", 1)); err != nil {
			t.Fatal(err)
		}
		<-ch.Done()
		if got := strings.Join(h.steps, "|"); got != "s 1h|x moved|h h of h" {
			t.Errorf("got %s", got)
		}
	})
}

func TestAbsoluteTimeGoesToT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Limit(10s)\nsame => n,Wait(1h)\nexten => T,1,NoOp(time is up)\n")
		start := time.Now()
		if got := h.run(h.Run("c", "s", 1)); got != "s 10s|s 1h|T time is up" {
			t.Errorf("got %s", got)
		}
		if d := time.Since(start); d != 10*time.Second {
			t.Errorf("after %v", d)
		}
	})
}

func TestDigitsAreCollected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Dialled(1)\nexten => 123,1,NoOp(got ${EXTEN})\nexten => i,1,NoOp(bad ${INVALID_EXTEN})\n")
		for keys, want := range map[string]string{"23": "s 1|123 got 123", "9": "s 1|i bad 19", "2": "s 1|i bad 12"} {
			h.steps = nil
			ch := h.channel(&mute{})
			for i := range len(keys) {
				ch.Notify(call.Event{Kind: call.EventDigit, Indication: call.Digit{Key: keys[i]}})
			}
			ch.Start(h.Run("c", "s", 1))
			<-ch.Done()
			if got := strings.Join(h.steps, "|"); got != want {
				t.Errorf("%s: got %s, want %s", keys, got, want)
			}
		}
	})
}

func TestAutofallthroughTellsTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for status, want := range map[string]call.Cause{"BUSY": call.CauseUserBusy, "CHANUNAVAIL": call.CauseCongestion, "ANSWER": call.CauseNone} {
			h := newHouse(t, "[c]\nexten => s,1,Set(DIALSTATUS="+status+")\n")
			leg := &mute{}
			ch := h.channel(leg)
			ch.Start(h.Run("c", "s", 1))
			<-ch.Done()
			if want == call.CauseNone && len(leg.tones) != 0 || want != call.CauseNone && (len(leg.tones) != 1 || leg.tones[0].Cause != want) {
				t.Errorf("%s: %v", status, leg.tones)
			}
		}
	})
}

// A reload changes nothing for who is in the dialplan already.
func TestARunKeepsItsPlan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, "[c]\nexten => s,1,Wait(1m)\nsame => n,NoOp(old)\n")
		ch := h.channel(&mute{})
		ch.Start(h.Run("c", "s", 1))
		synctest.Wait()
		h.load(t, "[c]\nexten => s,1,NoOp(new)\n")
		<-ch.Done()
		if got := strings.Join(h.steps, "|"); got != "s 1m|s old" {
			t.Errorf("got %s", got)
		}
	})
}

// TestGlobalsOfAReload: what stays is there at every moment, and only clearglobalvars takes away what the files no longer say.
func TestGlobalsOfAReload(t *testing.T) {
	h := newHouse(t, "[globals]\nSTAYS=1\n__GOES=1\n")
	done, looked := make(chan struct{}), make(chan int)
	go func() {
		missed := 0
		for {
			select {
			case <-done:
				looked <- missed
				return
			default:
				if _, ok := h.Globals.Get("STAYS"); !ok {
					missed++
				}
			}
		}
	}()
	for range 200 {
		h.load(t, "[general]\nclearglobalvars=yes\n[globals]\nSTAYS=2\n__GOES=2\n")
	}
	close(done)
	if missed := <-looked; missed > 0 {
		t.Errorf("a variable that stays was missing %d times", missed)
	}
	h.Globals.Set("SET", "by a call")
	h.load(t, "[globals]\nSTAYS=3\n")
	if v, _ := h.Globals.Get("SET"); v != "by a call" {
		t.Error("a variable is gone that no file cleared")
	}
	h.load(t, "[general]\nclearglobalvars=yes\n[globals]\n_STAYS=4\n")
	_, goes := h.Globals.Get("GOES")
	_, set := h.Globals.Get("SET")
	if v, _ := h.Globals.Get("STAYS"); v != "4" || goes || set {
		t.Errorf("after a clearing load: STAYS=%s, GOES %v, SET %v", v, goes, set)
	}
}

func TestStack(t *testing.T) {
	h := newHouse(t, "")
	x := h.NewExec(h.channel(&mute{}), call.Place{Context: "c", Exten: "s", Priority: 1})
	x.Set("ARG1", "outer")
	x.Push(call.Place{Context: "c", Exten: "s", Priority: 2}, []string{"a", "b"})
	x.SetLocal("V", "inner")
	x.Push(call.Place{Context: "c", Exten: "u", Priority: 3}, []string{"z"})
	if x.Get("ARG1") != "z" || x.Get("ARG2") != "" || x.Get("ARGC") != "1" || x.Depth() != 2 {
		t.Errorf("inside: %s %s %s", x.Get("ARG1"), x.Get("ARG2"), x.Get("ARGC"))
	}
	if back, ok := x.Pop(); !ok || back.Exten != "u" || x.Get("ARG2") != "b" || x.Get("V") != "inner" {
		t.Errorf("back to %v, ARG2 %s", back, x.Get("ARG2"))
	}
	x.Pop()
	if _, set := x.Lookup("V"); set || x.Get("ARG1") != "outer" {
		t.Error("what was local is still there")
	}
	if _, ok := x.Pop(); ok {
		t.Error("an empty stack gives something")
	}
	n := 0
	for x.Push(call.Place{}, nil) {
		n++
	}
	if n != maxStack {
		t.Errorf("the stack is %d deep", n)
	}
}

func BenchmarkStep(b *testing.B) {
	t := &testing.T{}
	h := newHouse(t, "[c]\nexten => s,1,NoOp(${EXTEN} ${i})\n")
	h.onStep = nil
	x := h.NewExec(h.channel(&mute{}), call.Place{Context: "c", Exten: "s", Priority: 1})
	step := x.Find(call.Place{Context: "c", Exten: "s", Priority: 1})
	for b.Loop() {
		(*host)(x).Exec(context.Background(), step, x.machine.Place())
	}
}
