package chansip

import (
	"fmt"
	"strings"

	"obelus/sip/sdp"
	"obelus/sip/transport"
)

// Filter says whose messages are traced; the zero Filter everybody's.
type Filter struct {
	IP   string // an address, with or without a port
	Peer string // an account: the addresses of its phones
}

// Trace has show called with every message on the wire, as sip set debug prints
// it; nil ends it. Proofs of passwords are masked.
func (d *Driver) Trace(show func(text string), filter Filter) {
	if show == nil {
		d.tp.SetTrace(nil)
		return
	}
	d.tp.SetTrace(func(dir transport.Direction, f transport.Flow, b []byte) {
		if !d.traced(f, filter) {
			return
		}
		head := "<--- SIP read from %s:%s --->\n%s\n<------------->"
		if dir == transport.Out {
			head = "<--- Transmitting to %s:%s --->\n%s\n<------------>"
		}
		show(fmt.Sprintf(head, f.Transport, transport.Unmap(f.Remote), masked(string(b))))
	})
}

func (d *Driver) traced(f transport.Flow, filter Filter) bool {
	remote := transport.Unmap(f.Remote)
	if filter.IP != "" {
		return filter.IP == remote.Addr().String() || filter.IP == remote.String()
	}
	if filter.Peer == "" {
		return true
	}
	p := d.settings.Load().Peer(filter.Peer)
	if p == nil {
		return false
	}
	if p.Addr.IsValid() {
		return p.Addr.Addr() == remote.Addr()
	}
	for _, b := range d.cfg.Location.Lookup(nil, p.Name, now()) {
		if b.Received.Addr() == remote.Addr() {
			return true
		}
	}
	return false
}

// masked takes the proofs of passwords and the keys of calls out of a message that
// is shown (security class 39).
func masked(s string) string {
	const key = `response="`
	var out strings.Builder
	for {
		i := strings.Index(s, key)
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i+len(key):], '"')
		if end < 0 {
			break
		}
		out.WriteString(s[:i+len(key)])
		out.WriteString("...")
		s = s[i+len(key)+end:]
	}
	out.WriteString(s)
	return sdp.HideKeys(out.String())
}
