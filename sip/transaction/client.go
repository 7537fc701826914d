package transaction

import (
	"runtime/debug"
	"sync"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

// Timing is how patient a client transaction is; zero values are those of RFC
// 3261.
type Timing struct {
	T1 time.Duration // first pause before a request is sent again: 500 ms
	T2 time.Duration // longest pause: 4 s
	B  time.Duration // when it is given up: 64*T1 (timers B and F)
}

func (t Timing) filled() Timing {
	if t.T1 <= 0 {
		t.T1 = timerT1
	}
	if t.T2 <= 0 {
		t.T2 = timerT2
	}
	if t.B <= 0 {
		t.B = 64 * t.T1
	}
	return t
}

// Sink is who sent a request. It is told in order and one thing at a time, with
// no lock held: any number of 1xx, then one final response or a failure. For an
// INVITE every further 2xx follows, those of other phones behind a fork and those
// that come again, for 64*T1.
type Sink interface {
	Response(c *Client, m *sip.Message)
	Failed(c *Client, err error)
}

// Client is one client transaction: a request of ours.
type Client struct {
	layer  *Layer
	key    key
	flow   transport.Flow
	sink   Sink
	timing Timing
	invite bool

	mu       sync.Mutex
	state    clientState
	request  []byte
	ack      []byte // to a refused INVITE, given again to each repetition
	cancel   []byte // to be sent as soon as a 1xx has come
	gap      time.Duration
	err      error // why it failed, for a failure told by a timer
	news     []news
	telling  bool // somebody tells the sink; what comes meanwhile is left to them
	again    Timer
	deadline Timer
}

// news is what the sink is to be told: a response, or why there is none.
type news struct {
	m   *sip.Message
	err error
}

type clientState uint8

const (
	clientCalling clientState = iota // Trying, where it is no INVITE
	clientProceeding
	clientCompleted
	clientAccepted
	clientTerminated
)

// Branch is the branch of the request's Via.
func (c *Client) Branch() string { return c.key.branch }

// Flow is how the request went.
func (c *Client) Flow() transport.Flow { return c.flow }

// Send sends a request and sees it through. b is kept and must not be changed.
// It never calls the sink, not even of a send that fails: the caller may hold the
// lock that the sink takes.
func (l *Layer) Send(b []byte, branch string, method sip.Method, f transport.Flow, timing Timing, sink Sink) *Client {
	c := &Client{
		layer: l, key: key{branch: branch, method: method}, flow: f, sink: sink, timing: timing.filled(),
		invite: method == sip.INVITE, request: b,
	}
	s := &l.clients[l.shard(c.key)]
	s.mu.Lock()
	s.m[c.key] = c
	s.mu.Unlock()
	c.mu.Lock()
	c.gap = c.timing.T1
	c.layer.wheel.Set(&c.deadline, c, c.timing.B)
	if !f.Transport.Reliable() {
		c.layer.wheel.Set(&c.again, c, c.gap)
	}
	c.mu.Unlock()
	if err := f.Send(b); err != nil {
		c.fail(err)
	}
	return c
}

// fail has the sink told of a failure by the wheel, not by the caller. An INVITE
// that was answered while it was being sent again has arrived: its phone rings.
func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state >= clientCompleted || c.invite && c.state == clientProceeding {
		return
	}
	c.err = err
	c.layer.wheel.Stop(&c.again)
	c.layer.wheel.Set(&c.deadline, c, 0)
}

// answered takes a response in.
func (c *Client) answered(m *sip.Message) {
	c.mu.Lock()
	var tell bool
	var ack, cancel []byte
	if c.invite {
		tell, ack, cancel = c.answeredInvite(m)
	} else {
		tell = c.answeredOther(m)
	}
	if tell {
		c.news = append(c.news, news{m: m})
	}
	c.mu.Unlock()
	if ack != nil {
		if err := c.flow.Send(ack); err != nil {
			c.layer.cfg.Log.Debug("an ACK could not be sent", "to", c.flow, "why", err)
		}
	}
	if cancel != nil {
		c.sendCancel(cancel)
	}
	c.deliver()
}

// deliver tells the sink what there is, unless somebody is doing so already: a
// response that a worker brings and a failure that the wheel rings would
// otherwise meet in the sink.
func (c *Client) deliver() {
	for {
		c.mu.Lock()
		if c.telling || len(c.news) == 0 {
			c.mu.Unlock()
			return
		}
		n := c.news[0]
		c.news = c.news[1:]
		if len(c.news) == 0 {
			c.news = nil
		}
		c.telling = true
		c.mu.Unlock()
		c.tell(n)
	}
}

// tell tells the sink one thing. A sink that panics loses that one only.
func (c *Client) tell(n news) {
	defer func() {
		if p := recover(); p != nil {
			c.layer.cfg.Log.Error("what a request brought could not be taken in", "panic", p, "stack", string(debug.Stack()))
		}
		c.mu.Lock()
		c.telling = false
		c.mu.Unlock()
	}()
	if n.m != nil {
		c.sink.Response(c, n.m)
		return
	}
	c.sink.Failed(c, n.err)
}

// Ring is called by the wheel.
func (c *Client) Ring(t *Timer, turn uint32) {
	c.mu.Lock()
	if !t.Due(turn) || c.state == clientTerminated {
		c.mu.Unlock()
		return
	}
	if t == &c.again {
		c.repeat()
		return
	}
	if c.state < clientCompleted {
		c.news = append(c.news, news{err: c.failure()})
	}
	c.end()
	c.mu.Unlock()
	c.deliver()
}

// failure is why a transaction that is over had no final response; c.mu is held.
func (c *Client) failure() error {
	switch {
	case c.err != nil:
		return c.err
	case c.cancel != nil:
		return ErrCancelled
	}
	return ErrTimeout
}

// repeat sends the request again and unlocks c.mu, which is held.
func (c *Client) repeat() {
	c.gap *= 2
	if !c.invite {
		c.gap = min(c.gap, c.timing.T2)
		if c.state == clientProceeding {
			c.gap = c.timing.T2
		}
	}
	c.layer.wheel.Set(&c.again, c, c.gap)
	b := c.request
	c.mu.Unlock()
	if err := c.flow.Send(b); err != nil {
		c.fail(err)
	}
}

// end forgets the transaction; c.mu is held.
func (c *Client) end() {
	if c.state == clientTerminated {
		return
	}
	c.state = clientTerminated
	c.request, c.ack, c.cancel = nil, nil, nil
	c.layer.wheel.Stop(&c.again)
	c.layer.wheel.Stop(&c.deadline)
	s := &c.layer.clients[c.layer.shard(c.key)]
	s.mu.Lock()
	if s.m[c.key] == c {
		delete(s.m, c.key)
	}
	s.mu.Unlock()
}
