//go:build unix

package mailbox

import (
	"os"
	"syscall"
)

// keepOwner gives a file the owner of another that it is to replace, where we may: a server that runs as root does not take voicemail.conf away from who edits it.
// Where we may not it has our owner.
func keepOwner(from, to string) {
	info, err := os.Stat(from)
	if err != nil {
		return
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		os.Chown(to, int(s.Uid), int(s.Gid)) // it fails for those who may not, and then nothing is to be done
	}
}
