package agi

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"obelus/pbx"
)

const (
	fastPort    = "4573"
	connectTime = 2 * time.Second // the original's MAX_AGI_CONNECT
)

// connect connects to a FastAGI server: agi://host[:port][/script].
func (d *Deps) connect(ctx context.Context, x *pbx.Exec, url string) (*link, error) {
	host, script, _ := strings.Cut(url[len("agi://"):], "/")
	bounded, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	conn, err := d.Dial(bounded, "tcp", hostPort(host))
	if err != nil {
		switch {
		case bounded.Err() != nil && ctx.Err() == nil:
			x.Warnf("FastAGI connection to '%s' timed out after MAX_AGI_CONNECT (%d) milliseconds.", url, connectTime.Milliseconds())
		default:
			x.Warnf("Connecting to '%s' failed for url '%s': %v", host, url, err)
		}
		return nil, errStart
	}
	l := &link{r: conn, w: conn, fast: true, network: "agi_network: yes\n", close: func() { conn.Close() }}
	if script != "" {
		l.network += "agi_network_script: " + oneLine(script) + "\n"
	}
	l.hangup = func() error { return l.send("HANGUP\n") }
	return l, nil
}

// hostPort adds the port where there is none: host, host:port, [::1], ::1.
func hostPort(host string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	bare := strings.Trim(host, "[]")
	if a, err := netip.ParseAddr(bare); err == nil {
		return net.JoinHostPort(a.String(), fastPort)
	}
	return net.JoinHostPort(host, fastPort)
}

// connectAny connects to the first server of hagi://host[/script] that answers,
// by the SRV records of _agi._tcp.host.
func (d *Deps) connectAny(ctx context.Context, x *pbx.Exec, url string) (*link, error) {
	host, script, _ := strings.Cut(url[len("hagi://"):], "/")
	if strings.ContainsRune(host, ':') {
		x.Warnf("Specifying a port number disables SRV lookups: %s", url)
		return d.connect(ctx, x, url[1:])
	}
	_, servers, err := d.LookupSRV(ctx, "agi", "tcp", host)
	if err != nil {
		x.Warnf("SRV lookup failed for %s: %v", url, err)
		return nil, errStart
	}
	for _, s := range servers {
		at := net.JoinHostPort(strings.TrimSuffix(s.Target, "."), strconv.Itoa(int(s.Port)))
		l, err := d.connect(ctx, x, "agi://"+at+"/"+script)
		if err == nil {
			return l, nil
		}
		x.Warnf("AGI request failed for host '%s' (%s)", host, at)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errStart
}
