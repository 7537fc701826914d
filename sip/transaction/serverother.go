package transaction

// The server's machine for everything but INVITE (RFC 3261 section 17.2.2).
//
//	request ──► Trying ──1xx──► Proceeding ──2xx-6xx──► Completed ──J──► Terminated
//	              └────────────────2xx-6xx─────────────────┘
//
// J is 64*T1 where the transport may lose the answer, else nothing. A request
// that nobody answers is forgotten after 64*T1 too. When half of the room for
// transactions is taken, J is T4, the longest that a message stays in the network
// and more than the longest pause of whoever asks again (T2): what comes once more
// after that would be served anew, but eight times as many are served at all.

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
	rest := longest
	if t.layer.crowded() {
		rest = timerT4
	}
	t.layer.wheel.Set(&t.over, t, rest)
}
