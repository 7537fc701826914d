package chansip

// anotherFlow calls the phone by another of the flows that it has registered (RFC
// 5626 section 5.3), when one has failed and the phone has not rung; false where
// there is none left; l.mu is held.
func (l *leg) anotherFlow() bool {
	if l.state != legRinging || len(l.out.early) > 0 || len(l.out.more) == 0 {
		return false
	}
	w := l.out.more[0]
	l.out.more = l.out.more[1:]
	l.d.log.Info("a flow to a phone has failed: another is tried", "channel", l.ch.Name(), "was", l.flow, "is", w.Flow)
	l.move(w.Flow)
	l.out.uri, l.out.half.Target = w.URI, w.URI
	l.contact = l.d.where.Contact(&l.set.General, l.flow, l.out.uri, l.callerUser(l.out.q.Identity.Caller))
	l.out.half.Routes = w.Routes
	l.inviteAgain()
	return true
}
