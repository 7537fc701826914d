package transaction

// The server's machine for INVITE (RFC 3261 section 17.2.1, RFC 6026 section
// 7.1). The transaction user sends 100 itself; an INVITE that it says nothing to is
// forgotten after 64*T1.
//
//	           1xx
//	          ┌───┐
//	INVITE ──►│ Proceeding ──3xx-6xx──► Completed ──ACK──► Confirmed ──I──► Terminated
//	          └───┘  │                   G: send again        (T4)
//	                 │                   H: 64*T1 ──► Terminated
//	                 └──2xx──► Accepted ──L: 64*T1──► Terminated
//
// In Accepted the INVITE that comes again is swallowed, and an ACK goes on to the
// dialog, which sends the 2xx again until it comes.

// repliedInvite moves on after an answer; t.mu is held.
func (t *Server) repliedInvite(status int) {
	switch {
	case status < 200:
		t.state = serverProceeding
		t.layer.wheel.Stop(&t.over)
	case status < 300:
		t.state = serverAccepted
		t.last = nil
		t.layer.wheel.Set(&t.over, t, longest)
	default:
		t.state = serverCompleted
		t.layer.wheel.Set(&t.over, t, longest)
		if !t.to.Transport.Reliable() {
			t.gap = timerT1
			t.layer.wheel.Set(&t.repeat, t, t.gap)
		}
	}
}

// acked takes an ACK in; false where it is the dialog's.
func (t *Server) acked() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch t.state {
	case serverCompleted:
		t.layer.wheel.Stop(&t.repeat)
		if t.to.Transport.Reliable() {
			t.end()
			return true
		}
		t.state = serverConfirmed
		t.layer.wheel.Set(&t.over, t, timerT4)
		return true
	case serverConfirmed, serverTerminated:
		return true
	}
	return false
}
