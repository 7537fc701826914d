package main

import (
	"context"
	"io"
	"strings"

	"obelus/console"
)

// sipLampCommands are the console commands about what phones watch, and what lamps
// go by.
func (s *server) sipLampCommands() []console.Command {
	desk := s.sip.Lamps()
	return []console.Command{
		{Words: "sip show subscriptions", Summary: "List active SIP subscriptions", Run: console.Show(desk.Show)},
		{Words: "sip show subscription", Args: "<call-id>", Summary: "Show detailed SIP subscription info",
			Run: func(_ context.Context, c *console.Session, args []string) error {
				if len(args) != 1 {
					return console.ErrUsage
				}
				var b strings.Builder
				desk.ShowOne(&b, args[0])
				_, err := io.WriteString(c, b.String())
				return err
			}, Complete: func(args []string) []string {
				if len(args) > 0 {
					return nil
				}
				return desk.IDs()
			}},
	}
}
