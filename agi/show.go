package agi

import (
	"fmt"
	"io"
	"strings"
)

// ShowCommands lists the commands as agi show commands does.
func ShowCommands(w io.Writer) {
	fmt.Fprintf(w, "\n%5s%30s   %s\n", "Dead", "Command", "Description")
	for _, c := range commands() {
		dead := "No"
		if c.dead {
			dead = "Yes"
		}
		fmt.Fprintf(w, "%5s%30s   %s\n", dead, strings.ToLower(c.words), c.synopsis)
	}
	fmt.Fprintln(w)
}

// ShowCommand shows one command, or all that begin with the words; false where
// there is none.
func ShowCommand(w io.Writer, words []string) bool {
	want, any := strings.ToLower(strings.Join(words, " ")), false
	for _, c := range commands() {
		name := strings.ToLower(c.words)
		if name != want && !strings.HasPrefix(name, want+" ") {
			continue
		}
		any = true
		dead := "No"
		if c.dead {
			dead = "Yes"
		}
		fmt.Fprintf(w, "\n  -= Info about AGI Command '%s' =-\n\n%sRuns Dead: %s\n", name, c.usage(), dead)
	}
	return any
}
