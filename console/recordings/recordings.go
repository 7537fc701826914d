// Package recordings is the console's commands about the recordings of calls.
package recordings

import (
	"context"
	"fmt"
	"strings"

	"obelus/app/record"
	"obelus/call"
	"obelus/console"
	"obelus/pbx"
)

// Commands are those about the recordings that desk knows, of the channels of board.
func Commands(desk *record.Desk, board *pbx.PBX) []console.Command {
	c := commands{desk, board}
	return []console.Command{
		{Words: "mixmonitor start", Args: "<chan_name> [args]", Summary: "Execute a MixMonitor command", Run: c.start, Complete: c.channels,
			Help: "The arguments are those of MixMonitor: filename.extension,options,command."},
		{Words: "mixmonitor stop", Args: "<chan_name> [args]", Summary: "Execute a MixMonitor command", Run: c.stop, Complete: c.channels,
			Help: "The argument is the id of a MixMonitor, else the one that was begun last is ended."},
		{Words: "mixmonitor list", Args: "<chan_name>", Summary: "Execute a MixMonitor command", Run: c.list, Complete: c.channels},
	}
}

type commands struct {
	desk  *record.Desk
	board *pbx.PBX
}

// channels completes a channel's name.
func (c commands) channels(args []string) (names []string) {
	if len(args) > 0 {
		return nil
	}
	for _, ch := range c.board.Registry().All() {
		names = append(names, ch.Name())
	}
	return names
}

// find is the channel that is named; it says where there is none.
func (c commands) find(s *console.Session, args []string) (*call.Channel, error) {
	if len(args) == 0 {
		return nil, console.ErrUsage
	}
	ch := c.board.Registry().Find(args[0])
	if ch == nil {
		fmt.Fprintf(s, "No channel matching '%s' found.\n", args[0])
	}
	return ch, nil
}

func (c commands) start(ctx context.Context, s *console.Session, args []string) error {
	if len(args) < 2 {
		return console.ErrUsage
	}
	return c.run(ctx, s, "MixMonitor", args)
}

func (c commands) stop(ctx context.Context, s *console.Session, args []string) error {
	return c.run(ctx, s, "StopMixMonitor", args)
}

// run has an application work on a channel that does something else.
func (c commands) run(ctx context.Context, s *console.Session, app string, args []string) error {
	ch, err := c.find(s, args)
	if ch == nil {
		return err
	}
	return c.board.NewExec(ch, ch.Place()).Application(ctx, app, strings.Join(args[1:], " "))
}

// list is mixmonitor list, in the original's layout.
func (c commands) list(_ context.Context, s *console.Session, args []string) error {
	ch, err := c.find(s, args)
	if ch == nil {
		return err
	}
	fmt.Fprintf(s, "MixMonitor ID\tFile\tReceive File\tTransmit File\n=========================================================================\n")
	for _, r := range c.desk.List(ch) {
		fmt.Fprintf(s, "%s\t%s\t%s\t%s\n", r.ID, r.Both, r.Said, r.Sent)
	}
	return nil
}
