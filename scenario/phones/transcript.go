package phones

import (
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"
)

// transcript is everything a process said so far, and wakes those who wait
// for more. Any goroutine may use it.
type transcript struct {
	mu    sync.Mutex
	text  []byte
	grown chan struct{} // closed and replaced at every write, and at the end
	ended bool
}

func newTranscript() *transcript {
	return &transcript{grown: make(chan struct{})}
}

// Write implements io.Writer: it adds what a process said.
func (tr *transcript) Write(p []byte) (int, error) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.text = append(tr.text, p...)
	tr.wake()
	return len(p), nil
}

// end says that nothing more will come.
func (tr *transcript) end() {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.ended = true
	tr.wake()
}

func (tr *transcript) wake() {
	close(tr.grown)
	tr.grown = make(chan struct{})
}

// mark returns the present length, for a later wait to start from.
func (tr *transcript) mark() int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return len(tr.text)
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return string(tr.text)
}

// find looks for what in the text from on. It returns the groups of the first
// match and where that ends, -1 when there is none; and the channel that tells
// of more, nil when all has been said.
func (tr *transcript) find(from int, what *regexp.Regexp) (groups []string, end int, grown chan struct{}) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if !tr.ended {
		grown = tr.grown
	}
	at := what.FindSubmatchIndex(tr.text[from:])
	if at == nil {
		return nil, -1, grown
	}
	for _, g := range what.FindSubmatch(tr.text[from:]) {
		groups = append(groups, string(g))
	}
	return groups, from + at[1], grown
}

// wait blocks until what is said after from; it returns the groups and where
// the match ends.
func (tr *transcript) wait(from int, what *regexp.Regexp, within time.Duration) (groups []string, end int, err error) {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		groups, end, grown := tr.find(from, what)
		switch {
		case end >= 0:
			return groups, end, nil
		case grown == nil:
			return nil, -1, fmt.Errorf("ended without saying %q", what)
		}
		select {
		case <-grown:
		case <-deadline.C:
			return nil, -1, fmt.Errorf("did not say %q within %v", what, within)
		}
	}
}

// expect is wait that fails the test when name does not say it in good time.
func (tr *transcript) expect(t testing.TB, name string, from int, pattern string) (groups []string, end int) {
	t.Helper()
	groups, end, err := tr.wait(from, regexp.MustCompile(pattern), patience)
	if err != nil {
		t.Fatalf("%s %v", name, err)
	}
	return groups, end
}
