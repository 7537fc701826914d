package transport

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
)

// dialing is a connection that is being opened; who else wants it waits for done.
type dialing struct {
	done chan struct{}
	flow Flow
	err  error
}

// Connect returns a flow to an address: over a connection that lives, or one that it opens, once for all who ask meanwhile.
func (l *Layer) Connect(ctx context.Context, t Transport, remote netip.AddrPort) (Flow, error) {
	p := peer{t, unmap(remote)}
	if t != TCP {
		return Flow{}, fmt.Errorf("connect to %s: %s is not supported yet", remote, t)
	}
	for {
		f, waited, err := l.connection(ctx, p)
		if err == nil || !waited || ctx.Err() != nil || !gaveUp(err) {
			return f, err
		}
		// It was the one who dialled that gave up; our time is not over.
	}
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
	s := l.newStream(c, p.t)
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
