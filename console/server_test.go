package console

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"obelus/event"
)

// screen is what a console shows, written by one goroutine and read by another.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func newScreen() *screen { return &screen{more: make(chan struct{}, 100)} }

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(b)
	select {
	case s.more <- struct{}{}:
	default:
	}
	return len(b), nil
}

func (s *screen) waitFor(t *testing.T, text string) {
	t.Helper()
	for {
		s.mu.Lock()
		shown := s.text.String()
		s.mu.Unlock()
		if strings.Contains(shown, text) {
			return
		}
		select {
		case <-s.more:
		case <-t.Context().Done():
			t.Fatalf("%q is not shown: %q", text, shown)
		}
	}
}

func serving(t *testing.T, bus *event.Bus) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ctl") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, SocketName)
	ln, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	tab := table()
	tab.Add(Command{Words: "panic", Run: func(context.Context, *Session, []string) error { panic("oh") }},
		Command{Words: "exit", Run: quit}, Command{Words: "core set verbose", Run: setLevel})
	s := &Server{Table: tab, Version: "obelus test", Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Watch: Watch(bus)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.Serve(ctx, ln); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return path
}

func TestAttach(t *testing.T) {
	bus := &event.Bus{}
	path := serving(t, bus)
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("a second server: %v", err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("others may open the socket: %v %v", info.Mode(), err)
	}
	out := newScreen()
	c, err := Dial(path, out)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if c.Version != "obelus test" || c.PID != os.Getpid() {
		t.Errorf("greeted with %q, %d", c.Version, c.PID)
	}
	for _, line := range []string{"sip show peers", "panic", "sip reload"} {
		if end, err := c.Run(line); err != nil || end {
			t.Fatalf("%s: %v %v", line, end, err)
		}
	}
	out.waitFor(t, "reload()")
	if err := c.Watch(3); err != nil {
		t.Fatal(err)
	}
	event.Publish(bus, event.Step{Channel: event.Channel{Name: "SIP/a-0"}, Context: "c", Exten: "s", Priority: 1, App: "NoOp", Data: "a\x1b[2J\nb"})
	out.waitFor(t, `Executing [s@c:1] NoOp("SIP/a-0", "a?[2J?b")`)
	if end, err := c.Run("exit"); err != nil || !end {
		t.Errorf("exit: %v %v", end, err)
	}
}

func TestPipedLines(t *testing.T) {
	out := newScreen()
	c, err := Dial(serving(t, nil), out)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.lines(strings.NewReader("sip reload\nexit\nsip show peers\n")); err != nil {
		t.Fatal(err)
	}
	out.waitFor(t, "reload()")
	if strings.Contains(out.text.String(), "peers()") {
		t.Error("it went on after exit")
	}
}

func TestNoServer(t *testing.T) {
	if _, err := Dial(filepath.Join(t.TempDir(), "none"), io.Discard); err == nil {
		t.Error("attached to nobody")
	}
}

func TestHistory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sub", "history")
	p := loadHistory(file)
	for _, l := range []string{"a", "b", "b", "c"} {
		p.save(l)
	}
	again := loadHistory(file)
	if again.Len() != 3 || again.At(0) != "c" || again.At(2) != "a" {
		t.Errorf("%d lines, %q first", again.Len(), again.At(0))
	}
}
