// Package texts is the console's commands for texts: to send one, and for those that
// wait for phones.
package texts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"obelus/console"
	"obelus/message/waiting"
)

// Commands lists the commands.
func Commands(shelf *waiting.Shelf) []console.Command {
	c := commands{shelf}
	return []console.Command{
		{Words: "message send", Args: "<destination> <text>", Summary: "Send a text message", Run: c.send,
			Help: "The destination is as for MessageSend: sip:1001, SIP/1001, 1001, sip:somebody@example.org.\nThe sender is the server (callerid= of sip.conf, else asterisk). A phone that is away gets\nit later where its account has store_messages=yes."},
		{Words: "message show waiting", Args: "[account]", Summary: "List text messages that wait for phones", Run: c.show, Complete: c.accounts,
			Help: "Those of one account are listed each by itself, without what they say."},
		{Words: "message delete", Args: "<account>|<id>", Summary: "Delete text messages that wait", Run: c.remove, Complete: c.accounts,
			Help: "All of an account, or one by its ID, which message show waiting lists. Who wrote them is not told."},
	}
}

type commands struct{ shelf *waiting.Shelf }

// accounts completes the names of accounts that have something waiting.
func (c commands) accounts(args []string) []string {
	if len(args) > 0 {
		return nil
	}
	all, err := c.shelf.Queues(context.Background())
	if err != nil {
		return nil
	}
	var names []string
	for _, q := range all {
		names = append(names, q.Account)
	}
	return names
}

func (c commands) show(ctx context.Context, s *console.Session, args []string) error {
	switch len(args) {
	case 0:
		return c.showAll(ctx, s)
	case 1:
		return c.showOne(ctx, s, args[0])
	}
	return console.ErrUsage
}

func (c commands) showAll(ctx context.Context, s *console.Session) error {
	all, err := c.shelf.Queues(ctx)
	if err != nil {
		s.Printf("The texts that wait can't be read: %v\n", err)
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-20s %8s %10s  %-19s  %s\n", "Account", "Messages", "Bytes", "Oldest", "Next try")
	n := 0
	for _, q := range all {
		fmt.Fprintf(&b, "%-20s %8d %10d  %-19s  %s\n", plain(q.Account), q.Count, q.Bytes, at(q.Oldest), next(q.Next))
		n += q.Count
	}
	s.Printf("%s%d messages waiting for %d accounts\n", b.String(), n, len(all))
	return nil
}

func (c commands) showOne(ctx context.Context, s *console.Session, account string) error {
	all, err := c.shelf.Entries(ctx, account)
	if err != nil {
		s.Printf("The texts that wait can't be read: %v\n", err)
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-24s  %-19s  %-19s  %-19s  %5s  %4s  %7s  %-24s  %s\n", "ID", "Sent", "Expires", "Next try", "Tries", "Told", "Bytes", "Type", "From")
	for _, e := range all {
		fmt.Fprintf(&b, "%-24s  %-19s  %-19s  %-19s  %5d  %4d  %7d  %-24s  %s\n",
			e.ID, at(e.At), at(e.Expires), next(e.Next), e.Tries, e.Told, e.Size, plain(e.ContentType), plain(e.From))
	}
	s.Printf("%s%d messages waiting for %s\n", b.String(), len(all), plain(account))
	return nil
}

func (c commands) remove(ctx context.Context, s *console.Session, args []string) error {
	if len(args) != 1 {
		return console.ErrUsage
	}
	n, err := c.shelf.Delete(ctx, args[0])
	switch {
	case err != nil:
		s.Printf("%d messages deleted, then: %v\n", n, err)
	case n == 0:
		s.Printf("Nothing that waits has the account or the ID '%s', or it is just being delivered.\n", plain(args[0]))
	default:
		s.Printf("%d messages deleted\n", n)
	}
	return nil
}

// at writes a time.
func at(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// next writes when a text is tried again: where nothing was tried yet, as soon as a
// phone is there.
func next(t time.Time) string {
	if t.IsZero() || t.Unix() <= 0 {
		return "when a phone is there"
	}
	return at(t)
}

// plain writes what others chose, as one line of a console.
func plain(s string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return '?'
		}
		return c
	}, s)
}
