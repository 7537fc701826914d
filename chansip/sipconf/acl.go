package sipconf

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// ACL is a list of permit and deny, in order; the last that matches decides, and
// what none matches is allowed, as in the original.
type ACL []Rule

// Rule is one network of an ACL. One without a network ends a list that must
// let an address pass by itself: of contactpermit and contactdeny both
// [general]'s lines and the account's own count.
type Rule struct {
	Permit bool
	Net    netip.Prefix
}

// Allows says whether an address passes. An IPv4 address that arrived on an IPv6
// socket counts as IPv4; rules of one family say nothing of the other.
func (a ACL) Allows(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	ok := true
	for _, r := range a {
		switch {
		case !r.Net.IsValid() && !ok:
			return false
		case r.Net.IsValid() && r.Net.Contains(addr):
			ok = r.Permit
		}
	}
	return ok
}

// and is a list that lets pass what both do.
func (a ACL) and(b ACL) ACL {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	}
	out := make(ACL, 0, len(a)+1+len(b))
	out = append(out, a...)
	out = append(out, Rule{})
	return append(out, b...)
}

// parseACL adds one permit= or deny= line to a list: networks, each with an !
// before it for the opposite, separated by commas. The list given is not changed:
// accounts share it.
func parseACL(acl ACL, permit bool, v string) (ACL, error) {
	for one := range strings.SplitSeq(v, ",") {
		one = strings.TrimSpace(one)
		sense := permit
		if rest, ok := strings.CutPrefix(one, "!"); ok {
			one, sense = strings.TrimSpace(rest), !permit
		}
		if one == "" {
			continue
		}
		p, err := parseNet(one)
		if err != nil {
			return acl, err
		}
		acl = append(acl[:len(acl):len(acl)], Rule{sense, p})
	}
	return acl, nil
}

// parseNet reads 10.0.0.0/8, 10.0.0.0/255.0.0.0 or an address alone.
func parseNet(s string) (netip.Prefix, error) {
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
