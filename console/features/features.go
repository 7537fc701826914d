// Package features is the console's command about what keys begin in a call, in the words of the original.
package features

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"obelus/console"
	"obelus/features"
)

// Commands lists the commands of a desk.
func Commands(d *features.Desk) []console.Command {
	return []console.Command{{Words: "features show", Summary: "Lists configured features", Run: func(_ context.Context, s *console.Session, args []string) error {
		if len(args) > 0 {
			return console.ErrUsage
		}
		s.Printf("%s", Show(d.Config()))
		return nil
	}}}
}

// Show writes the features of a configuration.
func Show(c *features.Config) string {
	var b strings.Builder
	was := features.Defaults()
	row := func(name, before, now string) { fmt.Fprintf(&b, "%-25s %-7s %-7s\n", name, before, now) }
	row("Builtin Feature", "Default", "Current")
	row("---------------", "-------", "-------")
	row("Pickup", was.PickupExten, c.PickupExten)
	for _, f := range [...][2]string{
		{"Blind Transfer", "blindxfer"}, {"Attended Transfer", "atxfer"}, {"One Touch Monitor", "automon"}, {"Disconnect Call", "disconnect"},
		{"Park Call", "parkcall"}, {"One Touch MixMonitor", "automixmon"},
	} {
		row(f[0], keys(was.Map[f[1]]), keys(c.Map[f[1]]))
	}
	b.WriteString("\n")
	row("Dynamic Feature", "Default", "Current")
	row("---------------", "-------", "-------")
	var names []string
	for name := range c.Dynamic {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		f := c.Dynamic[name]
		row(console.Plain(f.Name), "no def", f.Keys)
	}
	if len(names) == 0 {
		b.WriteString("(none)\n")
	}
	b.WriteString("\nFeature Groups:\n---------------\n")
	writeGroups(&b, c.Groups)
	return b.String()
}

func keys(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

func writeGroups(b *strings.Builder, groups map[string][]features.Member) {
	var names []string
	for name := range groups {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(b, "===> Group: %s\n", console.Plain(name))
		for _, m := range groups[name] {
			fmt.Fprintf(b, "===> --> %s (%s)\n", console.Plain(m.Name), keys(m.Keys))
		}
	}
	if len(names) == 0 {
		b.WriteString("(none)\n")
	}
}
