package agi

import (
	"errors"
	"slices"
	"strings"
)

// command is one thing that a script may say.
type command struct {
	words    string // STREAM FILE
	args     string // <filename> <escape digits> [sample offset]
	synopsis string
	about    string // what agi show commands topic and a usage error say beside; may be empty
	dead     bool   // it needs no channel

	// run carries it out and returns what stands behind 200 in the reply. args
	// are the words behind the command's own. Of its errors errUsage has the usage
	// sent instead; with any other the reply still goes, and the script is taken
	// to have failed.
	run func(s *session, args []string) (reply string, err error)
}

var (
	errUsage = errors.New("the arguments don't fit")
	// errFailed says that the command has failed, mostly since the channel went.
	errFailed = errors.New("the command failed")
)

// usage is what a script is told whose arguments don't fit.
func (c *command) usage() string {
	return "Usage: " + strings.TrimSpace(c.words+" "+c.args) + "\n\n\t" + c.synopsis + "\n" + indent(c.about)
}

func indent(text string) string {
	if text == "" {
		return ""
	}
	return "\t" + strings.ReplaceAll(text, "\n", "\n\t") + "\n"
}

// find returns the command that words begin with, in any case of letters, and the
// words behind it; nil for none.
func (d *Deps) find(words []string) (*command, []string) {
	for i := range d.known {
		c := &d.known[i]
		own := strings.Fields(c.words)
		if len(words) >= len(own) && slices.EqualFunc(own, words[:len(own)], strings.EqualFold) {
			return c, words[len(own):]
		}
	}
	return nil, nil
}

// commands are all commands, in the order that the console shows.
func commands() []command {
	all := slices.Concat(channelCommands(), placeCommands(), variableCommands(), databaseCommands(), soundCommands(), sayCommands(), speechCommands())
	slices.SortFunc(all, func(a, b command) int { return strings.Compare(a.words, b.words) })
	return all
}
