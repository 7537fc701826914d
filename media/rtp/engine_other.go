//go:build !linux

package rtp

import "errors"

// newEpollEngine fails: epoll is Linux's.
func newEpollEngine(*Options) (engine, error) {
	return nil, errors.New("epoll is found on Linux only")
}
