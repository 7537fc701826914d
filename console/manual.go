package console

import (
	"context"
	"strings"

	"obelus/pbx"
)

func (c *Core) manual(table *Table) []Command {
	appNames := func(args []string) []string {
		if len(args) > 0 {
			return nil
		}
		var out []string
		for _, a := range c.PBX.Applications() {
			out = append(out, a.Name)
		}
		return out
	}
	functionNames := func(args []string) []string {
		if len(args) > 0 {
			return nil
		}
		var out []string
		for _, f := range c.PBX.Functions() {
			out = append(out, f.Name)
		}
		return out
	}
	help := func(_ context.Context, s *Session, args []string) error {
		showHelp(s, table, args)
		return nil
	}
	return []Command{
		{Words: "core show applications", Args: "[{like|describing} <text>]", Summary: "Shows registered dialplan applications", Run: c.applications},
		{Words: "core show application", Args: "<application>", Summary: "Describe a specific dialplan application", Run: c.application, Complete: appNames},
		{Words: "core show functions", Args: "[like <text>]", Summary: "Shows registered dialplan functions", Run: c.functions},
		{Words: "core show function", Args: "<function>", Summary: "Describe a specific dialplan function", Run: c.function, Complete: functionNames},
		{Words: "core show help", Args: "[command]", Summary: "Display help list, or specific help on a command", Run: help},
		{Words: "help", Args: "[command]", Summary: "Display help list, or specific help on a command", Run: help},
	}
}

func showHelp(s *Session, table *Table, args []string) {
	line := strings.Join(args, " ")
	found := 0
	for i := range table.Commands() {
		cmd := &table.Commands()[i]
		n := min(len(args), len(strings.Fields(cmd.Words)))
		parts := strings.Join(strings.Fields(cmd.Words)[:n], " ")
		if m, _ := fits(parts, args[:n]); m != n || n < len(args) {
			continue
		}
		found++
		if len(args) > 0 && n == len(strings.Fields(cmd.Words)) {
			s.Printf("Usage: %s\n       %s\n", strings.TrimSpace(cmd.Words+" "+cmd.Args), cmd.Summary)
			if cmd.Help != "" {
				s.Printf("%s\n", cmd.Help)
			}
			continue
		}
		s.Printf("%30s -- %s\n", cmd.Words, cmd.Summary)
	}
	if found == 0 {
		s.Printf("No such command '%s'.\n", line)
	}
}

func (c *Core) applications(_ context.Context, s *Session, args []string) error {
	keep := func(a *pbx.Application) bool { return true }
	if len(args) == 2 {
		want := strings.ToLower(args[1])
		switch strings.ToLower(args[0]) {
		case "like":
			keep = func(a *pbx.Application) bool { return strings.Contains(strings.ToLower(a.Name), want) }
		case "describing":
			keep = func(a *pbx.Application) bool {
				return strings.Contains(strings.ToLower(a.Description+a.Synopsis), want)
			}
		default:
			return ErrUsage
		}
	} else if len(args) != 0 {
		return ErrUsage
	}
	if len(args) == 0 {
		s.Printf("    -= Registered Asterisk Applications =-\n")
	} else {
		s.Printf("    -= Matching Asterisk Applications =-\n")
	}
	n := 0
	for _, a := range c.PBX.Applications() {
		if keep(a) {
			n++
			s.Printf("  %20s: %s\n", a.Name, a.Synopsis)
		}
	}
	if len(args) == 0 {
		s.Printf("    -= %d Applications Registered =-\n", n)
	} else {
		s.Printf("    -= %d Applications Matching =-\n", n)
	}
	return nil
}

func (c *Core) application(_ context.Context, s *Session, args []string) error {
	if len(args) != 1 {
		return ErrUsage
	}
	a, ok := c.PBX.Application(args[0])
	if !ok {
		s.Printf("Your application(s) is (are) not registered\n")
		return nil
	}
	page(s, "application", a.Name, a.Synopsis, a.Description, a.Syntax)
	return nil
}

func page(s *Session, kind, name, synopsis, description, syntax string) {
	s.Printf("\n  -= Info about %s '%s' =- \n\n[Synopsis]\n%s\n\n[Description]\n%s\n\n[Syntax]\n%s\n\n", kind, name, synopsis, description, syntax)
}

func (c *Core) functions(_ context.Context, s *Session, args []string) error {
	want := ""
	if len(args) == 2 && strings.EqualFold(args[0], "like") {
		want = strings.ToLower(args[1])
	} else if len(args) != 0 {
		return ErrUsage
	}
	title := "Installed Custom Functions:"
	if want != "" {
		title = "Matching Custom Functions:"
	}
	s.Printf("%s\n--------------------------------------------------------------------------------\n", title)
	n := 0
	for _, f := range c.PBX.Functions() {
		if strings.Contains(strings.ToLower(f.Name), want) {
			n++
			s.Printf("%s  %s  %s\n", cut(f.Name, 20), cut(f.Syntax, 35), f.Synopsis)
		}
	}
	if want != "" {
		s.Printf("%d matching custom functions installed.\n", n)
	} else {
		s.Printf("%d custom functions installed.\n", n)
	}
	return nil
}

func (c *Core) function(_ context.Context, s *Session, args []string) error {
	if len(args) != 1 {
		return ErrUsage
	}
	f, ok := c.PBX.Function(args[0])
	if !ok {
		s.Printf("No function by that name registered.\n")
		return nil
	}
	page(s, "function", f.Name, f.Synopsis, f.Description, f.Syntax)
	return nil
}
