package main

import (
	"fmt"
	"strings"
)

// asteriskFlags is the original's command line.
type asteriskFlags struct {
	config               string // -C
	remote, reconnect    bool   // -r, -R
	execute              bool   // -x
	command              string
	console, fork        bool // -c, -F
	quiet, mute          bool // -q, -m
	dumpCore             bool // -g
	execIncludes         bool // -X
	verbose, debug       int  // -v, -d, once for each
	version, help        bool // -V, -h
	user, group, control string
	without              []string // what there is not, and what that means
}

// flagsWithValue are those that a value follows, in the same word or the next.
const flagsWithValue = "CeLMsUGx"

// parseAsterisk reads the original's flags: one letter each, several in a word
// (-rvvv, -rx CMD), in any order.
func parseAsterisk(args []string) (asteriskFlags, error) {
	var f asteriskFlags
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		if word == "--" && len(args) == 0 {
			break
		}
		if len(word) < 2 || word[0] != '-' || word[1] == '-' {
			return f, fmt.Errorf("'%s' is no flag; flags have one letter: -rx \"core show channels\"", word)
		}
		for letters := word[1:]; letters != ""; {
			letter := letters[0]
			letters = letters[1:]
			value := ""
			if strings.IndexByte(flagsWithValue, letter) >= 0 {
				if value, letters = letters, ""; value == "" {
					if len(args) == 0 {
						return f, fmt.Errorf("a value has to follow -%c", letter)
					}
					value, args = args[0], args[1:]
				}
			}
			if !f.set(letter, value) && !f.do(letter) && !f.miss(letter, value) {
				return f, fmt.Errorf("there is no flag -%c; -h lists them", letter)
			}
		}
	}
	return f, nil
}

// set takes a flag with a value.
func (f *asteriskFlags) set(letter byte, value string) bool {
	switch letter {
	case 'C':
		f.config = value
	case 's':
		f.control = value
	case 'U':
		f.user = value
	case 'G':
		f.group = value
	case 'x':
		f.execute, f.command = true, value
	default:
		return false
	}
	return true
}

// do takes a flag without one.
func (f *asteriskFlags) do(letter byte) bool {
	switch letter {
	case 'r':
		f.remote = true
	case 'R':
		f.remote, f.reconnect = true, true
	case 'c':
		f.console = true
	case 'F':
		f.fork = true
	case 'q':
		f.quiet = true
	case 'm':
		f.mute = true
	case 'g':
		f.dumpCore = true
	case 'X':
		f.execIncludes = true
	case 'v':
		f.verbose++
	case 'd':
		f.debug++
	case 'V':
		f.version = true
	case 'h':
		f.help = true
	case 'f', 'n', 'B', 'W', 'T', 'I':
		// As it is anyway: in the foreground, without colours, log lines
		// with their time, sound paced by the clock.
	default:
		return false
	}
	return true
}

// miss takes a flag of the original's that there is not, and says what that
// means.
func (f *asteriskFlags) miss(letter byte, value string) bool {
	what, known := map[byte]string{
		'e': "-e " + value + " is not supported: calls are taken whatever memory is free",
		'L': "-L " + value + " is not supported: calls are taken whatever the load",
		'M': "-M " + value + " is not supported: calls are not counted",
		'p': "-p is not supported: it runs at the priority it was started with",
		't': "-t is not supported: nothing is recorded",
		'i': "-i is not supported: keys with a passphrase are not read",
	}[letter]
	if known {
		f.without = append(f.without, what)
	}
	return known
}

const asteriskUsage = `obelus with Asterisk's flags, one letter each, several in a word or not:

  obelus -c           serve, with a console on this terminal; exit there ends the server
  obelus -f           serve, without
  obelus -r           a console on the running server
  obelus -rx CMD      carry one console command out on the running server

  -C FILE   asterisk.conf: where files, socket, log, spool and database are
  -s FILE   another control socket           -R   as -r, and again when the server comes back
  -v        more verbose, once for each      -d   debug lines, too
  -q        no greeting                      -m   nothing on the console but its answers
  -U USER   run as USER                      -G GROUP   run as GROUP
  -g        dump core when it crashes        -X   #exec in files runs
  -V        version                          -h   this page

  -f -n -T -B -W -I hold anyway; -F stays in the foreground, that is what service
  managers want; -e -L -M -p -t -i are not supported, and say so.

The binary may be called asterisk, or rasterisk (-r). obelus help is about the
commands of its own.
`
