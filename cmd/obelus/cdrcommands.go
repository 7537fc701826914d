package main

import (
	"context"
	"strings"

	"obelus/cdr"
	"obelus/console"
)

// cdrCommands are the console commands about call records.
func (s *server) cdrCommands() []console.Command {
	return []console.Command{
		{Words: "cdr show status", Summary: "Display the CDR status", Run: func(_ context.Context, c *console.Session, _ []string) error {
			var b strings.Builder
			s.records.ShowStatus(&b, cdr.Shipping{})
			c.Printf("%s", b.String())
			return nil
		}},
		{Words: "cdr show active", Args: "[channel]", Summary: "Display all active CDRs, or details about a CDR", Run: s.showActive,
			Complete: func(args []string) (names []string) {
				if len(args) > 0 {
					return nil
				}
				for _, ch := range s.calls.All() {
					names = append(names, ch.Name())
				}
				return names
			}},
	}
}

func (s *server) showActive(_ context.Context, c *console.Session, args []string) error {
	var b strings.Builder
	switch len(args) {
	case 0:
		s.records.ShowActive(&b, s.calls.All())
	case 1:
		ch := s.calls.Find(args[0])
		if ch == nil || !s.records.ShowChannel(&b, ch) {
			c.Printf("Unknown channel: %s\n", args[0])
			return nil
		}
	default:
		return console.ErrUsage
	}
	c.Printf("%s", b.String())
	return nil
}
