package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"obelus/console"
	"obelus/event"
)

// hangupTime is how long a stop waits for calls that were hung up to end, and saveTime how long everything after that may take: what was
// acknowledged is written down by then.
const (
	hangupTime = 5 * time.Second
	saveTime   = 10 * time.Second
)

// errRestart ends a server that begins again: see begin.
var errRestart = errors.New("restart")

// ending is how a running server comes to its end.
//
//	serving ──gracefully──► refusing new calls ──no call is left──► over
//	serving ──when convenient──► waiting ──no call is left──► over
//	any of them ──now, a signal──► over;  refusing, waiting ──abort──► serving
type ending struct {
	s    *server
	over chan console.Ending // it is time

	mu      sync.Mutex
	pending *console.Ending
	cancel  context.CancelFunc // of the waiting
	ends    bool               // it is over: nothing can be called off any more
}

func newEnding(s *server) *ending { return &ending{s: s, over: make(chan console.Ending, 1)} }

// ignored is a request to end, when another is under way already.
type ignored string

// Error is in the original's words.
func (i ignored) Error() string {
	return "Ignoring asterisk " + string(i) + " request, already in progress."
}

// say tells every console, in the original's words.
func (e *ending) say(text string) {
	event.Publish(e.s.bus, event.Notice{Level: slog.LevelInfo, Room: "core", Text: text})
	e.s.log.Info(text)
}

// End implements what the console's core stop and core restart ask for; what it returns is shown there.
func (e *ending) End(how console.Ending) (string, error) {
	if how.Restart && !canRestart {
		return "", errors.New("a restart is not possible on this system: core stop, and start it again")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ends || how.When != console.Now && e.pending != nil {
		return "", ignored(how.Word())
	}
	if e.cancel != nil {
		e.cancel()
	}
	e.pending = &how
	if how.When == console.Now {
		e.finish(how)
		return "", nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	e.cancel = cancel
	if how.When == console.Gracefully {
		e.s.sip.Stop()
	}
	text := "Waiting for inactivity to perform " + how.Aim() + "..."
	e.say(text)
	e.s.tell(e.s.manager.Status(text))
	go e.wait(ctx, how)
	return text, nil
}

// finish says that it is time; mu is held.
func (e *ending) finish(how console.Ending) {
	e.ends = true
	e.over <- how
	e.say("Beginning asterisk " + how.Word() + "....")
}

// Abort calls a stop off that waits for calls to end, and says whether there was one.
func (e *ending) Abort() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pending == nil || e.ends {
		return false
	}
	e.cancel()
	e.s.sip.Resume()
	e.say("Asterisk " + e.pending.Word() + " cancelled.")
	e.pending, e.cancel = nil, nil
	e.s.tell(e.s.manager.Status(e.s.status()))
	return true
}

// wait waits until no call is left.
func (e *ending) wait(ctx context.Context, how console.Ending) {
	t := time.NewTicker(200 * time.Millisecond)
	defer t.Stop()
	for {
		if e.idle(ctx, how) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// idle ends the waiting where no call is left. Where new calls are taken until then, one that comes in at that very moment is waited for.
func (e *ending) idle(ctx context.Context, how console.Ending) bool {
	if n, _ := e.s.calls.Count(); n > 0 {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if ctx.Err() != nil {
		return true // called off
	}
	e.s.sip.Stop()
	if n, _ := e.s.calls.Count(); n > 0 {
		if how.When == console.WhenConvenient {
			e.s.sip.Resume()
		}
		return false
	}
	e.finish(how)
	return true
}

// await returns how the server is to end, when it is time. From then on nothing calls it off.
func (e *ending) await(signalled context.Context) console.Ending {
	select {
	case <-signalled.Done():
		e.mu.Lock()
		defer e.mu.Unlock()
		e.ends = true
		if e.cancel != nil {
			e.cancel()
		}
		return console.Ending{}
	case how := <-e.over:
		return how
	}
}

// end closes the server, and is errRestart where it is to begin again.
func (s *server) end(how console.Ending) error {
	s.log.Info("stopping", "restart", how.Restart)
	const doing = "ending calls, and writing down what is not yet"
	if how.Restart {
		s.tell(s.manager.Reloading()) // not Stopping: the manager would kill the process that goes on
		s.tell(s.manager.Status(doing + ", to begin again"))
	} else {
		s.tell(s.manager.Stopping(doing))
	}
	closing, cancel := context.WithTimeout(context.Background(), hangupTime+saveTime)
	defer cancel()
	err := s.close(closing)
	if err != nil {
		s.log.Error("not everything ended well", "why", err)
	}
	if how.Restart {
		return errRestart
	}
	return err
}
