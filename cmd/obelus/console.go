package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"obelus/console"
)

func runConsole(args []string) int {
	fs := flag.NewFlagSet("console", flag.ContinueOnError)
	config := fs.String("config", "", "directory of asterisk.conf")
	data := fs.String("data", "", "data directory of the server")
	command := fs.String("x", "", "one command")
	if err := fs.Parse(args); err != nil {
		return 2
	}
	dirs, _, err := findDirs(*config, *data, "")
	if err != nil {
		fmt.Fprintln(os.Stderr, "obelus:", err)
		return 1
	}
	return attach(dirs.Socket(), *command, 3)
}

// attach runs one command on the running server, or shows its console.
func attach(socket, command string, verbosity int) int {
	c, err := console.Dial(socket, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer c.Close()
	if command != "" {
		if _, err := c.Run(command); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return 0
	}
	fmt.Printf("Connected to %s (pid = %d). Type help for the commands, exit to leave.\n", c.Version, c.PID)
	if err := c.Watch(verbosity); err == nil {
		err = c.Interact(os.Stdin, filepath.Join(filepath.Dir(socket), "console-history"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}
