package transaction

import "obelus/sip"

// The client's machine for everything but INVITE (RFC 3261 section 17.1.2).
//
//	       E: send again       E: send again every T2
//	Trying ──1xx──► Proceeding ──2xx-6xx──► Completed ──K──► Terminated
//	   └────────────────2xx-6xx─────────────────┘
//	   F (64*T1), transport error ──► Terminated, and the sink is told
//
// K is T4 where the answer may come again, else nothing.

// answeredOther moves on after a response; c.mu is held. True has the sink told.
func (c *Client) answeredOther(m *sip.Message) bool {
	if c.state >= clientCompleted {
		return false // an answer that came again
	}
	if m.StatusCode() < 200 {
		c.state = clientProceeding
		return true
	}
	c.layer.wheel.Stop(&c.again)
	c.state = clientCompleted
	if c.flow.Transport.Reliable() {
		c.end()
	} else {
		c.layer.wheel.Set(&c.deadline, c, timerT4)
	}
	return true
}
