package lines

import (
	"strings"
	"sync"
	"testing"
)

func TestBook(t *testing.T) {
	var told []string
	b := NewBook(func(account string) { told = append(told, account) })
	is := func(when string, want Use) {
		t.Helper()
		if got := b.Use("a"); got != want {
			t.Errorf("%s: %+v, want %+v", when, got, want)
		}
	}
	one, ok := b.Take("a", 2, true)
	if !ok {
		t.Fatal("the first is refused")
	}
	one.Of(Call{})
	is("called", Use{1, 1, 0})
	two, ok := b.Take("a", 2, false)
	if !ok {
		t.Fatal("the second is refused")
	}
	if _, ok := b.Take("a", 2, true); ok {
		t.Error("a third of two")
	}
	is("calls, too", Use{2, 1, 0})
	one.Answered()
	one.Answered()
	is("answered", Use{2, 0, 0})
	two.Hold(true)
	two.Hold(true)
	is("holds", Use{2, 0, 1})
	two.End()
	two.End()
	two.Hold(true)
	is("one left", Use{1, 0, 0})
	one.End()
	is("none", Use{})
	if n := len(b.uses); n != 0 {
		t.Errorf("%d accounts are kept", n)
	}
	if got := strings.Join(told, ""); got != "aaaaaa" {
		t.Errorf("told %q", got)
	}
	nobody, _ := b.Take("", 0, true)
	nobody.End()
	(*Line)(nil).End()
	if len(told) != 6 {
		t.Error("told of nobody")
	}
}

// TestRefused has an account be refused that has no calls, and nothing be kept of it.
func TestRefused(t *testing.T) {
	b := NewBook(nil)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				l, ok := b.Take("a", 2, true)
				if !ok {
					continue
				}
				l.Answered()
				l.Hold(true)
				if len(b.Ringing("a")) != 0 {
					t.Error("a line without a channel rings")
				}
				l.End()
			}
		})
	}
	wg.Wait()
	if n := len(b.uses); n != 0 {
		t.Errorf("%d accounts are kept", n)
	}
}
