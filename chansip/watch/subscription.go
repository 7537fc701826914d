package watch

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"obelus/chansip/door"
	"obelus/chansip/sipconf"
	"obelus/device"
	"obelus/location"
	"obelus/sip"
	"obelus/sip/dialog"
	"obelus/sip/transaction"
	"obelus/sip/transport"
)

// subscription is one lamp of a phone.
//
//	SUBSCRIBE ──► idle ──change──► sending ──200──► idle
//	               │                 │ └──change──► owing ──200──► sending
//	               └── timeout, Expires: 0, 481, silence ──► over
//
// It has one mutex, which is held while a NOTIFY is written and sent; neither blocks.
type subscription struct {
	d              *Desk
	peer           *sipconf.Peer
	format         *format
	event          string // with its id
	agent          string
	exten, context string // "" where mailboxes are watched
	contact        string // ours, with its brackets
	source         netip.Addr

	mu      sync.Mutex
	dlg     *dialog.Dialog
	flow    transport.Flow
	life    time.Duration
	ends    time.Time
	timer   transaction.Timer
	watch   *device.Watch
	latest  device.Status
	version uint32
	sending *transaction.Client // the NOTIFY under way
	owing   bool                // something has changed since
	tried   bool                // a challenge was answered
	heard   bool                // a NOTIFY was answered: somebody is there
	over    bool
}

// grace is how much longer than its life a subscription is kept, as in the original.
const grace = 10 * time.Second

// accept answers a SUBSCRIBE, and sends the state at once (RFC 6665 section 4.2.1.2);
// s.mu is held.
func (s *subscription) accept(r *door.Request) {
	r.Answer(200, "", func(b *sip.Builder) {
		b.Number(sip.HeaderExpires, uint64(s.life.Seconds()))
		b.Add(sip.HeaderContact, s.contact)
	})
	if s.life == 0 {
		s.end("timeout")
		return
	}
	s.ends = time.Now().Add(s.life)
	s.d.c.Transactions.Wheel().Set(&s.timer, s, s.life+grace)
	s.send()
}

// changed is told of every change of the extension.
func (s *subscription) changed(now device.Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	s.latest = now
	if now.State < 0 {
		s.end("noresource")
		return
	}
	s.send()
}

// send sends the state, now or when the NOTIFY under way has been answered; s.mu is
// held.
func (s *subscription) send(headers ...[2]string) {
	if s.sending != nil {
		s.owing = true
		return
	}
	s.owing = false
	left := max(time.Until(s.ends).Round(time.Second), 0)
	s.sending = s.notify(fmt.Sprintf("active;expires=%d", int(left.Seconds())), s, headers...)
}

// end sends the last state, with the reason of the end, and forgets the subscription;
// s.mu is held.
func (s *subscription) end(reason string) {
	if s.over {
		return
	}
	s.forget()
	s.notify("terminated;reason="+reason, deaf{})
}

// notify sends a NOTIFY; s.mu is held.
func (s *subscription) notify(state string, sink transaction.Sink, headers ...[2]string) *transaction.Client {
	set := s.d.c.Settings()
	s.arrive()
	branch := transaction.NewBranch()
	b := sip.NewBuilder(make([]byte, 0, 2048)) // the transaction keeps it
	uri, routes := s.dlg.RequestURI()
	b.Request(sip.NOTIFY, uri)
	s.d.c.Outside.AddVia(&b, s.flow, branch)
	for _, route := range routes {
		b.Add(sip.HeaderRoute, route)
	}
	b.Number(sip.HeaderMaxForwards, 70)
	from, to := s.dlg.Names()
	b.Add(sip.HeaderFrom, from)
	b.Add(sip.HeaderTo, to)
	b.Add(sip.HeaderContact, s.contact)
	b.Add(sip.HeaderCallID, s.dlg.CallID)
	b.CSeq(s.dlg.Next(), sip.NOTIFY)
	b.Add(sip.HeaderUserAgent, set.General.UserAgent)
	b.Add(sip.HeaderSubscriptionState, state)
	b.Add(sip.HeaderEvent, s.event)
	for _, h := range headers {
		b.Header(h[0], h[1])
	}
	body := s.format.write(s, set)
	s.version++
	return s.d.c.Transactions.Send(b.End(s.format.typeOf(set), body), branch, sip.NOTIFY, s.flow, s.timing(), sink)
}

// timing is how often a NOTIFY is sent again. An address that nothing has proved, of an
// account without a secret, gets three at most until somebody answers there: it may
// be a victim's (security class 27).
func (s *subscription) timing() transaction.Timing {
	p := s.peer
	t := transaction.Timing{T1: p.T1, B: p.TimerB}
	if !s.heard && (p.Secret == "" && p.MD5Secret == "" || p.Insecure.Invite) {
		t.B = 4 * p.T1
	}
	return t
}

// Response takes the answer to a NOTIFY in.
func (s *subscription) Response(c *transaction.Client, m *sip.Message) {
	status := m.StatusCode()
	s.mu.Lock()
	defer s.mu.Unlock()
	if status < 200 || c != s.sending {
		return
	}
	s.sending = nil
	s.heard = true
	switch {
	case s.over:
	case status == 401 || status == 407:
		s.prove(m)
	case lost(status):
		s.d.c.Log.Info("a subscription ends: the phone does not know it any more", "peer", s.peer.Name, "of", s.what(), "status", status)
		s.forget()
	case s.owing:
		s.send()
	}
	if status < 300 {
		s.tried = false
	}
}

// prove answers a challenge, once, and only to a server that we have an account with
// (security class 13); s.mu is held.
func (s *subscription) prove(m *sip.Message) {
	uri, _ := s.dlg.RequestURI()
	id, value, err := s.d.c.Prove(s.peer, m, sip.NOTIFY, uri)
	if err != nil || s.tried {
		s.forget()
		return
	}
	s.tried = true
	s.send([2]string{id.String(), value})
}

// lost says which answers to a NOTIFY end the subscription (RFC 6665 section 4.2.2).
func lost(status int) bool {
	switch status {
	case 404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604:
		return true
	}
	return false
}

// Failed is told when a NOTIFY was not answered: the phone is gone.
func (s *subscription) Failed(c *transaction.Client, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c != s.sending {
		return
	}
	s.sending = nil
	if !s.over {
		s.d.c.Log.Info("a subscription ends: the phone does not answer", "peer", s.peer.Name, "of", s.what(), "why", err)
		s.forget()
	}
}

// what is what is watched, for the log.
func (s *subscription) what() string {
	if s.exten == "" {
		return s.event
	}
	return s.exten + "@" + s.context
}

// Ring is called by the wheel when the subscription was not renewed in time.
func (s *subscription) Ring(t *transaction.Timer, turn uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Due(turn) {
		s.end("timeout")
	}
}

// forget takes the subscription off the lists; s.mu is held.
func (s *subscription) forget() {
	if s.over {
		return
	}
	s.over = true
	s.d.c.Transactions.Wheel().Stop(&s.timer)
	if s.watch != nil {
		s.watch.Stop()
	}
	s.d.remove(s)
}

// drop ends the subscription without a word.
func (s *subscription) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
}

// deaf is the sink of a NOTIFY whose answer changes nothing.
type deaf struct{}

func (deaf) Response(*transaction.Client, *sip.Message) {}
func (deaf) Failed(*transaction.Client, error)          {}

// locate settles where NOTIFYs go: where the SUBSCRIBE came from for phones that
// register, on connections and as nat= says; else as in the original to the Contact,
// or its first route, where that is an address; s.mu is held, or nobody else has s.
func (s *subscription) locate(r *door.Request) {
	if s.peer.Dynamic || r.Forced() || s.flow.Transport.Reliable() || s.peer.OutboundProxy != "" {
		return
	}
	u, err := sip.ParseURI(s.dlg.NextHop())
	if err != nil || u.Transport() != "" && !strings.EqualFold(u.Transport(), "udp") {
		return
	}
	a, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	from := transport.Unmap(s.flow.Remote).Addr()
	switch a = a.Unmap(); {
	case err != nil, a.IsUnspecified(), a.IsMulticast(), a.Is4() != from.Is4(), a.IsPrivate() && !from.IsPrivate(), a.IsLoopback() && !from.IsLoopback():
		return
	}
	port := u.Port
	if port == 0 {
		port = transport.UDP.DefaultPort()
	}
	s.flow = s.flow.To(netip.AddrPortFrom(a, port))
}

// moved has NOTIFYs go another way; s.mu is held.
func (s *subscription) moved(to transport.Flow) { s.flow = to }

// follow has the subscription follow the phone of a registration, if it is that
// phone's: its Contact, or its connection that has ended, says so.
func (s *subscription) follow(b *location.Binding, to transport.Flow) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.over && (s.dlg.Target == b.Contact || s.flow.Transport.Reliable() && !s.flow.Alive()) {
		s.moved(to)
	}
}

// arrive looks for another way to a phone whose connection has ended: it may have
// registered by a new one; s.mu is held.
func (s *subscription) arrive() {
	if !s.flow.Transport.Reliable() || s.flow.Alive() {
		return
	}
	phones := s.d.c.Reach.Registered(s.peer)
	for i := range phones {
		if phones[i].Contact != s.dlg.Target {
			continue
		}
		if w, ok := s.d.c.Reach.WayTo(s.peer, &phones[i]); ok {
			s.moved(w.Flow)
		}
		return
	}
}
