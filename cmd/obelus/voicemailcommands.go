package main

import (
	"context"
	"strings"

	"obelus/console"
	"obelus/voicemail/mailbox"
)

// voicemailCommands are the console commands about mailboxes.
func (s *server) voicemailCommands() []console.Command {
	return []console.Command{
		{Words: "voicemail show users", Args: "[for <context>]", Summary: "List defined voicemail boxes", Run: s.showUsers},
		{Words: "voicemail show zones", Summary: "List zone message formats", Run: s.showZones},
		{Words: "voicemail show aliases", Summary: "List mailbox aliases", Run: s.showAliases},
		{Words: "voicemail show mailbox", Args: "<mailbox>[@<context>]", Summary: "Display a mailbox's messages", Run: s.showMailbox, Complete: func(args []string) (names []string) {
			if len(args) == 0 {
				for _, b := range s.boxes.Settings().Boxes {
					names = append(names, b.ID())
				}
			}
			return names
		}},
	}
}

func (s *server) showUsers(_ context.Context, c *console.Session, args []string) error {
	where := ""
	switch {
	case len(args) == 2 && strings.EqualFold(args[0], "for"):
		where = args[1]
	case len(args) > 0:
		return console.ErrUsage
	}
	var some []*mailbox.Box
	for _, b := range s.boxes.Settings().Boxes {
		if where == "" || b.Context == where {
			some = append(some, b)
		}
	}
	switch {
	case len(some) == 0 && where != "":
		c.Printf("No such voicemail context \"%s\"\n", where)
		return nil
	case len(some) == 0:
		c.Printf("There are no voicemail users currently defined\n")
		return nil
	}
	c.Printf("%-10s %-5s %-25s %-10s %6s\n", "Context", "Mbox", "User", "Zone", "NewMsg")
	for _, b := range some {
		counts, _ := s.boxes.Counts(b.ID())
		c.Printf("%-10s %-5s %-25s %-10s %6d\n", b.Context, b.Name, b.FullName, b.TZ, counts.Waiting())
	}
	c.Printf("%d voicemail users configured.\n", len(some))
	return nil
}

func (s *server) showZones(_ context.Context, c *console.Session, args []string) error {
	if len(args) > 0 {
		return console.ErrUsage
	}
	zones := s.boxes.Settings().Zones
	if len(zones) == 0 {
		c.Printf("There are no voicemail zones currently defined\n")
		return nil
	}
	c.Printf("%-15s %-20s %-45s\n", "Zone", "Timezone", "Message Format")
	for _, z := range zones {
		c.Printf("%-15s %-20s %-45s\n", z.Name, z.Location, z.Format)
	}
	return nil
}

func (s *server) showAliases(_ context.Context, c *console.Session, args []string) error {
	if len(args) > 0 {
		return console.ErrUsage
	}
	aliases := s.boxes.Settings().Aliases
	if len(aliases) == 0 {
		c.Printf("There are no aliases currently defined\n")
		return nil
	}
	c.Printf("%-32.32s %-32.32s\n", "Alias", "Mailbox")
	for _, a := range aliases {
		c.Printf("%-32.32s %-32.32s\n", a.Name, a.To)
	}
	return nil
}

// showMailbox lists the messages of a mailbox.
func (s *server) showMailbox(_ context.Context, c *console.Session, args []string) error {
	if len(args) != 1 {
		return console.ErrUsage
	}
	b := s.boxes.Find(args[0])
	if b == nil {
		c.Printf("Can't find voicemail user %s\n", args[0])
		return nil
	}
	c.Printf("Mailbox %s, %s\n", b.ID(), b.FullName)
	for n, name := range mailbox.Folders() {
		f, err := s.boxes.Open(b, n)
		if err != nil {
			return err
		}
		if len(f.Entries) == 0 {
			continue
		}
		c.Printf("%s:\n", name)
		for i, e := range f.Entries {
			c.Printf("  %4d  %s  %4ds  %-30s %s\n", i, e.Message.At.Local().Format("2006-01-02 15:04:05"), int(e.Message.Duration.Seconds()), e.Message.CallerID, e.Message.ID)
		}
	}
	return nil
}
