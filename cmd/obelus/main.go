// Command obelus is a SIP server for calls and messages that runs Asterisk's
// sip.conf and extensions.conf.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	_ "time/tzdata" // time zones of the dialplan, also where the system has none

	"obelus/cmd/obelus/settings"
	"obelus/conf"
)

// version is set by the linker.
var version = "0.1.0"

func main() {
	code := run(os.Args[0], os.Args[1:])
	if code == codeRestart {
		code = failed(begin())
	}
	os.Exit(code)
}

// codeRestart is what run returns where the program is to begin again.
const codeRestart = -1

// run is the program: as asterisk or rasterisk with the original's flags, else
// with commands of its own. It returns the exit code.
func run(name string, args []string) int {
	switch strings.TrimSuffix(filepath.Base(name), ".exe") {
	case "asterisk":
		return runAsterisk(args)
	case "rasterisk":
		return runAsterisk(append([]string{"-r"}, args...))
	}
	if len(args) == 0 {
		fmt.Print(frontPage())
		return 0
	}
	word := args[0]
	if len(word) > 1 && word[0] == '-' && word[1] != '-' {
		return runAsterisk(args)
	}
	word = strings.TrimPrefix(word, "--") // --help and --version, too
	for _, c := range commands() {
		if c.name == word {
			return c.run(args[1:])
		}
	}
	fmt.Fprintf(os.Stderr, "obelus: there is no command '%s'%s; obelus help lists them\n", args[0], meant(word))
	return 2
}

// meant names the command that a mistyped word is nearest to.
func meant(word string) string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	if near := conf.Nearest(word, names); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

func runVersion(args []string) int {
	if _, code, ok := parse(flags("version"), args, 0, 0); !ok {
		return code
	}
	fmt.Printf("obelus %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return 0
}

func runServe(args []string) int {
	set := flags("serve")
	config := set.String("config", "", "directory of sip.conf and extensions.conf")
	data := set.String("data", "", "directory for what is kept")
	verbose := set.Bool("v", false, "show what happens")
	profile := set.String("cpuprofile", "", "write a profile of the run to this file, for go tool pprof")
	if _, code, ok := parse(set, args, 0, 0); !ok {
		return code
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			return failed(err)
		}
		defer pprof.StopCPUProfile()
	}
	dirs, found, err := settings.Find(*config, *data, "")
	if err != nil {
		return failed(err)
	}
	complain(found)
	if *verbose {
		dirs.Options.Verbose = max(dirs.Options.Verbose, 3)
	}
	return ended(start(dirs, os.Stdout))
}

// ended is the exit code of a server.
func ended(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errRestart):
		return codeRestart
	}
	return failed(err)
}

// complain says what of asterisk.conf is ignored.
func complain(found []conf.Diagnostic) {
	for _, d := range found {
		if d.Severity > conf.Note {
			fmt.Fprintln(os.Stderr, d)
		}
	}
}

// failed says why nothing came of it.
func failed(err error) int {
	fmt.Fprintln(os.Stderr, "obelus:", err)
	return 1
}
