package storetest_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/store"
	"obelus/store/memory"
	"obelus/store/storetest"
)

// forgetful is an engine that keeps nothing, and breaks one promise about texts, keys or call records.
type forgetful struct {
	memory.Engine
	memory.Calls
	kind string
}

func (l *forgetful) Append(ctx context.Context, texts []store.Message) error {
	if l.kind == "a text that comes again is written again" {
		for _, m := range texts {
			if err := l.Engine.Mark(ctx, []store.MessageOp{{Kind: store.MessageDone, ID: m.ID}}); err != nil {
				return err
			}
		}
	}
	return l.Engine.Append(ctx, texts)
}

func (l *forgetful) Claim(ctx context.Context, c store.Claim) ([]store.Message, error) {
	switch l.kind {
	case "a claim holds nobody off":
		c.Node = ""
	case "a look claims":
		c.Until = c.Until.Add(time.Millisecond)
	}
	got, err := l.Engine.Claim(ctx, c)
	if l.kind == "the newest first" {
		slices.Reverse(got)
	}
	return got, err
}

func (l *forgetful) Mark(ctx context.Context, ops []store.MessageOp) error {
	if l.kind == "tries are not counted" {
		ops = slices.DeleteFunc(slices.Clone(ops), func(o store.MessageOp) bool { return o.Kind == store.MessageRetry })
	}
	return l.Engine.Mark(ctx, ops)
}

func (l *forgetful) Accounts(ctx context.Context, yield func(store.MessageCount) error) error {
	return l.Engine.Accounts(ctx, func(c store.MessageCount) error {
		if l.kind == "bytes are not counted" {
			c.Bytes = 0
		}
		return yield(c)
	})
}

func (l *forgetful) Expired(ctx context.Context, now time.Time, most int) ([]store.Message, error) {
	if l.kind == "expired is a moment late" {
		now = now.Add(-time.Millisecond)
	}
	return l.Engine.Expired(ctx, now, most)
}

func (l *forgetful) WriteKeys(ctx context.Context, ops []store.KVOp) error {
	ops = slices.Clone(ops)
	for i := range ops {
		o := &ops[i]
		switch {
		case l.kind == "a tree leaves its top" && o.Kind == store.KVTree && o.Key != "":
			o.Key += "/"
		case l.kind == "a value is text" && o.Kind == store.KVPut:
			o.Value = strings.ToValidUTF8(o.Value, "?")
		case l.kind == "puts come first":
			slices.SortStableFunc(ops, func(a, b store.KVOp) int { return int(a.Kind) - int(b.Kind) })
		}
	}
	return l.Engine.WriteKeys(ctx, ops)
}

func (l *forgetful) WriteCalls(ctx context.Context, ops []store.CallOp) error {
	for _, o := range ops {
		r := o.Record
		drop := store.CallOp{Kind: store.CallDrop, Record: r}
		var before []store.CallOp
		switch {
		case l.kind == "a call that begins again is a new one" && o.Kind == store.CallBegin:
			before = append(before, drop)
		case l.kind == "a drop forgets nothing" && o.Kind == store.CallDrop:
			continue
		case l.kind == "variables are sorted":
			o.Record.Variables = slices.Clone(r.Variables)
			slices.SortStableFunc(o.Record.Variables, func(a, b store.Variable) int { return strings.Compare(a.Name, b.Name) })
		}
		if err := l.Calls.WriteCalls(ctx, append(before, o)); err != nil {
			return err
		}
	}
	return nil
}

func (l *forgetful) Shipped(ctx context.Context, sink string) (int64, string, error) {
	if n, note, err := l.Calls.Shipped(ctx, sink); l.kind != "a new sink gets everything" || note != "" || err != nil {
		return n, note, err
	}
	return 0, "", nil
}

func (l *forgetful) Prune(ctx context.Context, before time.Time, upTo int64, most int) (int, error) {
	if l.kind == "prunes what was not shipped" {
		upTo = 1 << 60
	}
	return l.Calls.Prune(ctx, before, upTo, most)
}

func forgetfulEngine(kind string) storetest.Engine {
	return storetest.Engine{Open: func(string) (*storetest.State, error) {
		l := &forgetful{kind: kind}
		return &storetest.State{Location: l, Messages: l, KV: l, Calls: l, Close: func() error { return nil }}, nil
	}}
}

// forgetfulEnv names the promise that a child process breaks.
const forgetfulEnv = "STORETEST_FORGETFUL"

// TestForgetfulChild is the suites run on such an engine, in a child process of TestForgetfulAreCaught; by itself it runs them on an honest one.
func TestForgetfulChild(t *testing.T) {
	e := forgetfulEngine(os.Getenv(forgetfulEnv))
	t.Run("texts", func(t *testing.T) { storetest.Messages(t, e) })
	t.Run("keys", func(t *testing.T) { storetest.KV(t, e) })
	t.Run("calls", func(t *testing.T) { storetest.Calls(t, e) })
}

// TestForgetfulAreCaught: the suites must fail on engines that break a promise, by a table and by the model, or they test nothing.
func TestForgetfulAreCaught(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for kind, says := range map[string][2]string{
		"a text that comes again is written again": {"texts/marks", "texts/random_operations"},
		"a claim holds nobody off":                 {"texts/claims", "texts/random_operations"},
		"a look claims":                            {"texts/claims", "texts/claims"},
		"the newest first":                         {"texts/claims", "texts/random_operations"},
		"tries are not counted":                    {"texts/marks", "texts/random_operations"},
		"bytes are not counted":                    {"texts/accounts", "texts/random_operations"},
		"expired is a moment late":                 {"texts/expired", "texts/expired"},
		"a tree leaves its top":                    {"keys/operations", "keys/random_operations"},
		"a value is text":                          {"keys/odd_strings", "keys/odd_strings"},
		"puts come first":                          {"keys/operations", "keys/random_operations"},
		"a call that begins again is a new one":    {"calls/begun_and_ended", "calls/random_operations"},
		"a drop forgets nothing":                   {"calls/begun_and_ended", "calls/random_operations"},
		"variables are sorted":                     {"calls/a_record_comes_back", "calls/random_operations"},
		"a new sink gets everything":               {"calls/sinks", "calls/sinks"},
		"prunes what was not shipped":              {"calls/pruning", "calls/random_operations"},
	} {
		t.Run(kind, func(t *testing.T) {
			child := exec.Command(exe, "-test.run=^TestForgetfulChild$")
			child.Env = append(os.Environ(), forgetfulEnv+"="+kind)
			out, err := child.CombinedOutput()
			for _, want := range says {
				if err == nil || !strings.Contains(string(out), "--- FAIL: TestForgetfulChild/"+want) {
					t.Errorf("the suites ended with %v and %s did not fail:\n%.3000s", err, want, out)
				}
			}
		})
	}
}
