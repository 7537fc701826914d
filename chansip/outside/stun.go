package outside

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"time"

	"obelus/chansip/sipconf"
	"obelus/sip/transport"
	"obelus/stun"
)

type stunID = stun.ID

// stunPort is the port of a stunaddr without one.
const stunPort = 3478

const (
	// askEvery is how often a STUN server is asked: that keeps our own NAT's mapping open as well, which RFC 4787 lets end
	// after two minutes and many a router ends sooner.
	askEvery = 30 * time.Second
	// firstWait and asks are how often a request is sent and how long its first answer is waited for; the wait doubles (RFC 8489
	// section 6.2.1, with fewer tries: there is another round soon).
	firstWait = 500 * time.Millisecond
	asks      = 5
)

// question is a request to the STUN server on its way.
type question struct {
	flow transport.Flow
	done chan netip.AddrPort // what was answered; the zero one where the answer was an error
}

var errSilent = errors.New("no answer")

// ask asks the STUN server as what it sees each SIP socket, and returns when to do so again.
func (f *Finder) ask(ctx context.Context, g *sipconf.General) time.Duration {
	if g.STUNAddr == "" {
		f.forget("stunaddr")
		f.change(func(t *table) { t.server, t.seen = "", nil })
		return 0
	}
	server, err := f.resolve(ctx, g.STUNAddr, stunPort)
	seen := make(map[uint64]netip.AddrPort)
	if err == nil {
		seen, err = f.askAll(ctx, f.c.Flows(server))
	}
	if ctx.Err() != nil {
		return 0
	}
	f.complain("stunaddr", err, "server", g.STUNAddr)
	f.change(func(t *table) {
		if t.server != g.STUNAddr {
			t.server, t.seen = g.STUNAddr, nil
		}
		for id, old := range t.seen { // a socket that had no answer keeps what it had
			if _, ok := seen[id]; !ok {
				seen[id] = old
			}
		}
		t.seen = seen
	})
	return askEvery
}

// askAll asks by all sockets at once. Its error says that none was answered.
func (f *Finder) askAll(ctx context.Context, flows []transport.Flow) (map[uint64]netip.AddrPort, error) {
	seen := make(map[uint64]netip.AddrPort)
	type answer struct {
		id  uint64
		at  netip.AddrPort
		err error
	}
	answers := make(chan answer, len(flows))
	for _, flow := range flows {
		go func() {
			at, err := f.askOne(ctx, flow)
			answers <- answer{flow.Connection(), at, err}
		}()
	}
	err := errors.New("no SIP socket of ours reaches it")
	for range flows {
		a := <-answers
		if a.err == nil {
			seen[a.id] = a.at
		} else {
			err = a.err
		}
	}
	if len(seen) > 0 {
		err = nil
	}
	return seen, err
}

// askOne asks by one socket, several times where no answer comes.
func (f *Finder) askOne(ctx context.Context, flow transport.Flow) (netip.AddrPort, error) {
	id := stun.NewID()
	q := &question{flow: flow, done: make(chan netip.AddrPort, 1)}
	f.mu.Lock()
	f.asked[id] = q
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.asked, id)
		f.mu.Unlock()
	}()
	request := stun.AppendRequest(nil, id)
	err := errSilent
	for wait, n := firstWait, 0; n < asks; wait, n = 2*wait, n+1 {
		if sent := flow.Send(request); sent != nil {
			err = fmt.Errorf("ask: %w", sent)
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return netip.AddrPort{}, context.Cause(ctx)
		case at := <-q.done:
			t.Stop()
			if !at.IsValid() {
				return at, errors.New("the server refuses")
			}
			return at, nil
		case <-t.C:
		}
	}
	return netip.AddrPort{}, err
}

// Take takes a STUN datagram that came to a SIP socket; false where it is no answer to a question of ours. An answer counts
// where it comes from the server that was asked, to the port that asked, with the 96 random bits of the question: nobody
// else can tell us where we are (security class 22).
func (f *Finder) Take(b []byte, from transport.Flow) bool {
	m, err := stun.Parse(b)
	if err != nil || m.Kind != stun.BindingSuccess && m.Kind != stun.BindingError {
		return false
	}
	f.mu.Lock()
	q := f.asked[m.ID]
	f.mu.Unlock()
	if q == nil || transport.Unmap(from.Remote) != transport.Unmap(q.flow.Remote) || from.Local.Port() != q.flow.Local.Port() {
		return false
	}
	at, ok := m.Mapped()
	if ip := at.Addr(); !ok || at.Port() == 0 || ip.IsUnspecified() || ip.IsMulticast() {
		at = netip.AddrPort{}
	}
	select {
	case q.done <- at:
	default: // the answer came twice
	}
	return true
}

// Show prints stun show status, in the original's columns: a line for each SIP socket where there are several.
func (f *Finder) Show(w io.Writer) {
	const row = "%-25.25s %-5v %-7v %-8v %-7s %-16s %v\n"
	fmt.Fprintf(w, row, "Hostname", "Port", "Period", "Retries", "Status", "ExternAddr", "ExternPort")
	g := &f.c.Settings().General
	if g.STUNAddr == "" {
		return
	}
	host, port := sipconf.SplitHostPort(g.STUNAddr)
	if port == 0 {
		port = stunPort
	}
	f.mu.Lock()
	failing := f.failing["stunaddr"]
	f.mu.Unlock()
	t := f.found.Load()
	status, seen := "OK", t.list()
	switch {
	case failing:
		status = "Failed"
	case t.server != g.STUNAddr || len(seen) == 0:
		status = "Init"
	}
	slices.SortFunc(seen, netip.AddrPort.Compare)
	if t.server != g.STUNAddr || len(seen) == 0 {
		seen = []netip.AddrPort{{}}
	}
	for _, a := range seen {
		ext := "(null)"
		if a.IsValid() {
			ext = a.Addr().String()
		}
		fmt.Fprintf(w, row, host, port, int(askEvery.Seconds()), asks, status, ext, a.Port())
	}
}
