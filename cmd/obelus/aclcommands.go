package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"obelus/acl"
	"obelus/console"
)

// aclCommand shows the lists of acl.conf in the original's layout.
func (s *server) aclCommand() console.Command {
	return console.Command{
		Words: "acl show", Args: "[name]", Summary: "Show a named ACL or list all named ACLs",
		Run: func(_ context.Context, c *console.Session, args []string) error {
			lists := *s.acls.Load()
			switch {
			case len(args) > 1:
				return console.ErrUsage
			case len(args) == 0:
				c.Printf("\nacl\n---\n%s", lines(lists.Names()))
				return nil
			}
			list, ok := lists[args[0]]
			if !ok {
				c.Printf("\nCould not find the named ACL '%s'\n", args[0])
				return nil
			}
			c.Printf("\nACL: %s\n---------------------------------------------\n%s", args[0], rules(list))
			return nil
		},
		Complete: func(args []string) []string {
			if len(args) > 0 {
				return nil
			}
			return s.acls.Load().Names()
		},
	}
}

func lines(list []string) string {
	var b strings.Builder
	for _, l := range list {
		b.WriteString(l + "\n")
	}
	return b.String()
}

// rules writes the networks of a list with their masks, as the original does.
func rules(list acl.List) string {
	var b strings.Builder
	for i, r := range list {
		what := "deny"
		if r.Permit {
			what = "allow"
		}
		bits := r.Net.Addr().BitLen()
		mask, _ := netip.AddrFromSlice(net.CIDRMask(r.Net.Bits(), bits))
		fmt.Fprintf(&b, "%3d: %5s - %s/%s\n", i, what, r.Net.Addr(), mask)
	}
	return b.String()
}
