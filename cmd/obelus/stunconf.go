package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"obelus/conf"
)

// stunConf is [stun] of obelus.conf: the built-in STUN server.
type stunConf struct {
	enable    bool
	bind      []netip.Addr // none: where SIP listens
	port      uint16
	altAddr   netip.Addr // a second address, for the tests of RFC 5780
	altPort   uint16     // 0: none, or with a second address the port after the first
	rate      float64    // answers a second to one network of sources
	totalRate float64    // ... and altogether
}

// stunPort is the port of STUN (RFC 8489 section 18.5).
const stunPort = 3478

func stunDefaults() stunConf { return stunConf{enable: true, port: stunPort} }

// stunOptions are the options of [stun].
func stunOptions() map[string]ownOption {
	return map[string]ownOption{
		"enable": func(c *ownConf, v string) error {
			if !conf.True(v) && !conf.False(v) {
				return wrong{"enable=" + v + " is neither yes nor no", "the STUN server is on"}
			}
			c.stun.enable = conf.True(v)
			return nil
		},
		"bindaddr": func(c *ownConf, v string) error {
			var all []netip.Addr
			for one := range strings.SplitSeq(v, ",") {
				a, err := stunAddr("bindaddr", one)
				if err != nil {
					return err
				}
				all = append(all, a)
			}
			c.stun.bind = all
			return nil
		},
		"altaddr": func(c *ownConf, v string) (err error) {
			c.stun.altAddr, err = stunAddr("altaddr", v)
			return err
		},
		"port":      func(c *ownConf, v string) error { return stunNumber("port", v, 65535, &c.stun.port) },
		"altport":   func(c *ownConf, v string) error { return stunNumber("altport", v, 65535, &c.stun.altPort) },
		"rate":      func(c *ownConf, v string) error { return stunNumber("rate", v, 1e6, &c.stun.rate) },
		"totalrate": func(c *ownConf, v string) error { return stunNumber("totalrate", v, 1e6, &c.stun.totalRate) },
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
func (c *stunConf) settle(f *conf.File) (found []conf.Diagnostic) {
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
	if c.altAddr.IsValid() && (len(c.bind) != 1 || c.bind[0].IsUnspecified() || c.bind[0].Is4() != c.altAddr.Is4() || c.bind[0] == c.altAddr) {
		drop("altaddr", "altaddr= needs one bindaddr= of its own kind", "write bindaddr=ADDRESS, another address of this machine; until then there is no second address")
		c.altAddr = netip.Addr{}
	}
	if c.altPort == c.port {
		drop("altport", "altport= is the same as port=", "there is no second port")
		c.altPort = 0
	}
	if c.altAddr.IsValid() && c.altPort == 0 {
		c.altPort = c.port + 1
		if c.altPort == 0 {
			c.altPort = c.port - 1
		}
	}
	return found
}
