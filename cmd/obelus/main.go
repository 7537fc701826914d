// Command obelus is a SIP server for calls and messages that runs Asterisk's
// sip.conf and extensions.conf.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	_ "time/tzdata" // time zones of the dialplan, also where the system has none
)

// version is set by the linker.
var version = "0.1.0"

func main() { os.Exit(run(os.Args[1:])) }

const usage = `obelus is a SIP server for calls and messages that runs Asterisk's sip.conf and
extensions.conf.

  obelus serve [--config DIR] [--data DIR] [-v]   serve; without files, two built-in accounts
  obelus check [DIR] [--json]                     what would be made of the files, like a compiler
  obelus match [--config DIR] CONTEXT EXTEN [CALLERID]   which extension matches
  obelus simulate [--config DIR] CONTEXT EXTEN    run the dialplan without a phone
  obelus console [--data DIR] [-x COMMAND]        attach to the running server
  obelus version
  obelus help

Asterisk's own flags work too: obelus -rx "sip show peers".
`

func run(args []string) int {
	if len(args) == 0 {
		fmt.Print(usage)
		return 0
	}
	switch args[0] {
	case "serve":
		return runServe(args[1:])
	case "check":
		return runCheck(args[1:])
	case "match":
		return runMatch(args[1:])
	case "simulate":
		return runSimulate(args[1:])
	case "console":
		return runConsole(args[1:])
	case "version", "--version", "-V":
		fmt.Printf("obelus %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return 0
	case "help", "--help", "-h":
		fmt.Print(usage)
		return 0
	}
	fmt.Fprintf(os.Stderr, "obelus: there is no command '%s'; obelus help lists them\n", args[0])
	return 2
}

func runServe(args []string) int {
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	config := fs.String("config", "", "directory of sip.conf and extensions.conf")
	data := fs.String("data", "", "directory for what is kept")
	verbose := fs.Bool("v", false, "show what happens")
	profile := fs.String("cpuprofile", "", "write a profile of the run to this file, for go tool pprof")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "obelus:", err)
			return 1
		}
		defer pprof.StopCPUProfile()
	}
	dirs, _, err := findDirs(*config, *data, "")
	if err == nil {
		level := 0
		if *verbose {
			level = 3
		}
		err = serve(dirs, level, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "obelus:", err)
		return 1
	}
	return 0
}
