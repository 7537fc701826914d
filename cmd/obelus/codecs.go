package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"obelus/console"
	"obelus/media"
)

// codecCommand is core show codecs.
func codecCommand() console.Command {
	return console.Command{
		Words: "core show codecs", Args: "[audio|video|image|text]", Summary: "Displays a list of registered codecs",
		Run: func(_ context.Context, c *console.Session, args []string) error {
			if len(args) > 1 {
				return console.ErrUsage
			}
			kind := ""
			if len(args) == 1 {
				kind = strings.ToLower(args[0])
			}
			var b strings.Builder
			showCodecs(&b, kind)
			_, err := io.WriteString(c, b.String())
			return err
		},
		Complete: func(args []string) []string {
			if len(args) > 0 {
				return nil
			}
			return []string{"audio", "image", "text", "video"}
		},
	}
}

// showCodecs prints the table in the original's columns.
func showCodecs(w io.Writer, kind string) {
	fmt.Fprint(w, "Disclaimer: this command is for informational purposes only.\n\tIt does not indicate anything about your configuration.\n")
	fmt.Fprintf(w, "%8s %-5s %-12s %-16s %s\n", "ID", "TYPE", "NAME", "FORMAT", "DESCRIPTION")
	fmt.Fprintln(w, strings.Repeat("-", 95))
	for i, f := range media.All() {
		if kind == "" || f.Kind().String() == kind {
			fmt.Fprintf(w, "%8d %-5s %-12s %-16s (%s)\n", i+1, f.Kind(), f.Family(), f, f.Description())
		}
	}
}
