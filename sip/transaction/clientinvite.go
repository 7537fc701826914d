package transaction

import "obelus/sip"

// The client's machine for INVITE (RFC 3261 section 17.1.1, RFC 6026 section
// 7.2).
//
//	       A: send again
//	Calling ──1xx──► Proceeding ──3xx-6xx──► Completed ──D──► Terminated
//	   │                │                    ACK, again to each repetition
//	   │                └──2xx──► Accepted ──M: 64*T1──► Terminated
//	   │                          every 2xx is told: the dialog sends its ACK
//	   └──3xx-6xx──► Completed, ──2xx──► Accepted
//	   B (64*T1), transport error ──► Terminated, and the sink is told
//
// D is 32 seconds where the transport may lose the ACK, else nothing. A CANCEL
// waits for the first 1xx (RFC 3261 section 9.1); after it, what is silent for
// 64*T1 has failed.

// answeredInvite moves on after a response; c.mu is held. It says whether the
// sink is told, and what is to be sent: an ACK, or the CANCEL that waited.
func (c *Client) answeredInvite(m *sip.Message) (tell bool, ack, cancel []byte) {
	status := m.StatusCode()
	switch {
	case c.state == clientTerminated:
		return false, nil, nil
	case c.state == clientCompleted:
		if status >= 300 {
			ack = c.ack
		}
		return false, ack, nil
	case c.state == clientAccepted:
		return status >= 200 && status < 300, nil, nil
	case status < 200:
		return true, nil, c.proceeding()
	}
	c.layer.wheel.Stop(&c.again)
	if status < 300 {
		c.state = clientAccepted
		c.layer.wheel.Set(&c.deadline, c, longest)
		return true, nil, nil
	}
	c.state = clientCompleted
	c.ack = c.renderACK(m)
	ack = c.ack
	if c.flow.Transport.Reliable() {
		c.end()
	} else {
		c.layer.wheel.Set(&c.deadline, c, longest)
	}
	return true, ack, nil
}

// proceeding stops the clock at the first 1xx and returns the CANCEL that waited
// for it.
func (c *Client) proceeding() (cancel []byte) {
	if c.state == clientProceeding {
		return nil
	}
	c.state = clientProceeding
	c.err = nil // it has arrived, whatever became of sending it again
	c.layer.wheel.Stop(&c.again)
	if c.cancel == nil {
		c.layer.wheel.Stop(&c.deadline)
		return nil
	}
	c.layer.wheel.Set(&c.deadline, c, longest)
	return c.cancel
}

// renderACK builds the ACK to a response of 300 or more (RFC 3261 section
// 17.1.1.3).
func (c *Client) renderACK(resp *sip.Message) []byte {
	req, err := sip.Parse(c.request)
	if err != nil {
		return nil // our own INVITE can be read
	}
	var b sip.Builder
	follow(&b, req, sip.ACK, resp.Value(sip.HeaderTo))
	return b.End("", nil)
}

// follow writes a request that goes where an INVITE went: same first line, top
// Via, Route, From, Call-ID and CSeq number.
func follow(b *sip.Builder, req *sip.Message, method sip.Method, to string) {
	b.Request(method, req.RawURI())
	for v := range req.List(sip.HeaderVia) {
		b.Add(sip.HeaderVia, v)
		break
	}
	b.CopyAll(req, sip.HeaderRoute)
	b.Add(sip.HeaderMaxForwards, "70")
	b.Add(sip.HeaderFrom, req.Value(sip.HeaderFrom))
	b.Add(sip.HeaderTo, to)
	b.Add(sip.HeaderCallID, req.CallID())
	if cseq, err := req.CSeq(); err == nil {
		b.CSeq(cseq.Seq, method)
	}
	if ua := req.Value(sip.HeaderUserAgent); ua != "" {
		b.Add(sip.HeaderUserAgent, ua)
	}
}

// Cancel gives the INVITE up: a CANCEL is sent as soon as the other side has
// said anything. The sink still gets the final response, 487 as a rule, or a
// failure. On a transaction that is through it does nothing. The headers say why,
// as in RFC 3326.
func (c *Client) Cancel(headers ...[2]string) {
	if b := c.cancelled(headers); b != nil {
		c.sendCancel(b)
	}
}

// cancelled notes the wish and returns the CANCEL when it is to be sent now.
func (c *Client) cancelled(headers [][2]string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.invite || c.state >= clientCompleted || c.cancel != nil {
		return nil
	}
	req, err := sip.Parse(c.request)
	if err != nil {
		return nil // our own INVITE can be read
	}
	var b sip.Builder
	follow(&b, req, sip.CANCEL, req.Value(sip.HeaderTo))
	for _, h := range headers {
		b.Header(h[0], h[1])
	}
	c.cancel = b.End("", nil)
	if c.state != clientProceeding {
		return nil
	}
	c.layer.wheel.Set(&c.deadline, c, longest)
	return c.cancel
}

// sendCancel sends the CANCEL in a transaction of its own. What is answered to it
// matters to nobody: the INVITE gets its own answer.
func (c *Client) sendCancel(b []byte) {
	c.layer.Send(b, c.key.branch, sip.CANCEL, c.flow, c.timing, deaf{})
}

// deaf is the sink of a request whose answer nobody waits for.
type deaf struct{}

func (deaf) Response(*Client, *sip.Message) {}
func (deaf) Failed(*Client, error)          {}
