package transport

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"obelus/sip"
)

// Target is where a request may be sent.
type Target struct {
	Transport Transport
	Addr      netip.AddrPort
	// Name is the domain that was asked for, which a certificate must stand for; "" where it was an address.
	Name string
}

// Lookup is what a [Resolver] asks; *net.Resolver is one.
type Lookup interface {
	LookupSRV(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Resolver finds where a URI leads (RFC 3263, without NAPTR). The zero Resolver asks the system.
type Resolver struct {
	DNS Lookup

	mu    sync.Mutex
	cache map[question]answer
}

type question struct {
	host      string
	port      uint16
	transport Transport
	srv       bool
}

type answer struct {
	targets []Target
	until   time.Time
}

const (
	answerLife = 60 * time.Second
	maxAnswers = 1024
)

// ErrUnresolved says that a host has no address.
var ErrUnresolved = errors.New("the host has no address")

// Resolve lists where a request to the URI may go, all to be tried in turn. With srv a host without a port is looked up as
// a service first (RFC 3263 section 4.2): by priority, then by weight.
func (r *Resolver) Resolve(ctx context.Context, uri sip.URI, srv bool) ([]Target, error) {
	if !uri.IsSIP() {
		return nil, fmt.Errorf("%s: %w", uri, ErrUnresolved)
	}
	t, ok := ParseTransport(uri.Transport())
	if !ok {
		t = UDP
		if uri.Scheme == "sips" {
			t = TLS
		}
	}
	port, host := uri.Port, uri.Host
	if m, ok := uri.Params.Get("maddr"); ok && m != "" { // the host to be used instead (RFC 3263 section 4)
		host = strings.TrimSuffix(strings.TrimPrefix(m, "["), "]")
	}
	if a, err := netip.ParseAddr(host); err == nil {
		if port == 0 {
			port = t.DefaultPort()
		}
		return []Target{{Transport: t, Addr: netip.AddrPortFrom(a.Unmap(), port)}}, nil
	}
	q := question{host, port, t, srv}
	if found, ok := r.cached(q); ok {
		return found, nil
	}
	targets, err := r.lookup(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range targets {
		targets[i].Name = strings.Clone(host) // the URI may be a view of a message
	}
	r.keep(q, targets)
	return targets, nil
}

func (r *Resolver) dns() Lookup {
	if r.DNS != nil {
		return r.DNS
	}
	return net.DefaultResolver
}

func (r *Resolver) cached(q question) ([]Target, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := r.cache[q]
	if !ok || time.Now().After(a.until) {
		return nil, false
	}
	return a.targets, true
}

func (r *Resolver) keep(q question, targets []Target) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cache == nil || len(r.cache) >= maxAnswers {
		r.cache = make(map[question]answer)
	}
	q.host = string([]byte(q.host)) // the URI may be a view of a message
	r.cache[q] = answer{targets, time.Now().Add(answerLife)}
}

func (r *Resolver) lookup(ctx context.Context, q question) ([]Target, error) {
	if q.srv && q.port == 0 {
		if targets := r.service(ctx, q); len(targets) > 0 {
			return targets, nil
		}
	}
	port := q.port
	if port == 0 {
		port = q.transport.DefaultPort()
	}
	return r.host(ctx, q.host, port, q.transport)
}

func (r *Resolver) host(ctx context.Context, host string, port uint16, t Transport) ([]Target, error) {
	addrs, err := r.dns().LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", host, err)
	}
	var out []Target
	for _, a := range addrs {
		out = append(out, Target{Transport: t, Addr: netip.AddrPortFrom(a.Unmap(), port)})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: %w", host, ErrUnresolved)
	}
	return out, nil
}

func (r *Resolver) service(ctx context.Context, q question) []Target {
	service, proto := "sip", "udp"
	switch q.transport {
	case TCP:
		proto = "tcp"
	case TLS:
		service, proto = "sips", "tcp"
	case WS, WSS:
		return nil // RFC 7118 gives WebSockets no service name
	}
	_, records, err := r.dns().LookupSRV(ctx, service, proto, q.host)
	if err != nil {
		return nil
	}
	var out []Target
	for _, s := range order(records) {
		if found, err := r.host(ctx, s.Target, s.Port, q.transport); err == nil {
			out = append(out, found...)
		}
	}
	return out
}

// order sorts records by priority and shuffles those of one priority by weight (RFC 2782).
func order(records []*net.SRV) []*net.SRV {
	left := slices.Clone(records)
	slices.SortStableFunc(left, func(a, b *net.SRV) int { return int(a.Priority) - int(b.Priority) })
	var out []*net.SRV
	for len(left) > 0 {
		n := 0
		total := 0
		for n < len(left) && left[n].Priority == left[0].Priority {
			total += int(left[n].Weight)
			n++
		}
		pick, at := 0, rand.IntN(total+1)
		for i := range n {
			if at -= int(left[i].Weight); at <= 0 {
				pick = i
				break
			}
		}
		out = append(out, left[pick])
		left = slices.Delete(left, pick, pick+1)
	}
	return out
}
