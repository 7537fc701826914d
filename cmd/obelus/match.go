package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"obelus/cmd/obelus/settings"
	"obelus/dialplan/syntax"
)

func runMatch(args []string) int {
	set := flags("match")
	config := set.String("config", "", "directory of extensions.conf")
	words, code, ok := parse(set, args, 2, 3)
	if !ok {
		return code
	}
	c, err := readFrom(*config)
	if err != nil {
		failed(err)
		return 2
	}
	callerID := ""
	if len(words) == 3 {
		callerID = words[2]
	}
	return match(os.Stdout, c.Plan, words[0], words[1], callerID)
}

// readFrom reads the configuration of a directory, "" for the one that serve
// would find.
func readFrom(config string) (*settings.Files, error) {
	dirs, _, err := settings.Find(config, "", "")
	if err != nil {
		return nil, err
	}
	c, _, err := settings.Read(dirs, version)
	return c, err
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
