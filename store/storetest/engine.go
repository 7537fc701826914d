package storetest

import (
	"context"
	"os"
	"testing"
	"time"

	"obelus/store"
)

// State is an engine open on a directory. A kind of state that it does not keep is nil.
type State struct {
	Location store.Location
	Messages store.Messages
	KV       store.KV
	Calls    store.Calls
	Close    func() error
}

// Engine is an engine under test.
type Engine struct {
	// Open opens the state kept in dir. An engine that keeps nothing starts empty.
	Open func(dir string) (*State, error)
	// Lasting says that what was committed is there when the state is opened again.
	Lasting bool
}

// longEnv is the environment variable that asks for many rounds of the tests that crash.
const longEnv = "OBELUS_LONG"

// Rounds is how often a test crashes something: few times, or many where OBELUS_LONG=1 is in the environment.
func Rounds() int {
	if os.Getenv(longEnv) == "1" {
		return 50
	}
	return 5
}

// bench is one directory and the engine open on it.
type bench struct {
	t   testing.TB
	e   Engine
	dir string
	*State
}

func open(t testing.TB, e Engine) *bench {
	t.Helper()
	b := &bench{t: t, e: e, dir: t.TempDir()}
	b.open()
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return b
}

func (b *bench) open() {
	b.t.Helper()
	var err error
	if b.State, err = b.e.Open(b.dir); err != nil {
		b.t.Fatal("open:", err)
	}
}

// reopen closes and opens, if the engine keeps anything.
func (b *bench) reopen() {
	b.t.Helper()
	if !b.e.Lasting {
		return
	}
	if err := b.Close(); err != nil {
		b.t.Fatal("close:", err)
	}
	b.open()
}

// twice checks what is stored, now and after opening again.
func (b *bench) twice(check func() string) {
	b.t.Helper()
	for range 2 {
		if diff := check(); diff != "" {
			b.t.Fatal(diff)
		}
		b.reopen()
	}
}

// course makes up what happens to one kind of state, from a seed: always the same.
type course interface {
	// next makes up the next commit and carries it out on the course's model. What it returns carries it out on an engine.
	next() func(context.Context, *State) error
	// check says how what the engine has differs from the model; "" if it does not.
	check(context.Context, *State) string
	// some says whether there is anything in the model.
	some() bool
}

// follow compares an engine with a course, through many commits and restarts.
func follow(t *testing.T, e Engine, c course) {
	b := open(t, e)
	seen := false
	for i := range 120 {
		if err := c.next()(t.Context(), b.State); err != nil {
			t.Fatal(err)
		}
		if seen = seen || c.some(); i%20 == 19 {
			b.twice(func() string { return c.check(t.Context(), b.State) })
		}
	}
	if !seen {
		t.Error("the model was always empty: nothing was tested")
	}
}

// courses are one course for each kind of state that an engine keeps, by name.
func (s *State) courses(seed uint64) map[string]course {
	all := make(map[string]course)
	if s.Location != nil {
		all["location"] = newModel(seed)
	}
	if s.Messages != nil {
		all["messages"] = newTexts(seed)
	}
	if s.KV != nil {
		all["keys"] = newKeys(seed)
	}
	if s.Calls != nil {
		all["calls"] = newCalls(seed)
	}
	return all
}

// epoch is when the suite's clock begins.
func epoch() time.Time { return time.UnixMilli(1_800_000_000_000) }
