package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// SocketName is the console's socket in the run directory, named as in the
// original.
const SocketName = "obelus.ctl"

// Server serves consoles.
type Server struct {
	Table   *Table
	Version string
	Log     *slog.Logger
	// Watch subscribes a console to what happens, until stop; may be nil.
	Watch func(show func(level int, line string)) (stop func())

	wg sync.WaitGroup
}

// Listen opens the socket. A socket that a server has left behind when it was
// killed is replaced; one that a living server serves is an error.
func Listen(path string) (net.Listener, error) {
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		c.Close()
		return nil, fmt.Errorf("another server is running: it answers at %s", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("make the directory of the console's socket: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the socket left at %s: %w", path, err)
	}
	ln, err := listenPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("open the console's socket: %w", err)
	}
	return ln, nil
}

// Serve serves consoles until ctx ends or the listener fails.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	for {
		c, err := ln.Accept()
		if err != nil {
			s.wg.Wait()
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("accept a console: %w", err)
		}
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			s.serve(ctx, c)
		}()
	}
}

// attached is one console.
type attached struct {
	server  *Server
	conn    net.Conn
	session Session

	mu   sync.Mutex
	stop func()
}

func (s *Server) serve(ctx context.Context, conn net.Conn) {
	a := &attached{server: s, conn: conn}
	a.session = Session{Writer: a, Remote: true}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	defer conn.Close()
	defer a.unwatch()
	a.send(tell{Version: s.Version, PID: os.Getpid()})
	in := reader(conn)
	for in.Scan() {
		var q ask
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			a.send(tell{Out: "The console could not be understood: " + err.Error() + "\n", Done: true})
			continue
		}
		a.answer(ctx, q)
		if a.session.End {
			return
		}
	}
}

func (a *attached) answer(ctx context.Context, q ask) {
	switch {
	case q.Watch:
		a.session.Verbosity = q.Verbose
		a.watch()
		a.send(tell{Done: true})
	case q.Complete != "":
		a.send(tell{Words: a.server.Table.Complete(q.Complete), Done: true})
	default:
		a.run(ctx, q.Run)
		a.send(tell{Done: true, End: a.session.End})
	}
}

// run carries a command out; one that panics is said and loses nothing else.
func (a *attached) run(ctx context.Context, line string) {
	defer func() {
		if r := recover(); r != nil {
			a.server.Log.Error("a console command failed", "command", line, "why", r)
			a.session.Printf("The command failed: %v\n", r)
		}
	}()
	a.server.Table.Run(ctx, &a.session, line)
}

// Write shows text on the console.
func (a *attached) Write(b []byte) (int, error) {
	if err := a.send(tell{Out: string(b)}); err != nil {
		return 0, err
	}
	return len(b), nil
}

// consoleTime is how long a console may take to accept a line before it is
// given up: what it shows must not hold anything up.
const consoleTime = 5 * time.Second

func (a *attached) send(t tell) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conn.SetWriteDeadline(time.Now().Add(consoleTime))
	return write(a.conn, t)
}

func (a *attached) watch() {
	if a.stop != nil || a.server.Watch == nil {
		return
	}
	a.session.Watching = true
	a.stop = a.server.Watch(func(level int, line string) {
		if level <= a.session.Verbosity {
			a.send(tell{Out: line + "\n"})
		}
	})
}

func (a *attached) unwatch() {
	if a.stop != nil {
		a.stop()
	}
}
