// Package peers has the console's commands about the accounts of sip.conf.
package peers

import (
	"context"
	"io"

	"obelus/console"
)

// Accounts prints what there is of accounts.
type Accounts interface {
	ShowUsers(w io.Writer)
	ShowDomains(w io.Writer)
	// ShowInUse prints how many calls accounts have, all of them or those with a limit.
	ShowInUse(w io.Writer, all bool)
}

// Commands are the commands.
func Commands(a Accounts) []console.Command {
	return []console.Command{
		{Words: "sip show users", Summary: "List defined SIP users", Run: console.Show(a.ShowUsers)},
		{Words: "sip show domains", Summary: "List our local SIP domains", Run: console.Show(a.ShowDomains)},
		{Words: "sip show inuse", Args: "[all]", Summary: "List all inuse/limits", Run: func(ctx context.Context, s *console.Session, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != "all" {
				return console.ErrUsage
			}
			return console.Show(func(w io.Writer) { a.ShowInUse(w, len(args) > 0) })(ctx, s, args)
		}},
	}
}
