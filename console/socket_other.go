//go:build !unix

package console

import "net"

// listenPrivate opens the socket. On Windows the rights of the data directory
// are what guards it.
func listenPrivate(path string) (net.Listener, error) { return net.Listen("unix", path) }
