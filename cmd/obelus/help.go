package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
)

// command is one word that obelus understands.
type command struct {
	name, args string
	summary    string
	help       string // more, for obelus help NAME
	run        func(args []string) int
}

// commands lists them as help shows them.
func commands() []command {
	return []command{
		{"serve", "[--config DIR] [--data DIR] [-v]", "serve; without any file, with two accounts to try", serveHelp, runServe},
		{"check", "[DIR] [--json]", "say what is made of the files, like a compiler", checkHelp, runCheck},
		{"match", "[--config DIR] CONTEXT EXTEN [CALLERID]", "say which extension of the dialplan matches", matchHelp, runMatch},
		{"simulate", "[--config DIR] [FLAGS] CONTEXT EXTEN", "run the dialplan without a phone", simulateHelp, runSimulate},
		{"console", "[--config DIR] [--data DIR] [-x COMMAND]", "attach to the running server", consoleHelp, runConsole},
		{"version", "", "print the version", "", runVersion},
		{"help", "[COMMAND]", "print this page, or more about a command", "", runHelp},
	}
}

const serveHelp = `Without --config the files are looked for in /etc/obelus, then in /etc/asterisk;
where there are none, two accounts to try out are built in, and only loopback and
private addresses are listened on. An asterisk.conf beside sip.conf is honoured:
[directories] says where data, socket, log and spool are.

  --config DIR   where sip.conf, extensions.conf, rtp.conf and obelus.conf are;
                 each may be missing
  --data DIR     where registrations and the control socket are kept
  -v             show every step and call, as a console with verbosity 3
  --cpuprofile FILE   write a profile of the run, for go tool pprof

SIGHUP reads the files again, SIGTERM and Ctrl-C end calls and stop.
`

const checkHelp = `Reads the files as serve would, and looks closer: what is misspelt, not supported
yet, leads nowhere or is dangerous, with file and line, what happens instead, and
the nearest known name.

  --json   one JSON object, for machines

Exit code 0: it would start and nothing is ignored. 1: it would start, and
something is ignored. 2: it would not start.
`

const matchHelp = `Prints context:pattern of the extension that takes what was dialled: the context
in which it was found, and the pattern as it is written. Where there is none it
prints (no match), and the exit code is 1.
`

const simulateHelp = `Runs the real dialplan on a channel with no phone behind it and prints a line a
step, CONTEXT,EXTEN,PRIORITY:Application(data filled in), then HANGUP cause=N.
Calls, messages and sounds are printed in parentheses, not carried out; files are
not written and programs not run. Waiting takes as long as it would.

  --callerid N          number of the caller
  --set NAME=VALUE      a channel variable; may be given several times
  --dtmf DIGITS         keys, pressed a second after the start
  --dial WORD           what phones do that are dialled: answer (and hang up
                        after a second), busy, noanswer, unavailable
  --text BODY           a text message comes in instead of a call
`

const consoleHelp = `Shows what happens, and takes commands with history and completion (tab). help
lists them; exit leaves the server running.

  -x COMMAND   carry one command out, and exit
`

func frontPage() string {
	var b strings.Builder
	b.WriteString("obelus is a SIP server for calls and messages that runs Asterisk's sip.conf and\nextensions.conf.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  obelus %-9s %s\n", c.name, c.summary)
	}
	b.WriteString("\nobelus help COMMAND says more. Asterisk's own flags work too (obelus -h lists\nthem): obelus -rx \"sip show peers\".\n")
	return b.String()
}

// page is the help of one command.
func (c command) page() string {
	s := fmt.Sprintf("%s\n%s.\n", c.usage(), strings.ToUpper(c.summary[:1])+c.summary[1:])
	if c.help != "" {
		s += "\n" + c.help
	}
	return s
}

func (c command) usage() string { return strings.TrimSpace("usage: obelus " + c.name + " " + c.args) }

// find returns the command of that name.
func find(name string) (command, bool) {
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		return command{}, false
	}
	return all[i], true
}

func runHelp(args []string) int {
	if len(args) == 0 {
		fmt.Print(frontPage())
		return 0
	}
	c, ok := find(args[0])
	if !ok {
		fmt.Fprintf(os.Stderr, "obelus: there is no command '%s'%s\n", args[0], meant(args[0]))
		return 2
	}
	fmt.Print(c.page())
	return 0
}

// flags are those of a command.
func flags(name string) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.Usage = func() {} // parse prints it
	return set
}

// parse reads the command line of a command: flags, and from least to most words
// before, between and behind them. ok is false when the command is over: the exit
// code is then to be returned.
func parse(set *flag.FlagSet, args []string, least, most int) (words []string, code int, ok bool) {
	c, _ := find(set.Name())
	for {
		err := set.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Print(c.page())
			return nil, 0, false
		}
		if err != nil {
			break
		}
		rest := set.Args()
		ended := len(rest) < len(args) && args[len(args)-len(rest)-1] == "--"
		if ended {
			words = append(words, rest...)
		} else if len(rest) > 0 {
			words = append(words, rest[0])
			args = rest[1:]
			continue
		}
		if len(words) < least || len(words) > most {
			break
		}
		return words, 0, true
	}
	fmt.Fprintln(os.Stderr, c.usage())
	return nil, 2, false
}
