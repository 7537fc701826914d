package agi

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
)

// afterlife is how long a script may go on with a channel that has gone: to write
// down what became of the call.
const afterlife = 10 * time.Minute

// exitTime is how long the end of a script is waited for that has closed its
// output, on a channel that has gone.
const exitTime = 10 * time.Second

// session is one script on one channel. It belongs to the channel's goroutine.
type session struct {
	d        *Deps
	x        *pbx.Exec
	ch       *call.Channel
	link     *link
	args     []string
	enhanced bool

	// ctx is what commands run under: the step's, and once the channel has gone
	// one that gives the script its afterlife.
	ctx    context.Context
	cancel context.CancelFunc // of that one
	dead   bool               // the channel has gone: only what needs none is carried out
	hungUp bool               // it went while the script ran
	failed bool               // a command has failed for another reason
}

// run talks with the script until it ends or has to, and returns AGISTATUS.
func (s *session) run() string {
	defer func() { s.cancel() }()
	defer s.link.close()
	defer s.ch.Unhold() // what SET MUSIC began
	stop := make(chan struct{})
	defer close(stop)
	lines := make(chan string)
	go readLines(s.link.r, lines, stop)
	s.send(s.environment())
	for {
		select {
		case <-s.ctx.Done():
			if !s.goOn() {
				return s.end(false)
			}
		case <-s.ch.Inbox().C:
			s.forget()
		case line, ok := <-lines:
			if !ok {
				return s.end(true)
			}
			if s.ctx.Err() != nil && !s.goOn() {
				return s.end(false)
			}
			if !s.handle(line) {
				return s.end(false)
			}
		}
	}
}

// forget drops what was pressed while no command ran: the original reads, and
// drops, what comes meanwhile.
func (s *session) forget() {
	box := s.ch.Inbox()
	for _, ok := box.Take(); ok; _, ok = box.Take() {
	}
}

// goOn decides what becomes of the script when the context of its commands has
// ended: false where it has to end too.
func (s *session) goOn() bool {
	cause := context.Cause(s.ctx)
	if s.dead {
		return false
	}
	s.dead, s.hungUp = true, true
	s.tellHangup()
	if errors.Is(cause, call.ErrOrdered) || isTrue(s.x.Get("AGIEXITONHANGUP")) {
		return false
	}
	s.ctx, s.cancel = context.WithTimeout(context.WithoutCancel(s.ctx), afterlife)
	return true
}

// tellHangup tells the script that the channel has gone, unless AGISIGHUP says
// that it isn't to know.
func (s *session) tellHangup() {
	if isFalse(s.x.Get("AGISIGHUP")) {
		return
	}
	if err := s.link.hangup(); err != nil {
		s.ch.Log().Debug("the script could not be told of the hang-up", "script", s.args[0], "why", err)
	}
}

// end ends the script: completed says that it has closed its side.
func (s *session) end(completed bool) string {
	status := "SUCCESS"
	switch {
	case completed:
		if code, known := s.exit(); known && code != 0 {
			status = "FAILURE"
		}
	case !s.hungUp:
		status = "FAILURE"
		s.tellHangup()
	}
	switch {
	case s.hungUp:
		status = "HANGUP"
	case s.failed:
		status = "FAILURE"
	}
	s.x.Verbose(3, fmt.Sprintf("<%s>AGI Script %s completed, returning %d", s.ch.Name(), s.args[0], resultCode(status)))
	return status
}

// resultCode is the number by which the original's log names how a script ended.
func resultCode(status string) int {
	switch status {
	case "HANGUP":
		return 4
	case "FAILURE":
		return -1
	}
	return 0
}

// exit waits for the end of a script that has closed its output and returns its
// code.
func (s *session) exit() (code int, known bool) {
	if s.link.exited == nil {
		return 0, false
	}
	var over <-chan time.Time
	if s.dead {
		t := time.NewTimer(exitTime)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-s.link.exited:
		return s.link.code(), true
	case <-s.ctx.Done():
	case <-over:
	}
	return 0, false
}

// handle carries out a line; false ends the script.
func (s *session) handle(line string) bool {
	if len(line) >= 7 && strings.EqualFold(line[:7], "failure") {
		return false // what a script says that can't run
	}
	if s.d.Debug.Load() {
		s.x.Verbose(0, fmt.Sprintf("<%s>AGI Rx << %s", s.ch.Name(), line))
	}
	words, whole := parseArgs(line, maxArgs)
	if !whole {
		s.x.Warn("Too many arguments, truncating")
	}
	c, args := s.d.find(words)
	switch {
	case c == nil:
		return s.send("510 Invalid or unknown command\n")
	case s.dead && !c.dead:
		return s.send("511 Command Not Permitted on a dead channel or intercept routine\n")
	}
	reply, err := c.run(s, args)
	if errors.Is(err, errUsage) {
		return s.send("520-Invalid command syntax.  Proper usage follows:\n" + c.usage() + "520 End of proper usage.\n")
	}
	if err != nil && s.ctx.Err() == nil {
		s.failed = true
	}
	return s.send("200 " + reply + "\n")
}

// send sends a text to the script; false where it does not take it any more.
func (s *session) send(text string) bool {
	if s.d.Debug.Load() {
		s.x.Verbose(0, fmt.Sprintf("<%s>AGI Tx >> %s", s.ch.Name(), strings.TrimSuffix(text, "\n")))
	}
	if err := s.link.send(text); err != nil {
		s.ch.Log().Debug("the script takes nothing more", "script", s.args[0], "why", err)
		// What it has said before it stopped listening still counts: its end is
		// seen where its lines end.
		return !errors.Is(err, os.ErrDeadlineExceeded)
	}
	return true
}

// isTrue and isFalse are what the original takes for yes and no.
func isTrue(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "yes", "true", "y", "t", "1", "on":
		return true
	}
	return false
}

func isFalse(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "no", "false", "n", "f", "0", "off":
		return true
	}
	return false
}
