//go:build !linux

// Command relay compares media relays; its network namespaces are Linux's.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "bench/relay: needs Linux: the phones and the relay sit in network namespaces of their own")
	os.Exit(1)
}
