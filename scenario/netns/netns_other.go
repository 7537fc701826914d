//go:build !linux

package netns

import (
	"errors"
	"os/exec"
)

var errNotHere = errors.New("network namespaces are Linux's")

// Add fails: there are no namespaces here.
func Add(string) error { return errNotHere }

// Delete fails: there are no namespaces here.
func Delete(string) error { return errNotHere }

// Mine lists none.
func Mine() ([]string, error) { return nil, nil }

// Sweep does nothing: there are no namespaces here.
func Sweep() error { return nil }

// Run fails: there are no namespaces here.
func Run(string, string, ...string) error { return errNotHere }

// Output fails: there are no namespaces here.
func Output(string, ...string) (string, error) { return "", errNotHere }

// Command is exec.Command.
func Command(_, program string, args ...string) *exec.Cmd { return exec.Command(program, args...) }

// Do runs what, unless it is to run in a namespace.
func Do(name string, what func() error) error {
	if name != "" {
		return errNotHere
	}
	return what()
}
