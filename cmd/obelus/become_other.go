//go:build !unix

package main

import "errors"

// become fails where users can't be changed.
func become(name, group string, _ ...string) error {
	if name == "" && group == "" {
		return nil
	}
	return errors.New("running as another user (-U, -G, runuser, rungroup) is not possible on this system: start it as that user")
}
