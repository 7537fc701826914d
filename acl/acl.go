// Package acl is who may: lists of networks that are permitted and denied, as
// permit= and deny= of the original's files write them, and the named lists of
// acl.conf.
package acl

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// List is a number of permit and deny, in order; the last that matches decides, and
// what none matches is allowed, as in the original.
type List []Rule

// Rule is one network of a list. One without a network ends a part that must let
// an address pass by itself: see [List.And].
type Rule struct {
	Permit bool
	Net    netip.Prefix
}

// Allows says whether an address passes. An IPv4 address that arrived on an IPv6
// socket counts as IPv4; rules of one family say nothing of the other.
func (l List) Allows(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	ok := true
	for _, r := range l {
		switch {
		case !r.Net.IsValid() && !ok:
			return false
		case r.Net.IsValid() && r.Net.Contains(addr):
			ok = r.Permit
		}
	}
	return ok
}

// And is a list that lets pass what both do.
func (l List) And(b List) List {
	switch {
	case len(l) == 0:
		return b
	case len(b) == 0:
		return l
	}
	out := make(List, 0, len(l)+1+len(b))
	out = append(out, l...)
	out = append(out, Rule{})
	return append(out, b...)
}

// Add adds one permit= or deny= line to a list: networks, each with an ! before it
// for the opposite, separated by commas. With an error come those before the one
// that can't be read. The list itself is not changed: accounts share it.
func (l List) Add(permit bool, v string) (List, error) {
	for one := range strings.SplitSeq(v, ",") {
		one = strings.TrimSpace(one)
		sense := permit
		if rest, ok := strings.CutPrefix(one, "!"); ok {
			one, sense = strings.TrimSpace(rest), !permit
		}
		if one == "" {
			continue
		}
		p, err := ParseNet(one)
		if err != nil {
			return l, err
		}
		l = append(l[:len(l):len(l)], Rule{sense, p})
	}
	return l, nil
}

// ParseNet reads 10.0.0.0/8, 10.0.0.0/255.0.0.0 or an address alone.
func ParseNet(s string) (netip.Prefix, error) {
	host, mask, masked := strings.Cut(s, "/")
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is no address", host)
	}
	bits := a.BitLen()
	if masked {
		if bits, err = parseMask(a, mask); err != nil {
			return netip.Prefix{}, err
		}
	}
	if a.Is4In6() && bits >= 96 {
		a, bits = a.Unmap(), bits-96
	}
	return netip.PrefixFrom(a.WithZone(""), bits).Masked(), nil
}

// parseMask reads what stands behind the slash of a network: a number of bits,
// or a mask of the address's own family.
func parseMask(a netip.Addr, mask string) (int, error) {
	if m, err := netip.ParseAddr(mask); err == nil {
		if m.BitLen() != a.BitLen() {
			return 0, fmt.Errorf("%q is no netmask of %s", mask, a)
		}
		return maskBits(m)
	}
	bits, err := strconv.Atoi(mask)
	if err != nil || bits < 0 || bits > a.BitLen() {
		return 0, fmt.Errorf("%q is no netmask of %s", mask, a)
	}
	return bits, nil
}

// maskBits counts the ones of a netmask, which must stand first.
func maskBits(m netip.Addr) (int, error) {
	n, over := 0, false
	for _, b := range m.AsSlice() {
		for i := 7; i >= 0; i-- {
			switch one := b>>i&1 == 1; {
			case one && over:
				return 0, fmt.Errorf("%s is no netmask: its ones must stand first", m)
			case one:
				n++
			default:
				over = true
			}
		}
	}
	return n, nil
}
