// Package netns makes and uses the network namespaces of Linux: a test puts a
// phone, a NAT or a server into one, each with addresses of its own, and no
// packet leaves the machine. It drives ip(8), which needs root.
//
// Names begin with Prefix and the process that made them, so that a later run
// can take away what a killed one has left.
package netns

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Prefix begins the name of each namespace made here.
const Prefix = "obelus-lab-"

// Name is the name of a namespace of this process.
func Name(what string) string {
	return fmt.Sprintf("%s%d-%s", Prefix, os.Getpid(), what)
}

// owner is the process that made a namespace; 0 for the namespaces of others.
func owner(name string) int {
	rest, ours := strings.CutPrefix(name, Prefix)
	if !ours {
		return 0
	}
	digits, _, _ := strings.Cut(rest, "-")
	pid, err := strconv.Atoi(digits)
	if err != nil || pid <= 0 {
		return 0
	}
	return pid
}
