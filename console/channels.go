package console

import (
	"context"
	"fmt"
	"strings"
	"time"

	"obelus/call"
)

func (c *Core) channels() []Command {
	return []Command{
		{Words: "core show channels", Args: "[concise|verbose|count]", Summary: "Display information on channels", Run: c.showChannels,
			Complete: func([]string) []string { return []string{"concise", "count", "verbose"} }},
		{Words: "core show channel", Args: "<channel>", Summary: "Display information on a specific channel", Run: c.showChannel, Complete: c.names},
		{Words: "channel request hangup", Args: "<channel>|<all>", Summary: "Request a hangup on a given channel", Run: c.requestHangup, Complete: c.names},
	}
}

func (c *Core) names(args []string) []string {
	if len(args) > 0 {
		return nil
	}
	var out []string
	for _, ch := range c.Registry.All() {
		out = append(out, ch.Name())
	}
	return out
}

func (c *Core) showChannels(_ context.Context, s *Session, args []string) error {
	form := ""
	if len(args) > 0 {
		form = strings.ToLower(args[0])
	}
	all := c.Registry.All()
	if form == "concise" {
		for _, ch := range all {
			concise(s, ch.Snapshot())
		}
		return nil
	}
	switch form {
	case "":
		s.Printf("%s %s %s %s\n", cut("Channel", 20), cut("Location", 20), cut("State", 7), cut("Application(Data)", 30))
	case "verbose":
		s.Printf("%s %s %s %4s %s %s %s %s %8s %s %s %s\n", cut("Channel", 20), cut("Context", 20), cut("Extension", 16), "Prio",
			cut("State", 7), cut("Application", 12), cut("Data", 25), cut("CallerID", 15), "Duration", cut("Accountcode", 11),
			cut("PeerAccount", 11), cut("BridgeID", 20))
	case "count":
	default:
		return ErrUsage
	}
	calls := 0
	for _, ch := range all {
		snap := ch.Snapshot()
		if snap.Place.Exten != "" && snap.App != "" {
			calls++
		}
		switch form {
		case "":
			short(s, snap)
		case "verbose":
			long(s, snap)
		}
	}
	_, made := c.Registry.Count()
	s.Printf("%d active channel%s\n%d active call%s\n%d call%s processed\n", len(all), plural(len(all)), calls, plural(calls), made, plural(int(made)))
	return nil
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func location(s call.Snapshot) string {
	if s.Place.Exten == "" {
		return "(None)"
	}
	return fmt.Sprintf("%s@%s:%d", s.Place.Exten, s.Place.Context, s.Place.Priority)
}

func appData(s call.Snapshot) string {
	if s.App == "" {
		return "(None)"
	}
	return s.App + "(" + s.Data + ")"
}

func short(s *Session, c call.Snapshot) {
	s.Printf("%s %s %s %s\n", cut(c.Name, 20), cut(location(c), 20), cut(c.State.String(), 7), cut(appData(c), 30))
}

func long(s *Session, c call.Snapshot) {
	d := time.Since(c.Created)
	dur := fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	s.Printf("%s %s %s %4d %s %s %s %s %8s %s %s %s\n", cut(c.Name, 20), cut(c.Place.Context, 20), cut(c.Place.Exten, 16),
		c.Place.Priority, cut(c.State.String(), 7), cut(orNone(c.App), 12), cut(c.Data, 25), cut(c.Identity.Caller.Number, 15), dur,
		cut(c.Account, 11), cut(c.PeerAccount, 11), cut(c.BridgeID, 20))
}

func orNone(s string) string {
	if s == "" {
		return "(None)"
	}
	return s
}

func concise(s *Session, c call.Snapshot) {
	s.Printf("%s!%s!%s!%d!%s!%s!%s!%s!%s!%s!%d!%d!%s!%s\n", c.Name, c.Place.Context, c.Place.Exten, c.Place.Priority, c.State,
		orNone(c.App), c.Data, c.Identity.Caller.Number, c.Account, c.PeerAccount, c.AMAFlags,
		int(time.Since(c.Created).Seconds()), c.BridgeID, c.ID)
}

func (c *Core) showChannel(_ context.Context, s *Session, args []string) error {
	if len(args) != 1 {
		return ErrUsage
	}
	ch := c.Registry.Find(args[0])
	if ch == nil {
		s.Printf("%s is not a known channel\n", args[0])
		return nil
	}
	x := ch.Snapshot()
	d := time.Since(x.Created)
	s.Printf(" -- General --\n           Name: %s\n           Type: %s\n       UniqueID: %s\n       LinkedID: %s\n      Caller ID: %s\n"+
		" Caller ID Name: %s\n    DNID Digits: %s\n       Language: %s\n          State: %s (%d)\n   Elapsed Time: %dh%dm%ds\n      Bridge ID: %s\n",
		x.Name, strings.SplitN(x.Name, "/", 2)[0], x.ID, x.LinkedID, orNA(x.Identity.Caller.Number), orNA(x.Identity.Caller.Name),
		orNA(x.Identity.DNID), x.Language, x.State, int(x.State), int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60, orNot(x.BridgeID))
	s.Printf(" --   PBX   --\n        Context: %s\n      Extension: %s\n       Priority: %d\n    Application: %s\n           Data: %s\n      Variables:\n",
		x.Place.Context, x.Place.Exten, x.Place.Priority, orNA(x.App), orNone(x.Data))
	ch.Vars.Named(func(name, value string) bool {
		s.Printf("%s=%s\n", name, value)
		return true
	})
	return nil
}

func orNA(s string) string {
	if s == "" {
		return "(N/A)"
	}
	return s
}

func orNot(s string) string {
	if s == "" {
		return "(Not bridged)"
	}
	return s
}

func (c *Core) requestHangup(_ context.Context, s *Session, args []string) error {
	if len(args) != 1 {
		return ErrUsage
	}
	if strings.EqualFold(args[0], "all") {
		for _, ch := range c.Registry.All() {
			s.Printf("Requested Hangup on channel '%s'\n", ch.Name())
			ch.Hangup(call.CauseNormalClearing)
		}
		return nil
	}
	ch := c.Registry.Find(args[0])
	if ch == nil {
		s.Printf("%s is not a known channel\n", args[0])
		return nil
	}
	ch.Hangup(call.CauseNormalClearing)
	s.Printf("Requested Hangup on channel '%s'\n", ch.Name())
	return nil
}
