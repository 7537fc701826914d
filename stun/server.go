package stun

import (
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// Options is how a [Server] is made.
type Options struct {
	Log *slog.Logger
	// Software is what SOFTWARE says, where there is room for it; "" for nothing.
	Software string
	// Rate is how many answers a second a network of sources may have, on the average; 0 is 50. As much again is saved up for
	// four seconds.
	Rate float64
	// TotalRate is how many answers a second there are altogether; 0 is 2,000.
	TotalRate float64
}

// Sockets are those that a server answers on. All but Main may be nil; with all four every test of RFC 5780 can be made.
type Sockets struct {
	Main      net.PacketConn
	OtherPort net.PacketConn // the address of Main, another port
	OtherAddr net.PacketConn // another address, the port of Main
	OtherBoth net.PacketConn // that address and that port
}

// Server answers Binding requests. Its methods may be called from any goroutine.
type Server struct {
	log      *slog.Logger
	software string
	limit    *limiter
	count    counters
	done     chan struct{}

	mu      sync.Mutex
	closed  bool
	open    []*socket
	readers sync.WaitGroup
}

type counters struct{ received, answered, refused, limited, dropped, unsent, panics atomic.Uint64 }

// Stats are the counters of a server.
type Stats struct {
	Received uint64 // datagrams
	Answered uint64
	Refused  uint64 // answered 420
	Limited  uint64 // not answered: too many
	Dropped  uint64 // not answered: no request that could be read
	Unsent   uint64 // answers that the system did not take
	Panics   uint64
}

// New makes a server; it is given sockets with Serve.
func New(o Options) *Server {
	if o.Rate <= 0 {
		o.Rate = 50
	}
	if o.TotalRate <= 0 {
		o.TotalRate = 2000
	}
	return &Server{log: o.Log, software: o.Software, limit: newLimiter(o.Rate, o.TotalRate), done: make(chan struct{})}
}

// Serve answers on sockets until the server is closed, which closes them. Each has one goroutine.
func (s *Server) Serve(set Sockets) {
	group := &group{}
	for i, pc := range [sides]net.PacketConn{0: set.Main, otherPort: set.OtherPort, otherAddr: set.OtherAddr, otherPort | otherAddr: set.OtherBoth} {
		if pc != nil {
			group.sockets[i] = newSocket(pc)
			group.addrs[i] = group.sockets[i].bound
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range group.sockets {
		if c == nil {
			continue
		}
		if s.closed {
			c.pc.Close()
			continue
		}
		s.open = append(s.open, c)
		s.readers.Add(1) // under the lock: Close waits for those that it saw
		go func() {
			defer s.readers.Done()
			s.read(group, side(i))
		}()
	}
}

// group is the sockets that answer for each other.
type group struct {
	sockets [sides]*socket
	addrs   [sides]netip.AddrPort
}

// maxRequest is the size of the largest request that is looked at: with every attribute there is it would be smaller.
const maxRequest = 1280

// errorPause is how long a reader rests after an error that is not the end of its socket.
const errorPause = 20 * time.Millisecond

// read answers what comes in on one socket.
func (s *Server) read(g *group, on side) {
	c := g.sockets[on]
	in, out := make([]byte, maxRequest+1), make([]byte, 0, 256)
	for {
		n, from, at, err := c.read(in)
		switch {
		case err == nil && n <= maxRequest:
			out = s.serve(g, on, out[:0], in[:n], from, at)
		case err == nil:
			s.count.received.Add(1)
			s.count.dropped.Add(1)
		case errors.Is(err, net.ErrClosed) || !s.pause(errorPause):
			return
		}
	}
}

// serve answers one datagram. Whatever panics on the way loses this datagram only.
func (s *Server) serve(g *group, on side, out, b []byte, from, at netip.AddrPort) []byte {
	defer s.survive(from)
	answer, by, origin := s.answer(out, b, from, at, on, &g.addrs)
	if answer == nil {
		return out
	}
	if err := g.sockets[by].write(answer, from, origin); err != nil {
		s.count.unsent.Add(1)
	}
	return answer
}

// survive, deferred, ends a panic.
func (s *Server) survive(from netip.AddrPort) {
	if r := recover(); r != nil && s.count.panics.Add(1) <= loudPanics {
		s.log.Error("a STUN request could not be served", "from", from, "panic", r, "stack", string(debug.Stack()))
	}
}

// loudPanics is how many panics are written down: a flood of poison must not fill the disk.
const loudPanics = 20

// pause rests; false when the server closes.
func (s *Server) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.done:
		return false
	case <-t.C:
		return true
	}
}

// Reply appends to dst the answer to a request that came to a port of another protocol, nil where there is none: phones keep
// a way through NAT open so (RFC 5626 section 4.4.2). The same limits hold.
func (s *Server) Reply(dst, request []byte, from, at netip.AddrPort) []byte {
	answer, _, _ := s.answer(dst, request, from, at, 0, &[sides]netip.AddrPort{at})
	return answer
}

// Addrs are the addresses that are listened on.
func (s *Server) Addrs() []netip.AddrPort {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []netip.AddrPort
	for _, c := range s.open {
		out = append(out, c.bound)
	}
	return out
}

// Stats are the counters now.
func (s *Server) Stats() Stats {
	c := &s.count
	return Stats{
		Received: c.received.Load(), Answered: c.answered.Load(), Refused: c.refused.Load(), Limited: c.limited.Load(),
		Dropped: c.dropped.Load(), Unsent: c.unsent.Load(), Panics: c.panics.Load(),
	}
}

// Close closes the sockets, and returns when nobody reads any more.
func (s *Server) Close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
		for _, c := range s.open {
			c.pc.Close()
		}
		s.open = nil
	}
	s.mu.Unlock()
	s.readers.Wait()
}
