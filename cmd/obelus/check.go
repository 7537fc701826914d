package main

import (
	"fmt"
	"os"

	"obelus/cmd/obelus/check"
)

func runCheck(args []string) int {
	set := flags("check")
	asJSON := set.Bool("json", false, "for machines")
	words, code, ok := parse(set, args, 0, 1)
	if !ok {
		return code
	}
	dir := ""
	if len(words) == 1 {
		dir = words[0]
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			fmt.Fprintf(os.Stderr, "obelus: %s is no directory\n", dir)
			return check.Refused
		}
	}
	c := check.Directory(dir, version)
	if *asJSON {
		return c.JSON(os.Stdout)
	}
	return c.Print(os.Stdout)
}
