package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"obelus/sip"
)

const (
	firstBuffer = 4 << 10          // of a connection's reader; it grows to hold one message, and shrinks again
	writeQueue  = 256              // messages that wait for a slow peer
	writeBytes  = 1 << 20          // and how much they may be together; a single message may be more
	writeTime   = 20 * time.Second // how long the peer may take for one
	messageTime = 30 * time.Second // how long a message may take to arrive whole, from its first byte
)

// stream is one TCP or TLS connection.
type stream struct {
	layer  *Layer
	conn   net.Conn
	flow   Flow
	name   string // of the domain that we opened it for, by TLS
	id     uint64
	gone   atomic.Bool
	proved atomic.Bool
	out    chan []byte
	queued atomic.Int64 // bytes in out
	done   chan struct{}
	once   sync.Once
	expiry *time.Timer
}

func (s *stream) alive() bool    { return !s.gone.Load() }
func (s *stream) number() uint64 { return s.id }

// send queues bytes for the writer. A peer that does not take them loses its connection rather than our time.
func (s *stream) send(b []byte, local, remote netip.AddrPort, _ bool) error {
	if s.gone.Load() {
		return ErrFlowClosed
	}
	s.layer.trace(Out, s.flow, b)
	if queued := s.queued.Add(int64(len(b))); queued <= max(writeBytes, int64(len(b))) {
		select {
		case s.out <- append([]byte(nil), b...):
			s.layer.count.sent.Add(1)
			return nil
		case <-s.done:
			return ErrFlowClosed
		default:
		}
	}
	s.layer.count.sendErrors.Add(1)
	s.close()
	return ErrFlowFull
}

// ServeTCP accepts connections until the layer is closed. t is what they carry: TCP, or TLS on top of it.
func (l *Layer) ServeTCP(ln net.Listener, t Transport) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing() {
		ln.Close()
		return
	}
	l.listeners = append(l.listeners, ln)
	l.readers.Add(1) // under the lock: Close waits for those that it saw
	go func() {
		defer l.readers.Done()
		for {
			c, err := ln.Accept()
			if err != nil {
				if l.closing() || errors.Is(err, net.ErrClosed) {
					return
				}
				l.count.readErrors.Add(1)
				if !l.pause(errorPause) {
					return
				}
				continue
			}
			l.accept(c, t)
		}
	}()
}

// accept takes a connection in, unless too many have proved nothing yet, or there are too many at all (security class 26).
func (l *Layer) accept(c net.Conn, t Transport) {
	if t == TLS {
		c = tls.Server(c, l.o.Certificates.forClients()) // shakes hands when it is read: nobody waits for it
	}
	s := l.newStream(c, t)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unproved >= l.o.AuthLimit || len(l.conns) >= l.o.MaxConnections || l.closing() {
		l.count.refusedConns.Add(1)
		c.Close()
		return
	}
	l.unproved++
	s.expiry = time.AfterFunc(l.o.AuthTimeout, func() {
		if !s.proved.Load() {
			l.o.Log.Debug("a connection proved nothing in time", "from", s.flow)
			s.close()
		}
	})
	l.adopt(s)
}

// peer is where a connection leads. One that we opened by TLS has the domain that its other side has proved to be.
type peer struct {
	t      Transport
	remote netip.AddrPort
	name   string
}

func (p peer) String() string { return strings.TrimSpace(p.name + " " + p.remote.String()) }

// adopt enters a connection in the books and has it read; l.mu is held, so that Close either finds it or was seen.
func (l *Layer) adopt(s *stream) {
	l.conns[s.id] = s
	l.peers[s.peer()] = s
	s.start()
}

func (l *Layer) newStream(c net.Conn, t Transport) *stream {
	s := &stream{layer: l, conn: c, id: l.ids.Add(1), out: make(chan []byte, writeQueue), done: make(chan struct{})}
	s.flow = Flow{Transport: t, Local: addrPort(c.LocalAddr()), Remote: addrPort(c.RemoteAddr()), link: s}
	return s
}

func (s *stream) peer() peer { return peer{s.flow.Transport, s.flow.Remote, s.name} }

func (s *stream) start() {
	s.layer.readers.Add(2)
	go func() {
		defer s.layer.readers.Done()
		s.read()
		s.close()
		s.tellClosed()
	}()
	go func() {
		defer s.layer.readers.Done()
		s.write()
	}()
}

// Authenticated says that somebody on the flow has proved who they are: it may stay.
func (l *Layer) Authenticated(f Flow) {
	s, ok := f.link.(*stream)
	if !ok || s.proved.Swap(true) {
		return
	}
	l.mu.Lock()
	l.unproved--
	l.mu.Unlock()
	if s.expiry != nil {
		s.expiry.Stop()
	}
}

// close ends the connection.
func (s *stream) close() {
	s.once.Do(func() {
		s.gone.Store(true)
		close(s.done)
		s.conn.Close()
		l := s.layer
		l.mu.Lock()
		if s.expiry != nil {
			s.expiry.Stop()
		}
		delete(l.conns, s.id)
		if p := s.peer(); l.peers[p] == s {
			delete(l.peers, p)
		}
		if !s.proved.Swap(true) {
			l.unproved--
		}
		l.mu.Unlock()
	})
}

// tellClosed is the reader's last act: whoever made the connection end by sending on it may hold locks that the listener wants.
func (s *stream) tellClosed() {
	if s.layer.o.Closed != nil {
		defer s.layer.survive(s.flow)
		s.layer.o.Closed(s.flow)
	}
}

// write sends what is queued.
func (s *stream) write() {
	for {
		select {
		case b := <-s.out:
			s.queued.Add(-int64(len(b)))
			s.conn.SetWriteDeadline(time.Now().Add(writeTime))
			if _, err := s.conn.Write(b); err != nil {
				s.close()
				return
			}
		case <-s.done:
			return
		}
	}
}

// read cuts the stream into messages and has them served, until it ends or can't be cut any more.
func (s *stream) read() {
	defer s.layer.survive(s.flow)
	if !s.shake() {
		return
	}
	buf := make([]byte, 0, firstBuffer)
	m := new(sip.Message)
	for {
		if buf = s.fit(buf); buf == nil {
			return
		}
		had := len(buf)
		n, err := s.conn.Read(buf[had:cap(buf)])
		buf = buf[:had+n]
		rest, ok := s.cut(buf, m)
		if !ok || err != nil {
			return
		}
		s.patience(had, len(buf), len(rest))
		buf = buf[:copy(buf, rest)]
	}
}

// shake agrees on keys with who connected by TLS; tcpauthtimeout bounds it.
func (s *stream) shake() bool {
	c, ok := s.conn.(*tls.Conn)
	if !ok {
		return true
	}
	err := c.Handshake()
	if err == nil {
		return true
	}
	if n := s.layer.count.handshakes.Add(1); !s.gone.Load() && (n <= loudPanics || n%1000 == 0) {
		s.layer.o.Log.Info("a TLS connection did not come about", "from", s.flow, "count", n, "why", inWords(err))
	}
	return false
}

// fit makes room for more; nil where a message is too big.
func (s *stream) fit(buf []byte) []byte {
	switch {
	case len(buf) == 0 && cap(buf) > firstBuffer:
		return make([]byte, 0, firstBuffer) // thousands of quiet connections hold what one big message took
	case len(buf) < cap(buf):
		return buf
	case cap(buf) >= s.layer.o.MaxMessage:
		s.layer.count.malformed.Add(1)
		return nil
	}
	return append(make([]byte, 0, min(2*cap(buf), s.layer.o.MaxMessage)), buf...)
}

// patience gives a message that has begun its time to arrive whole (security class 26); between messages there is no hurry.
// had bytes waited before the read, have after it, and left of them is the beginning of the next message.
func (s *stream) patience(had, have, left int) {
	switch {
	case left == 0:
		s.conn.SetReadDeadline(time.Time{})
	case had == 0 || left < have: // it has just begun: what was before it is served
		s.conn.SetReadDeadline(time.Now().Add(messageTime))
	}
}

// cut serves the whole messages in the buffer and returns what is left of it; false where the stream can't be read on.
func (s *stream) cut(buf []byte, m *sip.Message) ([]byte, bool) {
	for len(buf) > 0 {
		n, err := sip.Frame(buf, s.layer.o.MaxMessage)
		if err != nil {
			s.unframed(buf, m, err)
			return nil, false
		}
		if n == 0 {
			break
		}
		piece := buf[:n]
		buf = buf[n:]
		if ping, ok := sip.KeepAlive(piece); ok {
			s.layer.count.keepAlives.Add(1)
			if ping && s.send([]byte("\r\n"), s.flow.Local, s.flow.Remote, false) != nil {
				return nil, false
			}
			continue
		}
		s.layer.take(piece, s.flow, m)
		if s.gone.Load() {
			return nil, false
		}
	}
	return buf, true
}

// unframed answers a message whose end can't be found, where it can be answered, before the connection is closed.
func (s *stream) unframed(buf []byte, m *sip.Message, why error) {
	s.layer.count.received.Add(1)
	s.layer.count.malformed.Add(1)
	s.layer.trace(In, s.flow, buf)
	s.layer.o.Log.Debug("a stream can't be cut into messages", "from", s.flow, "why", why)
	if err := sip.ParseInto(m, buf); err != nil {
		why = err // and answer what was read before it, if that is enough
	}
	// Not by the queue, which ends with the connection.
	now := FlowFunc(s.flow.Transport, s.flow.Local, s.flow.Remote, func(b []byte, _ netip.AddrPort) error {
		s.layer.trace(Out, s.flow, b)
		s.conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, err := s.conn.Write(b)
		return err
	})
	reason := ""
	if errors.Is(why, sip.ErrContentLength) || errors.Is(why, sip.ErrNoLength) {
		reason = "Bad Content-Length"
	}
	s.layer.refuse(m, now, 400, reason)
}
