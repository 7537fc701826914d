package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"obelus/dialplan/syntax"
)

func runMatch(args []string) int {
	fs := flag.NewFlagSet("match", flag.ContinueOnError)
	config := fs.String("config", "", "directory of extensions.conf")
	if err := fs.Parse(args); err != nil || fs.NArg() < 2 || fs.NArg() > 3 {
		fmt.Fprintln(os.Stderr, "usage: obelus match [--config DIR] CONTEXT EXTEN [CALLERID]")
		return 2
	}
	dirs, _, err := findDirs(*config, "", "")
	var c *configuration
	if err == nil {
		c, _, err = readConfig(dirs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "obelus:", err)
		return 2
	}
	return match(os.Stdout, c.plan, fs.Arg(0), fs.Arg(1), fs.Arg(2))
}

// match prints which extension of which context takes what was dialled.
func match(w io.Writer, p *syntax.Plan, context, exten, callerID string) int {
	e, in := p.FindExtension(context, exten, callerID, time.Now())
	if e == nil {
		fmt.Fprintln(w, "(no match)")
		return 1
	}
	name := e.Name
	if e.HasCID {
		name += "/" + e.CallerID
	}
	fmt.Fprintf(w, "%s:%s\n", in.Name, name)
	return 0
}
