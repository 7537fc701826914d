package transport

import (
	"context"
	"hash/maphash"
	"log/slog"
	"net"
	"net/netip"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"obelus/sip"
)

// Handler is who serves the messages.
type Handler interface {
	// Inline says whether a message is served by the reader, at once. It must then not be kept: the reader uses it again.
	Inline(m *sip.Message) bool
	// Serve serves a message. One that was not served inline may be kept.
	Serve(m *sip.Message, f Flow)
}

// Options is how a [Layer] is made.
type Options struct {
	Handler Handler
	Log     *slog.Logger
	// Workers serve what is not served inline; 0 is 8.
	Workers int
	// Queue is how many messages wait for one worker; 0 is 1000.
	Queue int
	// AuthTimeout is how long a connection may live before somebody on it has proved who they are (tcpauthtimeout);
	// 0 is 30 seconds.
	AuthTimeout time.Duration
	// AuthLimit is how many such connections there may be (tcpauthlimit); 0 is 100.
	AuthLimit int
	// MaxConnections is how many connections there may be at all; 0 is 20,000.
	MaxConnections int
	// MaxMessage bounds a message on a connection; 0 is 64 KiB.
	MaxMessage int
	// Certificates are for TLS; nil believes those that the system does, and has none to show.
	Certificates *Certificates
	// Dial opens connections; nil is the system's.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// STUN takes datagrams that are not SIP but STUN (RFC 8489 section 5), which it must not keep; nil drops them.
	STUN func(b []byte, f Flow)
	// Closed is told when a connection has ended; may be nil.
	Closed func(Flow)
}

func (o Options) filled() Options {
	if o.Workers <= 0 {
		o.Workers = 8
	}
	if o.Queue <= 0 {
		o.Queue = 1000
	}
	if o.AuthTimeout <= 0 {
		o.AuthTimeout = 30 * time.Second
	}
	if o.AuthLimit <= 0 {
		o.AuthLimit = 100
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = 20_000
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = 64 << 10
	}
	if o.Certificates == nil {
		o.Certificates = NewCertificates()
	}
	if o.Dial == nil {
		o.Dial = new(net.Dialer).DialContext
	}
	return o
}

// errorPause is how long a reader rests after an error of the system that is not the end of its socket.
const errorPause = 20 * time.Millisecond

// Layer owns the sockets and connections. Its methods may be called from any goroutine.
type Layer struct {
	o       Options
	seed    maphash.Seed
	queues  []chan job
	routes  routes
	count   counters
	tracer  atomic.Pointer[Trace]
	ids     atomic.Uint64
	done    chan struct{}
	closed  sync.Once
	readers sync.WaitGroup
	workers sync.WaitGroup

	mu        sync.Mutex
	sockets   []*udpSocket
	listeners []net.Listener
	conns     map[uint64]*stream
	peers     map[peer]*stream // the latest connection to each peer
	dialing   map[peer]*dialing
	unproved  int
}

// job is a message that waits for a worker.
type job struct {
	m *sip.Message
	f Flow
}

// New makes a layer; sockets are given to it with ServeUDP and ServeTCP.
func New(o Options) *Layer {
	l := &Layer{
		o: o.filled(), seed: maphash.MakeSeed(), done: make(chan struct{}),
		conns: make(map[uint64]*stream), peers: make(map[peer]*stream), dialing: make(map[peer]*dialing),
	}
	l.queues = make([]chan job, l.o.Workers)
	for i := range l.queues {
		q := make(chan job, l.o.Queue)
		l.queues[i] = q
		l.workers.Add(1)
		go l.work(q)
	}
	return l
}

// work serves the messages of the calls that fall to one worker.
func (l *Layer) work(q <-chan job) {
	defer l.workers.Done()
	for {
		select {
		case j := <-q:
			l.serve(j)
		case <-l.done:
			return
		}
	}
}

// serve has the handler serve a message that waited.
func (l *Layer) serve(j job) {
	defer l.survive(j.f)
	l.o.Handler.Serve(j.m, j.f)
}

// survive, deferred, ends a panic: it loses the message at hand and no other.
func (l *Layer) survive(f Flow) {
	r := recover()
	if r == nil {
		return
	}
	n := l.count.panics.Add(1)
	if n > loudPanics && n%1000 != 0 {
		return
	}
	l.o.Log.Error("a message could not be served", "from", f, "panic", r, "count", n, "stack", string(debug.Stack()))
}

// loudPanics is how many panics are written down one by one: a flood of poison must not fill the disk.
const loudPanics = 20

// take parses a message and has it served. m is the reader's, used again for each. Whatever panics on the way, parser, handler
// or trace, loses this message only.
func (l *Layer) take(b []byte, f Flow, m *sip.Message) {
	defer l.survive(f)
	l.count.received.Add(1)
	l.trace(In, f, b)
	if err := sip.ParseInto(m, b); err != nil {
		l.count.malformed.Add(1)
		l.o.Log.Debug("what came is no SIP message", "from", f, "why", err)
		l.refuse(m, f, 400, "") // what was read before the defect may be enough for an answer
		return
	}
	if status, reason := sip.Validate(m); status != 0 {
		l.count.malformed.Add(1)
		l.refuse(m, f, status, reason)
		return
	}
	if l.o.Handler.Inline(m) {
		l.o.Handler.Serve(m, f)
		return
	}
	q := l.queues[maphash.String(l.seed, m.CallID())%uint64(len(l.queues))]
	select {
	case q <- job{m.Clone(), f}:
	default:
		l.count.overflow.Add(1)
		l.refuse(m, f, 503, "")
	}
}

// trace shows bytes to whoever watches.
func (l *Layer) trace(d Direction, f Flow, b []byte) {
	if t := l.tracer.Load(); t != nil {
		(*t)(d, f, b)
	}
}

// SetTrace has t told every message, nil nobody.
func (l *Layer) SetTrace(t Trace) {
	if t == nil {
		l.tracer.Store(nil)
		return
	}
	l.tracer.Store(&t)
}

func (l *Layer) closing() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// pause rests; false when the layer closes.
func (l *Layer) pause(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-l.done:
		return false
	case <-t.C:
		return true
	}
}

// ServeUDP reads a socket until the layer is closed. On Linux a *net.UDPConn is read and written in batches.
func (l *Layer) ServeUDP(pc net.PacketConn) {
	s := &udpSocket{layer: l, conn: pc, bound: addrPort(pc.LocalAddr()), id: l.ids.Add(1), msg: new(sip.Message)}
	if u, ok := pc.(*net.UDPConn); ok {
		s.udp = u
		s.batch = newBatch(s, u)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing() {
		pc.Close()
		return
	}
	l.sockets = append(l.sockets, s)
	l.readers.Add(1) // under the lock: Close waits for those that it saw
	go func() {
		defer l.readers.Done()
		s.run()
	}()
}

// UDP is the flow from a socket of ours to an address; false where no socket can reach it.
func (l *Layer) UDP(remote netip.AddrPort) (Flow, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bestUDP(remote)
}

// UDPFrom is the flow from one of our addresses to another, for who is behind a NAT that lets nobody else in. Where it is no longer
// ours, as after a restart with another, the best takes its place: to a phone without NAT that is as good.
func (l *Layer) UDPFrom(local, remote netip.AddrPort) (Flow, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	local = Unmap(local)
	for _, s := range l.sockets {
		if s.gone.Load() || s.bound.Port() != local.Port() || !reaches(s.bound.Addr(), remote.Addr().Unmap()) {
			continue
		}
		if s.bound == local || s.wildcard() && l.routes.ours(local.Addr()) && reaches(local.Addr(), remote.Addr().Unmap()) {
			return Flow{Transport: UDP, Local: local, Remote: Unmap(remote), link: s}, true
		}
	}
	return l.bestUDP(remote)
}

// bestUDP is UDP; l.mu is held.
func (l *Layer) bestUDP(remote netip.AddrPort) (Flow, bool) {
	var best *udpSocket
	want := remote.Addr().Unmap()
	local := netip.Addr{}
	for _, s := range l.sockets {
		bound := s.bound.Addr()
		if s.gone.Load() || !reaches(bound, want) {
			continue
		}
		if best == nil {
			best = s
		}
		if !local.IsValid() {
			local = l.routes.local(want)
		}
		if bound == local {
			best = s
			break
		}
	}
	if best == nil {
		return Flow{}, false
	}
	return Flow{Transport: UDP, Local: best.localFor(remote), Remote: Unmap(remote), link: best}, true
}

// Ways are the flows from each of our UDP sockets that reach an address.
func (l *Layer) Ways(remote netip.AddrPort) []Flow {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Flow
	for _, s := range l.sockets {
		if s.alive() && reaches(s.bound.Addr(), remote.Addr().Unmap()) {
			out = append(out, Flow{Transport: UDP, Local: s.localFor(remote), Remote: Unmap(remote), link: s})
		}
	}
	return out
}

// reaches says whether a socket bound to an address can send to another: same family, and not from loopback to elsewhere or
// the other way round.
func reaches(bound, remote netip.Addr) bool {
	if bound.IsUnspecified() {
		return bound.Is6() || remote.Is4()
	}
	return bound.Is4() == remote.Is4() && bound.IsLoopback() == remote.IsLoopback()
}

// Find returns the living flow of that name, as [Flow.String] gives it.
func (l *Layer) Find(name string) (Flow, bool) {
	parts := strings.Fields(name)
	if len(parts) < 3 {
		return Flow{}, false
	}
	t, ok := ParseTransport(parts[0])
	remote, err := netip.ParseAddrPort(parts[2])
	if !ok || err != nil {
		return Flow{}, false
	}
	if t == UDP {
		local, err := netip.ParseAddrPort(parts[1])
		if err != nil {
			return Flow{}, false
		}
		return l.UDPFrom(local, remote)
	}
	if len(parts) < 4 {
		return Flow{}, false
	}
	id, err := strconv.ParseUint(strings.TrimPrefix(parts[3], "#"), 10, 64)
	if err != nil {
		return Flow{}, false
	}
	l.mu.Lock()
	c := l.conns[id]
	l.mu.Unlock()
	if c != nil && c.alive() && c.flow.String() == name {
		return c.flow, true
	}
	return Flow{}, false
}

// Close closes all sockets and connections, and returns when nobody reads or serves any more; so it is not for handlers.
func (l *Layer) Close() {
	l.closed.Do(func() {
		close(l.done)
		l.mu.Lock()
		for _, s := range l.sockets {
			s.gone.Store(true)
			s.conn.Close()
		}
		for _, ln := range l.listeners {
			ln.Close()
		}
		conns := make([]*stream, 0, len(l.conns))
		for _, c := range l.conns {
			conns = append(conns, c)
		}
		l.mu.Unlock()
		for _, c := range conns {
			l.readers.Go(c.close) // TLS says goodbye, which a peer that reads nothing can delay
		}
	})
	l.readers.Wait()
	l.workers.Wait()
}
