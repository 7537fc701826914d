//go:build !linux

package wire

import "errors"

// newEpollEngine fails: epoll is Linux's.
func newEpollEngine(*Options) (Engine, error) {
	return nil, errors.New("epoll is found on Linux only")
}
