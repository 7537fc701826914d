package transaction

// The server's machine for everything but INVITE (RFC 3261 section 17.2.2).
//
//	request ──► Trying ──1xx──► Proceeding ──2xx-6xx──► Completed ──J──► Terminated
//	              └────────────────2xx-6xx─────────────────┘
//
// J is 64*T1 where the transport may lose the answer, else nothing. A request
// that nobody answers is forgotten after 64*T1 too.

// repliedOther moves on after an answer; t.mu is held.
func (t *Server) repliedOther(status int) {
	if status < 200 {
		t.state = serverProceeding
		return
	}
	t.state = serverCompleted
	if t.to.Transport.Reliable() {
		t.end()
		return
	}
	t.layer.wheel.Set(&t.over, t, longest)
}
