//go:build unix

package main

import (
	"fmt"
	"os"
	"syscall"
)

// canRestart says whether a process can become another.
const canRestart = true

// begin has this process run the program again, the one that is there now, with the same flags: it keeps its number, its terminal and its place in
// the service manager. It returns only where that fails.
func begin() error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("restart: %w", err)
	}
	return fmt.Errorf("restart %s: %w", program, syscall.Exec(program, os.Args, os.Environ()))
}
