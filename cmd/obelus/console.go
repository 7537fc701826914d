package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"obelus/cmd/obelus/settings"
	"obelus/console"
)

// unwatched is the verbosity of a console that is shown nothing by itself.
const unwatched = -1

// What attach returns, beside 0.
const (
	noServer   = 1
	lostServer = 2
)

func runConsole(args []string) int {
	set := flags("console")
	config := set.String("config", "", "directory of asterisk.conf")
	data := set.String("data", "", "data directory of the server")
	command := set.String("x", "", "one command")
	if _, code, ok := parse(set, args, 0, 0); !ok {
		return code
	}
	dirs, _, err := settings.Find(*config, *data, "")
	if err != nil {
		return failed(err)
	}
	if *command != "" {
		return attach(dirs.Socket(), *command, unwatched, nil)
	}
	return min(attach(dirs.Socket(), "", 3, console.NewKeyboard(os.Stdin)), 1)
}

// attach runs one command on the running server, or shows its console to who types at keys.
func attach(socket, command string, verbosity int, keys *console.Keyboard) int {
	c, err := console.Dial(socket, os.Stdout)
	if err != nil {
		notAttached(socket, err)
		return noServer
	}
	defer c.Close()
	if command != "" {
		_, err = c.Run(command)
	} else {
		err = converse(c, socket, verbosity, keys)
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, console.ErrDetached) && command != "":
		return 0 // it was carried out: the server has gone, as core stop now has it
	case errors.Is(err, console.ErrDetached):
		fmt.Fprintln(os.Stderr, "Disconnected from Asterisk server")
		return lostServer
	}
	fmt.Fprintln(os.Stderr, "obelus:", err)
	return 1
}

// notAttached says so in the original's words, which scripts look for, and why
// unless there simply is no server.
func notAttached(socket string, err error) {
	fmt.Fprintf(os.Stderr, "Unable to connect to remote asterisk (does %s exist?)\n", socket)
	if !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(os.Stderr, "obelus:", err)
	}
}

func converse(c *console.Client, socket string, verbosity int, keys *console.Keyboard) error {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	fmt.Printf("Connected to %s currently running on %s (pid = %d)\nType help for the commands, exit to leave.\n", c.Version, host, c.PID)
	if verbosity > unwatched {
		if err := c.Watch(verbosity); err != nil {
			return err
		}
	}
	return c.Interact(keys, historyFile(socket))
}

func historyFile(socket string) string { return filepath.Join(filepath.Dir(socket), "console-history") }
