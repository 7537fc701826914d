// Package codecs is the console's commands about codings of sound and what it costs to
// translate between them.
package codecs

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"obelus/console"
	"obelus/media"
	"obelus/media/codec"
)

// Commands are core show codecs, core show codec and core show translation of a set.
func Commands(set *codec.Set) []console.Command {
	return []console.Command{codecCommand(), oneCodecCommand(), translationCommand(set)}
}

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

// oneCodecCommand is core show codec.
func oneCodecCommand() console.Command {
	return console.Command{
		Words: "core show codec", Args: "<number>", Summary: "Shows a specific codec",
		Run: func(_ context.Context, c *console.Session, args []string) error {
			if len(args) != 1 {
				return console.ErrUsage
			}
			var b strings.Builder
			showCodec(&b, args[0])
			_, err := io.WriteString(c, b.String())
			return err
		},
	}
}

// showCodec prints one codec, by its number in the table or by its name.
func showCodec(w io.Writer, which string) {
	for i, f := range media.All() {
		if strconv.Itoa(i+1) == which || strings.EqualFold(f.String(), which) {
			fmt.Fprintf(w, "%11d %s (%s)\n", i+1, f, f.Description())
			return
		}
	}
	fmt.Fprintf(w, "Codec %s not found\n", which)
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
