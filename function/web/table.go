// Package web is the functions that ask web servers: CURL and CURLOPT.
//
// Only http and https are spoken. An answer is bounded in size and time, and
// nobody waits for it when the call has ended.
package web

import (
	"context"
	"embed"
	"net"

	"obelus/pbx"
)

// pages are the manual, one page a function.
//
//go:embed *.md
var pages embed.FS

// Dialer opens a connection, as [net.Dialer.DialContext] does.
type Dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Table returns the functions. Connections are opened by dial; nil: as the system does.
func Table(dial Dialer) []pbx.Function {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	c := client{dial: dial}
	return pbx.DescribeFunctions(pages, []pbx.Function{
		{Name: "CURL", Read: c.read, Write: c.save, GuardWrite: true},
		{Name: "CURLOPT", Read: readOption, Write: writeOption},
	})
}
