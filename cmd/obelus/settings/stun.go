package settings

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"obelus/conf"
)

// STUN is [stun] of obelus.conf: the built-in STUN server.
type STUN struct {
	Enable    bool
	Bind      []netip.Addr // none: where SIP listens
	Port      uint16
	AltAddr   netip.Addr // a second address, for the tests of RFC 5780
	AltPort   uint16     // 0: none, or with a second address the port after the first
	Rate      float64    // answers a second to one network of sources
	TotalRate float64    // ... and altogether
}

// stunPort is the port of STUN (RFC 8489 section 18.5).
const stunPort = 3478

func stunDefaults() STUN { return STUN{Enable: true, Port: stunPort} }

// stunOptions are the options of [stun].
func stunOptions() map[string]ownOption {
	return map[string]ownOption{
		"enable": func(c *Own, v string) error {
			if !conf.True(v) && !conf.False(v) {
				return wrong{"enable=" + v + " is neither yes nor no", "the STUN server is on"}
			}
			c.STUN.Enable = conf.True(v)
			return nil
		},
		"bindaddr": func(c *Own, v string) error {
			var all []netip.Addr
			for one := range strings.SplitSeq(v, ",") {
				a, err := stunAddr("bindaddr", one)
				if err != nil {
					return err
				}
				all = append(all, a)
			}
			c.STUN.Bind = all
			return nil
		},
		"altaddr": func(c *Own, v string) (err error) {
			c.STUN.AltAddr, err = stunAddr("altaddr", v)
			return err
		},
		"port":      func(c *Own, v string) error { return stunNumber("port", v, 65535, &c.STUN.Port) },
		"altport":   func(c *Own, v string) error { return stunNumber("altport", v, 65535, &c.STUN.AltPort) },
		"rate":      func(c *Own, v string) error { return stunNumber("rate", v, 1e6, &c.STUN.Rate) },
		"totalrate": func(c *Own, v string) error { return stunNumber("totalrate", v, 1e6, &c.STUN.TotalRate) },
	}
}

func stunAddr(key, v string) (netip.Addr, error) {
	a, err := netip.ParseAddr(strings.Trim(strings.TrimSpace(v), "[]"))
	if err != nil {
		return a, wrong{fmt.Sprintf("%s=%s is no address", key, v), "it is not used"}
	}
	return a.Unmap(), nil
}

func stunNumber[T uint16 | float64](key, v string, most int, to *T) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > most {
		return wrong{fmt.Sprintf("%s=%s is no number from 1 to %d", key, v, most), "the default is kept"}
	}
	*to = T(n)
	return nil
}

// settle says which options can't go together, and does without them.
func (c *STUN) settle(f *conf.File) (found []conf.Diagnostic) {
	drop := func(key, what, hint string) {
		at := conf.Pos{File: f.Path}
		if s := f.Section("stun"); s != nil {
			for _, e := range s.Entries {
				if strings.EqualFold(e.Key, key) {
					at = e.Pos
				}
			}
		}
		found = append(found, conf.Diagnostic{Pos: at, Severity: conf.Warning, Message: what, Hint: hint})
	}
	if c.AltAddr.IsValid() && (len(c.Bind) != 1 || c.Bind[0].IsUnspecified() || c.Bind[0].Is4() != c.AltAddr.Is4() || c.Bind[0] == c.AltAddr) {
		drop("altaddr", "altaddr= needs one bindaddr= of its own kind", "write bindaddr=ADDRESS, another address of this machine; until then there is no second address")
		c.AltAddr = netip.Addr{}
	}
	if c.AltPort == c.Port {
		drop("altport", "altport= is the same as port=", "there is no second port")
		c.AltPort = 0
	}
	if c.AltAddr.IsValid() && c.AltPort == 0 {
		c.AltPort = c.Port + 1
		if c.AltPort == 0 {
			c.AltPort = c.Port - 1
		}
	}
	return found
}

// Addresses are those to listen on: of bindaddr, or where SIP listens.
func (c *STUN) Addresses(sip []netip.AddrPort) []netip.Addr {
	if len(c.Bind) > 0 {
		return c.Bind
	}
	var out []netip.Addr
	for _, a := range sip {
		if !slices.Contains(out, a.Addr()) {
			out = append(out, a.Addr())
		}
	}
	return out
}
