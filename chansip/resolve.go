package chansip

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"obelus/call"
	"obelus/media/sound"
	"obelus/sip"
	"obelus/sip/transport"
)

// resolveTime bounds a look-up that a call waits for.
const resolveTime = 5 * time.Second

// resolve finds the ways to a URI of somebody without an account.
func (d *Driver) resolve(ctx context.Context, set *Settings, text string) ([]way, error) {
	uri, err := sip.ParseURI(text)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	targets, err := d.cfg.Resolver.Resolve(ctx, uri, set.General.SRVLookup)
	if err != nil {
		return nil, err
	}
	for _, t := range targets {
		var f transport.Flow
		ok := false
		if t.Transport == transport.UDP {
			f, ok = d.tp.UDP(t.Addr)
		} else if f, err = d.tp.Connect(ctx, t); err == nil {
			ok = true
		}
		if ok {
			return []way{{uri: text, flow: f}}, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("no way to %s", text)
	}
	return nil, err
}

// local says whether a host is this server: an address that it listens on, or
// would be reached by. Its maddr, which says where to go instead, counts in its
// place (RFC 3261 section 19.1.1).
func (d *Driver) local(set *Settings, host string) bool {
	host, params, _ := strings.Cut(host, ";")
	if to, ok := sip.Params(";" + params).Get("maddr"); ok && to != "" {
		host = to
	}
	if a, err := netip.ParseAddrPort(host); err == nil {
		host = a.Addr().String()
	} else if h, _, ok := strings.Cut(host, ":"); ok && strings.Count(host, ":") == 1 {
		host = h
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return strings.EqualFold(host, set.General.FromDomain) && host != "" || strings.EqualFold(host, set.General.Realm)
	}
	if d.where.Ours(&set.General, addr) {
		return true
	}
	f, ok := d.tp.UDP(netip.AddrPortFrom(addr, 5060))
	return ok && f.Local.Addr().Unmap() == addr.Unmap()
}

// partOf is the part of a multipart body that has the wanted type (RFC 2046).
// Parts within parts are not looked into.
func partOf(body []byte, boundary, want string) ([]byte, bool) {
	if boundary == "" || len(boundary) > 70 {
		return nil, false
	}
	mark := []byte("--" + boundary)
	for _, part := range bytes.Split(body, mark)[1:] {
		head, content, ok := bytes.Cut(part, []byte("\r\n\r\n"))
		if !ok {
			continue
		}
		for _, line := range strings.Split(string(head), "\r\n") {
			name, value, ok := strings.Cut(line, ":")
			if !ok || !strings.EqualFold(strings.TrimSpace(name), "Content-Type") {
				continue
			}
			kind, _, _ := strings.Cut(value, ";")
			if strings.EqualFold(strings.TrimSpace(kind), want) {
				return bytes.TrimSuffix(content, []byte("\r\n")), true
			}
		}
	}
	return nil, false
}

// toneTime is how long a caller who was answered hears a tone at most.
const toneTime = time.Minute

// playTone lets a caller who was answered hear busy or congestion; l.mu is held.
// It ends with the leg.
func (l *leg) playTone(t call.Tone) {
	if l.talk == nil {
		return
	}
	name := "congestion"
	if t.Cause == call.CauseUserBusy {
		name = "busy"
	}
	src, ok := sound.Tone(name)
	if !ok {
		return
	}
	session := l.talk.Session()
	l.d.job(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, toneTime)
		defer cancel()
		stop := context.AfterFunc(l.ch.Context(), cancel)
		defer stop()
		if err := session.Play(ctx, src); err != nil && ctx.Err() == nil {
			l.ch.Log().Debug("the tone could not be played", "tone", name, "why", err)
		}
	})
}
