package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"obelus/sip"
)

const (
	firstBuffer = 4 << 10          // of a connection's reader; it grows to hold one message
	writeQueue  = 256              // messages that wait for a slow peer
	writeTime   = 20 * time.Second // how long the peer may take for one
	messageTime = 30 * time.Second // how long a message may take to arrive whole, from its first byte
)

// stream is one TCP or TLS connection.
type stream struct {
	layer  *Layer
	conn   net.Conn
	flow   Flow
	id     uint64
	gone   atomic.Bool
	proved atomic.Bool
	out    chan []byte
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
	select {
	case s.out <- append([]byte(nil), b...):
		s.layer.count.sent.Add(1)
		return nil
	case <-s.done:
		return ErrFlowClosed
	default:
		s.layer.count.sendErrors.Add(1)
		s.close()
		return ErrFlowFull
	}
}

// ServeTCP accepts connections until the layer is closed. t is what they carry: TCP, or TLS where the listener unwraps it.
func (l *Layer) ServeTCP(ln net.Listener, t Transport) {
	l.mu.Lock()
	l.listeners = append(l.listeners, ln)
	l.mu.Unlock()
	l.readers.Add(1)
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

// accept takes a connection in, unless too many have proved nothing yet (security class 26).
func (l *Layer) accept(c net.Conn, t Transport) {
	s := l.newStream(c, t)
	l.mu.Lock()
	if l.unproved >= l.o.AuthLimit || l.closing() {
		l.mu.Unlock()
		l.count.refusedConns.Add(1)
		c.Close()
		return
	}
	l.unproved++
	l.conns[s.id] = s
	l.mu.Unlock()
	s.expiry = time.AfterFunc(l.o.AuthTimeout, func() {
		if !s.proved.Load() {
			l.o.Log.Debug("a connection proved nothing in time", "from", s.flow)
			s.close()
		}
	})
	s.start()
}

func (l *Layer) newStream(c net.Conn, t Transport) *stream {
	s := &stream{layer: l, conn: c, id: l.ids.Add(1), out: make(chan []byte, writeQueue), done: make(chan struct{})}
	s.flow = Flow{Transport: t, Local: addrPort(c.LocalAddr()), Remote: addrPort(c.RemoteAddr()), link: s}
	return s
}

func (s *stream) start() {
	s.layer.readers.Add(2)
	go func() {
		defer s.layer.readers.Done()
		s.read()
		s.close()
	}()
	go func() {
		defer s.layer.readers.Done()
		s.write()
	}()
}

// Connect returns a flow to an address: over a connection that lives, or one that it opens.
func (l *Layer) Connect(ctx context.Context, t Transport, remote netip.AddrPort) (Flow, error) {
	l.mu.Lock()
	for _, s := range l.conns {
		if s.flow.Transport == t && s.flow.Remote == unmap(remote) && s.alive() {
			l.mu.Unlock()
			return s.flow, nil
		}
	}
	l.mu.Unlock()
	if t != TCP {
		return Flow{}, fmt.Errorf("connect to %s: %s is not supported yet", remote, t)
	}
	c, err := l.o.Dial(ctx, "tcp", remote.String())
	if err != nil {
		return Flow{}, fmt.Errorf("connect to %s: %w", remote, err)
	}
	s := l.newStream(c, t)
	s.proved.Store(true) // we chose it
	l.mu.Lock()
	if l.closing() {
		l.mu.Unlock()
		c.Close()
		return Flow{}, ErrFlowClosed
	}
	l.conns[s.id] = s
	l.mu.Unlock()
	s.start()
	return s.flow, nil
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
		if s.expiry != nil {
			s.expiry.Stop()
		}
		l := s.layer
		l.mu.Lock()
		delete(l.conns, s.id)
		if !s.proved.Swap(true) {
			l.unproved--
		}
		l.mu.Unlock()
		if l.o.Closed != nil {
			l.o.Closed(s.flow)
		}
	})
}

// write sends what is queued.
func (s *stream) write() {
	for {
		select {
		case b := <-s.out:
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
	buf := make([]byte, 0, firstBuffer)
	m := new(sip.Message)
	for {
		if len(buf) == cap(buf) {
			if cap(buf) >= s.layer.o.MaxMessage {
				s.layer.count.malformed.Add(1)
				return
			}
			buf = append(make([]byte, 0, min(2*cap(buf), s.layer.o.MaxMessage)), buf...)
		}
		if len(buf) == 0 {
			s.conn.SetReadDeadline(time.Time{})
		}
		n, err := s.conn.Read(buf[len(buf):cap(buf)])
		if n > 0 && len(buf) == 0 {
			s.conn.SetReadDeadline(time.Now().Add(messageTime)) // a message must come to its end (security class 26)
		}
		buf = buf[:len(buf)+n]
		rest, ok := s.cut(buf, m)
		if !ok || err != nil {
			return
		}
		buf = buf[:copy(buf, rest)]
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
	s.layer.count.malformed.Add(1)
	s.layer.o.Log.Debug("a stream can't be cut into messages", "from", s.flow, "why", why)
	if sip.ParseInto(m, buf) != nil {
		return
	}
	// Not by the queue, which ends with the connection.
	now := FlowFunc(s.flow.Transport, s.flow.Local, s.flow.Remote, func(b []byte, _ netip.AddrPort) error {
		s.layer.trace(Out, s.flow, b)
		s.conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, err := s.conn.Write(b)
		return err
	})
	s.layer.refuse(m, now, 400, "Bad Content-Length")
}
