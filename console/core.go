package console

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
)

// Core is what the commands of this room show.
type Core struct {
	PBX      *pbx.PBX
	Registry *call.Registry
	Version  string // "obelus 0.1.0"
	Started  time.Time
	Reloaded func() time.Time // the last reload; zero for none
	Booted   <-chan struct{}  // closed when everything is up

	// End has the server end, and returns what every console is told of it. Abort calls that off while it waits for calls; it is false where
	// nothing does.
	End   func(Ending) (string, error)
	Abort func() bool
}

// Ending is a way for a server to end. The zero Ending is a stop now.
type Ending struct {
	Restart bool // and to begin again
	When    When
}

// When is when a server ends.
type When uint8

// The times to end.
const (
	Now            When = iota // calls are hung up
	Gracefully                 // no new calls are taken, and the last one is waited for
	WhenConvenient             // calls go on, until there is a moment without any
)

// Word is what the original calls an ending, in its lines about it.
func (e Ending) Word() string {
	if e.Restart {
		return "restart"
	}
	return "shutdown"
}

// Aim is what calls are waited for to do, in its words.
func (e Ending) Aim() string {
	if e.Restart {
		return "restart"
	}
	return "halt"
}

// Commands lists the core commands, those of the dialplan and help for all of
// table.
func (c *Core) Commands(table *Table) []Command {
	return append(append(c.system(), c.channels()...), append(c.plan(), c.manual(table)...)...)
}

func (c *Core) system() []Command {
	return []Command{
		{Words: "core show version", Summary: "Display version info", Run: func(_ context.Context, s *Session, _ []string) error {
			s.Printf("%s\n", c.Version)
			return nil
		}},
		{Words: "core show uptime", Args: "[seconds]", Summary: "Show uptime information", Run: c.uptime},
		{Words: "core waitfullybooted", Summary: "Wait for Asterisk to be fully booted", Run: func(ctx context.Context, s *Session, _ []string) error {
			select {
			case <-c.Booted:
				s.Printf("Asterisk has fully booted.\n")
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}},
		{Words: "core set {verbose|debug}", Args: "<level>", Summary: "Set level of verbosity or debugging", Run: setLevel},
		{Words: "core stop now", Summary: "Shut down Asterisk immediately", Run: c.end(Ending{})},
		{Words: "core stop gracefully", Summary: "Gracefully shut down Asterisk", Run: c.end(Ending{When: Gracefully})},
		{Words: "core stop when convenient", Summary: "Shut down Asterisk at empty call volume", Run: c.end(Ending{When: WhenConvenient})},
		{Words: "core restart now", Summary: "Restart Asterisk immediately", Run: c.end(Ending{Restart: true})},
		{Words: "core restart gracefully", Summary: "Restart Asterisk gracefully", Run: c.end(Ending{Restart: true, When: Gracefully})},
		{Words: "core restart when convenient", Summary: "Restart Asterisk at empty call volume", Run: c.end(Ending{Restart: true, When: WhenConvenient})},
		{Words: "core abort shutdown", Summary: "Cancel a running shutdown", Run: c.abort},
		{Words: "quit", Summary: "Leave the console", Run: quit},
		{Words: "exit", Summary: "Leave the console", Run: quit},
	}
}

func (c *Core) end(how Ending) func(context.Context, *Session, []string) error {
	return func(_ context.Context, s *Session, args []string) error {
		if len(args) > 0 {
			return ErrUsage
		}
		words, err := c.End(how)
		if words != "" && !s.Watching { // who watches is shown it with everybody else
			s.Printf("%s\n", words)
		}
		return err
	}
}

func (c *Core) abort(_ context.Context, s *Session, _ []string) error {
	switch aborted := c.Abort(); {
	case !aborted:
		s.Printf("There is no shutdown to cancel.\n")
	case !s.Watching:
		s.Printf("The shutdown is cancelled.\n")
	}
	return nil
}

func quit(_ context.Context, s *Session, _ []string) error {
	s.End = true
	return nil
}

func setLevel(_ context.Context, s *Session, args []string) error {
	if len(args) == 0 {
		return ErrUsage
	}
	level := 0
	if args[0] != "off" {
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 0 {
			return ErrUsage
		}
		level = n
	}
	was := s.Verbosity
	s.Verbosity = level
	if was == level {
		s.Printf("Console verbose is still %d.\n", level)
	} else {
		s.Printf("Console verbose was %s and is now %s.\n", offOr(was), offOr(level))
	}
	return nil
}

func offOr(n int) string {
	if n == 0 {
		return "OFF"
	}
	return strconv.Itoa(n)
}

func (c *Core) uptime(_ context.Context, s *Session, args []string) error {
	up := time.Since(c.Started)
	loaded := up
	if at := c.Reloaded(); !at.IsZero() {
		loaded = time.Since(at)
	}
	if len(args) > 0 && args[0] == "seconds" {
		s.Printf("System uptime: %d\nLast reload: %d\n", int(up.Seconds()), int(loaded.Seconds()))
		return nil
	}
	s.Printf("System uptime: %s\nLast reload: %s\n", inWords(up), inWords(loaded))
	return nil
}

// inWords writes a time as the original does: 1 day, 2 hours, 3 seconds.
func inWords(d time.Duration) string {
	s := int64(d / time.Second)
	var parts []string
	for _, u := range []struct {
		name string
		n    int64
	}{{"year", 31536000}, {"week", 604800}, {"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}} {
		if n := s / u.n; n > 0 {
			s -= n * u.n
			part := fmt.Sprintf("%d %s", n, u.name)
			if n > 1 {
				part += "s"
			}
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "0 seconds"
	}
	return strings.Join(parts, ", ")
}

// cut writes s in a column of that width, as %-w.ws does.
func cut(s string, width int) string {
	if len(s) > width {
		return s[:width]
	}
	return s + strings.Repeat(" ", width-len(s))
}
