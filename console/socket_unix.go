//go:build unix

package console

import (
	"net"
	"os"
	"syscall"
)

// listenPrivate opens a socket that its owner alone can open: the mask is set
// before the file exists, so that there is no moment at which others could.
func listenPrivate(path string) (net.Listener, error) {
	old := syscall.Umask(0o077)
	ln, err := net.Listen("unix", path)
	syscall.Umask(old)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		ln.Close()
		return nil, err
	}
	return ln, nil
}
