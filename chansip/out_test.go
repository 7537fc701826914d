package chansip

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

// late is a DNS that takes five seconds.
type late struct{ names }

func (l late) LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error) {
	select {
	case <-time.After(5 * time.Second):
	case <-ctx.Done():
	}
	return l.names.LookupNetIP(ctx, network, host)
}

// TestRegistersOut has a driver register with another server, again as soon as it
// knows its address outside, and no more when a reload takes the line away.
func TestRegistersOut(t *testing.T) {
	const conf = "[general]\nlocalnet=192.168.0.0/16\nexternhost=home.example\nexternrefresh=3600\n"
	change := func(c *Config) {
		c.Resolver = &transport.Resolver{DNS: late{names{"home.example": netip.MustParseAddr("203.0.113.7")}}}
	}
	inHouse(t, conf+"register => me:secret@10.99.0.30/1002\n", change, func(h *house) {
		srv := h.phone("me", trunkAddr)
		for _, want := range []string{"10.99.0.1", "203.0.113.7"} {
			m := srv.asked(sip.REGISTER)
			if got := m.Value(sip.HeaderContact); got != "<sip:1002@"+want+":5060>" {
				t.Errorf("registered at %s, want %s", got, want)
			}
			srv.reply(m, 200, "Expires: 3600")
			h.pass(time.Second)
		}
		var b strings.Builder
		h.d.ShowRegistry(&b)
		if !strings.Contains(b.String(), " Registered ") {
			t.Errorf("sip show registry:\n%s", b.String())
		}
		h.reload(conf)
		m := srv.asked(sip.REGISTER)
		if n, ok := m.Expires(); !ok || n != 0 {
			t.Errorf("it is not taken back:\n%s", m.Bytes())
		}
		srv.reply(m, 200)
		srv.silent(2 * time.Hour)
	})
}
