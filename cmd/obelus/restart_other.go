//go:build !unix

package main

import "errors"

// canRestart says whether a process can become another.
const canRestart = false

// begin fails: nothing asks for it where it is not possible.
func begin() error { return errors.New("a restart is not possible on this system") }
