package simnet

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// window is how many bytes a stream holds that are not read yet; a
	// write of more waits.
	window = 64 << 10
	// backlog is how many streams wait in a listener to be accepted.
	backlog = 1024
)

// Conn is one end of a stream.
type Conn struct {
	host          *Host
	w             *world
	name          string
	local, remote netip.AddrPort
	peer          *Conn

	// All below is under the world's lock.
	ready        *sync.Cond
	out          *wire // to the peer
	in           []byte
	ended        bool  // the peer has ended its direction
	closed       bool  // by Close
	sentEnd      bool  // by Close or CloseWrite
	broken       error // reset, by the peer or by a line that stays down
	connected    bool
	readBy, sent deadline
}

// Listener accepts streams.
type Listener struct {
	host    *Host
	local   netip.AddrPort
	ready   *sync.Cond
	waiting []*Conn
	closed  bool
}

func (h *Host) openListener(local netip.AddrPort) *Listener {
	l := &Listener{host: h, local: local, ready: sync.NewCond(&h.net.w.mu)}
	h.listeners[local] = l
	return l
}

// Accept waits for the next stream, a *Conn.
func (l *Listener) Accept() (net.Conn, error) {
	l.host.net.w.mu.Lock()
	defer l.host.net.w.mu.Unlock()
	for !l.closed && len(l.waiting) == 0 {
		l.ready.Wait()
	}
	if l.closed {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
	c := l.waiting[0]
	l.waiting = l.waiting[1:]
	return c, nil
}

// Addr returns the address of the listener, a *net.TCPAddr.
func (l *Listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.local) }

// Close ends the listener: Accept returns, streams not yet accepted are
// reset; those accepted live on.
func (l *Listener) Close() error {
	l.host.net.w.mu.Lock()
	defer l.host.net.w.mu.Unlock()
	if l.closed {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	}
	l.close()
	return nil
}

func (l *Listener) close() {
	l.closed = true
	delete(l.host.listeners, l.local)
	for _, c := range l.waiting {
		c.abort()
	}
	l.waiting = nil
	l.ready.Broadcast()
}

// dialStream opens a stream: one trip to the listener and one back.
func (h *Host) dialStream(ctx context.Context, from netip.Addr, remote netip.AddrPort) (*Conn, error) {
	w := h.net.w
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := func(a netip.AddrPort) bool {
		for c := range h.streams {
			if c.local == a {
				return true
			}
		}
		return false
	}
	local, err := h.freePort(from, 0, taken)
	if err != nil {
		return nil, err
	}
	way := &path{from: local}
	h.net.find(way, remote)
	if !way.routed {
		return nil, syscall.EHOSTUNREACH
	}
	c := newConn(h, local, remote)
	there, back := newWire(w, way.hops), newWire(w, way.reversed())
	there.send(segment{arrive: func() { c.knock(way, remote, there, back) }})
	stop := context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		c.ready.Broadcast()
	})
	defer stop()
	for !c.connected && c.broken == nil && ctx.Err() == nil {
		c.ready.Wait()
	}
	if c.connected && c.broken == nil && ctx.Err() == nil {
		return c, nil
	}
	err = c.broken
	if err == nil {
		err = ctx.Err()
		c.close()
	}
	delete(h.streams, c)
	return nil, err
}

func newConn(h *Host, local, remote netip.AddrPort) *Conn {
	c := &Conn{host: h, w: h.net.w, name: h.name, local: local, remote: remote, ready: sync.NewCond(&h.net.w.mu)}
	c.readBy.ready, c.sent.ready = c.ready, c.ready
	h.streams[c] = struct{}{}
	return c
}

// knock is the dial arriving at the other side. The lock is held.
func (c *Conn) knock(way *path, dst netip.AddrPort, there, back *wire) {
	l := c.host.net.find(&path{from: way.from}, dst)
	if l == nil || len(l.waiting) >= backlog || c.closed {
		back.send(segment{arrive: func() { c.reset(syscall.ECONNREFUSED) }})
		return
	}
	at := way.dst
	far := newConn(l.host, at, way.from)
	far.connected = true
	far.peer, c.peer = c, far
	far.out, c.out = back, there
	there.lost = func() { c.reset(syscall.ETIMEDOUT); far.reset(syscall.ETIMEDOUT) }
	back.lost = there.lost
	l.waiting = append(l.waiting, far)
	l.ready.Signal()
	back.send(segment{arrive: func() {
		c.connected = true
		c.ready.Broadcast()
	}})
}

// reset breaks an end of a stream. The lock is held.
func (c *Conn) reset(err error) {
	if c.broken == nil {
		c.broken = err
	}
	delete(c.host.streams, c)
	c.ready.Broadcast()
}

// Read waits for bytes; io.EOF when the peer has closed.
func (c *Conn) Read(b []byte) (int, error) {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.opError("read", net.ErrClosed)
		case c.readBy.passed():
			return 0, c.opError("read", os.ErrDeadlineExceeded)
		case len(b) == 0:
			return 0, nil
		case len(c.in) > 0:
			n := copy(b, c.in)
			c.in = c.in[n:]
			c.peer.ready.Broadcast() // room in the window
			return n, nil
		case c.broken != nil:
			return 0, c.opError("read", c.broken)
		case c.ended:
			return 0, io.EOF
		}
		c.ready.Wait()
	}
}

// Write sends bytes; it waits while the peer has too many unread.
func (c *Conn) Write(b []byte) (int, error) {
	stopped := c.w.stops(Packet{Proto: "tcp", FromName: c.name, From: c.local, To: c.remote, Data: b})
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	rec := c.w.record("tcp", c.name, c.peer.name, c.local, c.remote, append([]byte(nil), b...))
	if stopped {
		rec.fate("stopped")
		return len(b), nil
	}
	done := 0
	for {
		if err := c.writable(); err != nil {
			rec.fate(err.Error())
			return done, c.opError("write", err)
		}
		if n := min(window-c.out.unread-len(c.peer.in), len(b)-done); n > 0 {
			c.transmit(b[done : done+n])
			done += n
		}
		if done == len(b) {
			return done, nil
		}
		c.ready.Wait()
	}
}

func (c *Conn) writable() error {
	switch {
	case c.closed:
		return net.ErrClosed
	case c.sent.passed():
		return os.ErrDeadlineExceeded
	case c.broken != nil:
		return c.broken
	case c.sentEnd:
		return syscall.EPIPE
	}
	return nil
}

// transmit puts bytes on the wire. The lock is held.
func (c *Conn) transmit(b []byte) {
	data := append([]byte(nil), b...)
	c.out.unread += len(data)
	c.out.send(segment{arrive: func() {
		c.out.unread -= len(data)
		if c.peer.closed {
			c.reset(syscall.ECONNRESET) // RFC 9293 section 3.10.7.1
			return
		}
		c.peer.in = append(c.peer.in, data...)
		c.peer.ready.Broadcast()
	}})
}

// CloseWrite ends this direction: the peer reads io.EOF after what was
// written. Reading goes on.
func (c *Conn) CloseWrite() error {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.sendEnd()
	return nil
}

// Close closes this end: whoever waits in it gets net.ErrClosed, the peer
// io.EOF after what was written.
func (c *Conn) Close() error {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.close()
	return nil
}

func (c *Conn) close() {
	if c.closed {
		return
	}
	c.closed = true
	c.readBy.stop()
	c.sent.stop()
	delete(c.host.streams, c)
	c.sendEnd()
	c.ready.Broadcast()
}

// abort closes this end and resets the other. The lock is held.
func (c *Conn) abort() {
	if c.out != nil && !c.sentEnd {
		c.sentEnd = true
		c.out.send(segment{arrive: func() { c.peer.reset(syscall.ECONNRESET) }})
	}
	c.close()
	c.reset(net.ErrClosed) // ends a dial that waits
}

func (c *Conn) sendEnd() {
	if c.sentEnd || c.out == nil {
		return
	}
	c.sentEnd = true
	c.ready.Broadcast()
	c.out.send(segment{arrive: func() {
		c.peer.ended = true
		c.peer.ready.Broadcast()
	}})
}

// LocalAddr returns the address of this end, a *net.TCPAddr.
func (c *Conn) LocalAddr() net.Addr { return net.TCPAddrFromAddrPort(c.local) }

// RemoteAddr returns the address of the peer as this end sees it (behind a
// NAT, that of the box), a *net.TCPAddr.
func (c *Conn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

// SetDeadline sets the time at which reads and writes give up.
func (c *Conn) SetDeadline(t time.Time) error { return c.setDeadlines(t, &c.readBy, &c.sent) }

// SetReadDeadline sets the time at which reads give up; the zero Time is never.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadlines(t, &c.readBy) }

// SetWriteDeadline sets the time at which writes give up; the zero Time is never.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadlines(t, &c.sent) }

func (c *Conn) setDeadlines(t time.Time, which ...*deadline) error {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	for _, d := range which {
		d.set(t)
	}
	return nil
}

func (c *Conn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

var (
	_ net.Conn     = (*Conn)(nil)
	_ net.Listener = (*Listener)(nil)
)
