package file

import (
	"os"
	"syscall"
)

// details is what the system says of a file.
func details(info os.FileInfo) inode {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return guess(info)
	}
	return inode{int64(s.Atim.Sec), int64(s.Ctim.Sec), s.Mode}
}
