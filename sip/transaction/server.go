package transaction

import (
	"errors"
	"sync"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

// Server is one server transaction: a request that came, and our answers to it.
type Server struct {
	layer   *Layer
	key     key
	req     *sip.Message
	flow    transport.Flow // how it came
	invite  bool
	cancels *Server // of a CANCEL: the INVITE that it names

	mu           sync.Mutex
	to           transport.Flow // where answers go
	state        serverState
	last         []byte // the last answer, to give again
	gap          time.Duration
	repeat, over Timer // repeats the answer; ends the transaction
}

// serverState is where a transaction is; the machines draw the way.
type serverState uint8

const (
	serverTrying serverState = iota // of an INVITE too: no answer yet
	serverProceeding
	serverCompleted
	serverAccepted
	serverConfirmed
	serverTerminated
)

// ErrAnswered is returned by a second final answer.
var ErrAnswered = errors.New("the request was answered already")

// Request is the request.
func (t *Server) Request() *sip.Message { return t.req }

// Flow is how the request came.
func (t *Server) Flow() transport.Flow { return t.flow }

// sentBy says whether f comes from where the request came from: a CANCEL goes the
// way of its INVITE, and one from elsewhere is a stranger's (security class 16).
// The port may differ: NAT boxes change it.
func (t *Server) sentBy(f transport.Flow) bool {
	return f.Remote.Addr().Unmap() == t.flow.Remote.Addr().Unmap()
}

// Cancels is, for a CANCEL, the transaction of the INVITE that it cancels; nil
// if there is none, or none from the same address.
func (t *Server) Cancels() *Server { return t.cancels }

// SetReplyTo has answers go by another flow than the request came by: where
// RFC 3581 or a nat= setting says so. It is called before the first answer.
func (t *Server) SetReplyTo(f transport.Flow) {
	t.mu.Lock()
	t.to = f
	t.mu.Unlock()
}

// begin starts the clock of a request that nobody may ever answer. An INVITE has
// it until its first 1xx: by then whoever sent it has given up (timer B).
func (t *Server) begin() {
	t.mu.Lock()
	t.layer.wheel.Set(&t.over, t, longest)
	t.mu.Unlock()
}

// Reply sends an answer and keeps what must be given again. b is copied.
func (t *Server) Reply(status int, b []byte) error {
	t.mu.Lock()
	if t.state >= serverCompleted {
		t.mu.Unlock()
		return ErrAnswered
	}
	if t.invite {
		t.repliedInvite(status)
	} else {
		t.repliedOther(status)
	}
	if t.gives() {
		t.last = append([]byte(nil), b...)
	}
	to := t.to
	t.mu.Unlock()
	return to.Reply(b)
}

// ReplyStateless sends an answer and forgets the transaction: the same request
// sent again is new. It is how those are answered who have proved nothing.
func (t *Server) ReplyStateless(b []byte) error {
	t.mu.Lock()
	if t.state >= serverCompleted {
		t.mu.Unlock()
		return ErrAnswered
	}
	to := t.to
	t.end()
	t.mu.Unlock()
	return to.Reply(b)
}

// Answered says whether a final answer was given.
func (t *Server) Answered() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state >= serverCompleted
}

// gives says whether a request that comes again is given the last answer again;
// t.mu is held. A 2xx to an INVITE is given by whoever waits for its ACK.
func (t *Server) gives() bool { return t.state == serverProceeding || t.state == serverCompleted }

// again answers a request that came once more with the last answer.
func (t *Server) again() {
	t.mu.Lock()
	b, to, gives := t.last, t.to, t.gives()
	t.mu.Unlock()
	if !gives {
		return
	}
	if err := to.Reply(b); err != nil {
		t.layer.cfg.Log.Debug("an answer could not be given again", "to", to, "why", err)
	}
}

// Ring is called by the wheel.
func (t *Server) Ring(timer *Timer, turn uint32) {
	t.mu.Lock()
	if !timer.Due(turn) || t.state == serverTerminated {
		t.mu.Unlock()
		return
	}
	if timer == &t.over {
		t.end()
		t.mu.Unlock()
		return
	}
	b, to := t.last, t.to
	t.gap = min(2*t.gap, timerT2)
	t.layer.wheel.Set(&t.repeat, t, t.gap)
	t.mu.Unlock()
	if err := to.Send(b); err != nil {
		t.layer.cfg.Log.Debug("an answer could not be sent again", "to", to, "why", err)
	}
}

// end forgets the transaction; t.mu is held.
func (t *Server) end() {
	if t.state == serverTerminated {
		return
	}
	t.state = serverTerminated
	t.last = nil
	t.layer.wheel.Stop(&t.repeat)
	t.layer.wheel.Stop(&t.over)
	s := &t.layer.servers[t.layer.shard(t.key)]
	s.mu.Lock()
	if s.m[t.key] == t {
		delete(s.m, t.key)
		t.layer.serving.Add(-1)
	}
	s.mu.Unlock()
}
