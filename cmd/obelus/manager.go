package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"obelus/internal/sdnotify"
)

// tell notes that the service manager could not be told.
func (s *server) tell(err error) {
	if err != nil {
		s.log.Warn("the service manager does not hear", "why", err)
	}
}

// status says in one line what the server does: systemctl status shows it.
func (s *server) status() string {
	calls, _ := s.calls.Count()
	where := s.where.Stats()
	return fmt.Sprintf("serving: %d channels, %d phones of %d accounts registered", calls, where.Contacts, where.Peers)
}

// statusEvery is how often the service manager is told what the server does.
const statusEvery = 10 * time.Second

// watch tells the service manager again and again that the server serves, and how it is. It is said to be alive only if it answers: an OPTIONS that
// comes by its own socket goes through everything that a phone's request does.
func (s *server) watch(ctx context.Context, m *sdnotify.Manager, at netip.AddrPort) {
	if m == nil {
		return
	}
	every, said := statusEvery, ""
	if w := m.Watchdog(); w > 0 {
		every = min(every, w/2)
	}
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if m.Watchdog() > 0 {
			if err := knock(ctx, at, every*3/4); err != nil {
				s.log.Error("the server does not answer itself: the service manager is not told that it is alive", "why", err)
				continue
			}
			s.tell(m.Alive())
		}
		if now := s.status(); now != said && s.ending.quiet() {
			s.tell(m.Status(now))
			said = now
		}
	}
}

// quiet says that no stop waits for anything.
func (e *ending) quiet() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pending == nil
}

// errNoAnswer says that a server does not answer.
var errNoAnswer = errors.New("no answer to OPTIONS")

// knock asks the SIP server at an address whether it is there, as phones and monitors do. Any answer will do. It asks three times within that time.
func knock(ctx context.Context, at netip.AddrPort, within time.Duration) error {
	if a := at.Addr(); a.IsUnspecified() {
		loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
		if a.Is6() {
			loopback = netip.IPv6Loopback()
		}
		at = netip.AddrPortFrom(loopback, at.Port())
	}
	conn, err := new(net.Dialer).DialContext(ctx, "udp", at.String())
	if err != nil {
		return fmt.Errorf("ask %s: %w", at, err)
	}
	defer conn.Close()
	id := strconv.FormatInt(time.Now().UnixNano(), 36)
	ask := "OPTIONS sip:" + at.String() + " SIP/2.0\r\nVia: SIP/2.0/UDP " + conn.LocalAddr().String() + ";rport;branch=z9hG4bK" + id + "\r\nMax-Forwards: 1\r\n" +
		"From: <sip:watchdog@" + conn.LocalAddr().String() + ">;tag=" + id + "\r\nTo: <sip:" + at.String() + ">\r\nCall-ID: " + id + "\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
	answer := make([]byte, 2048)
	for range 3 {
		if _, err := conn.Write([]byte(ask)); err != nil {
			return fmt.Errorf("ask %s: %w", at, err)
		}
		if err := conn.SetReadDeadline(time.Now().Add(within / 3)); err != nil {
			return fmt.Errorf("ask %s: %w", at, err)
		}
		if n, err := conn.Read(answer); err == nil && n > 7 && string(answer[:8]) == "SIP/2.0 " {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", at, errNoAnswer)
}
