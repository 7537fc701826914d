package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
)

// dialing is a connection that is being opened; who else wants it waits for done.
type dialing struct {
	done chan struct{}
	flow Flow
	err  error
}

// Connect returns a flow to a target: over a connection that lives, or one that it opens, once for all who ask meanwhile. One by
// TLS is only taken for the domain that it was opened for.
func (l *Layer) Connect(ctx context.Context, to Target) (Flow, error) {
	p, ok := to.peer()
	if !ok {
		return Flow{}, fmt.Errorf("connect to %s: %s is not supported yet", to.Addr, to.Transport)
	}
	for {
		f, waited, err := l.connection(ctx, p)
		if err == nil || !waited || ctx.Err() != nil || !gaveUp(err) {
			return f, err
		}
		// It was the one who dialled that gave up; our time is not over.
	}
}

// Connected is the connection to a target that lives, as Connect would return it at once; false where there is none.
func (l *Layer) Connected(to Target) (Flow, bool) {
	p, _ := to.peer()
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.peers[p]; s != nil && s.alive() {
		return s.flow, true
	}
	return Flow{}, false
}

// peer is what connections to the target are known by; false where none can be opened.
func (to Target) peer() (p peer, ok bool) {
	p = peer{t: to.Transport, remote: Unmap(to.Addr)}
	switch to.Transport {
	case TLS:
		p.name = to.Name
	case TCP:
	default:
		return p, false
	}
	return p, true
}

// gaveUp says whether an error is that of a context that ended.
func gaveUp(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// connection returns the connection to a peer, waits for somebody who is opening one, or opens it.
func (l *Layer) connection(ctx context.Context, p peer) (f Flow, waited bool, err error) {
	l.mu.Lock()
	if s := l.peers[p]; s != nil && s.alive() {
		l.mu.Unlock()
		return s.flow, false, nil
	}
	d := l.dialing[p]
	if d == nil {
		d = &dialing{done: make(chan struct{}), err: ErrFlowClosed}
		l.dialing[p] = d
		l.mu.Unlock()
		return l.open(ctx, p, d)
	}
	l.mu.Unlock()
	select {
	case <-d.done:
		return d.flow, true, d.err
	case <-ctx.Done():
		return Flow{}, true, fmt.Errorf("connect to %s: %w", p.remote, ctx.Err())
	}
}

// open dials for all who wait, and lets them go whatever comes of it.
func (l *Layer) open(ctx context.Context, p peer, d *dialing) (Flow, bool, error) {
	defer func() {
		l.mu.Lock()
		delete(l.dialing, p)
		l.mu.Unlock()
		close(d.done)
	}()
	d.flow, d.err = l.dial(ctx, p)
	return d.flow, false, d.err
}

// dial opens a connection.
func (l *Layer) dial(ctx context.Context, p peer) (Flow, error) {
	c, err := l.o.Dial(ctx, "tcp", p.remote.String())
	if err != nil {
		return Flow{}, fmt.Errorf("connect to %s: %w", p.remote, err)
	}
	if p.t == TLS {
		secure := tls.Client(c, l.o.Certificates.forServer(p))
		if err := secure.HandshakeContext(ctx); err != nil {
			c.Close()
			return Flow{}, fmt.Errorf("connect to %s by TLS: %w", p, inWords(err))
		}
		c = secure
	}
	s := l.newStream(c, p.t)
	s.name = p.name
	s.flow.Remote = p.remote // as it will be asked for again, however the connection writes it
	s.proved.Store(true)     // we chose it
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing() {
		c.Close()
		return Flow{}, ErrFlowClosed
	}
	l.adopt(s)
	return s.flow, nil
}
