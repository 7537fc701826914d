package registrar

import (
	"errors"
	"strconv"
	"sync"
	"time"

	"obelus/location"
	"obelus/sip"
	"obelus/sip/transport"
)

// store has the registrar take the bindings, and answers when they are safe: at
// once, or with a store that lasts as soon as it has them. stays says that one of
// them is a phone that can be reached now.
func (r registering) store(list []location.Binding, limit int, stays bool, at time.Time) {
	late, done := r.later()
	var have [maxContactsAtOnce]location.Binding
	found, pending, err := r.c.Location.Bind(have[:0], r.Peer.Name, list, limit, at, done)
	if err != nil {
		r.notTaken(err)
		return
	}
	for i := range list {
		b := &list[i]
		if !b.Expires.After(at) {
			continue
		}
		r.c.Reach.Joined(r.Flow, r.Peer.Name)
		if r.c.Reach.Note(b, r.Peer.Name) {
			now := *b // a copy, so that the others stay on the stack
			r.c.Moved(r.Peer, &now)
		}
		r.c.Here(r.Peer, b.Contact)
	}
	if !pending {
		late = nil
	}
	r.registered(found, at, stays, late)
}

// unbindAll serves Contact: *, which needs Expires: 0 (RFC 3261 section 10.2.2).
func (r registering) unbindAll(at time.Time) {
	cseq, err := r.M.CSeq()
	if n, ok := r.M.Expires(); err != nil || !ok || n != 0 {
		r.Answer(400, "", nil)
		return
	}
	late, done := r.later()
	pending, err := r.c.Location.Unbind(r.Peer.Name, location.Everything, r.M.CallID(), cseq.Seq, at, done)
	if err != nil {
		r.notTaken(err)
		return
	}
	if !pending {
		late = nil
	}
	r.registered(nil, at, false, late)
}

// notTaken answers what the registrar did not take.
func (r registering) notTaken(err error) {
	if errors.Is(err, location.ErrStale) {
		r.Answer(500, "", nil) // RFC 3261 section 10.3 step 7: it came too late
		return
	}
	r.c.Log.Warn("a registration was not taken", "peer", r.Peer.Name, "why", err)
	r.Answer(503, "", nil)
}

// later is who answers when the store has the change; nil without one that lasts.
func (r registering) later() (*lateReply, func(error)) {
	if !r.c.Durable {
		return nil, nil
	}
	l := &lateReply{flow: r.ReplyFlow()}
	if r.c.Strict {
		b := r.Begin(503, "")
		b.Number(sip.HeaderRetryAfter, strictRetry)
		l.refusal = r.Keep(&b, "", nil)
	}
	return l, l.committed
}

// strictRetry is when a phone may ask again that was refused because the store is
// late, in seconds. Its binding is in memory and on its way to the store already.
const strictRetry = 10

// lateReply is an answer that waits for the store. It is rendered by the reader,
// whose message is gone when the store is through.
type lateReply struct {
	flow    transport.Flow
	refusal []byte // what is sent when the store is late; nil: the 200 all the same
	mu      sync.Mutex
	told    bool
	late    error // what the store said
	b       []byte
}

// committed is called by the store. With an error the phone is answered all the
// same, its binding is in memory; unless it is to be refused.
func (l *lateReply) committed(err error) {
	l.mu.Lock()
	l.told, l.late = true, err
	b := l.b
	l.mu.Unlock()
	if b != nil {
		l.send(b, err)
	}
}

// rendered takes the answer, and sends it if the store was faster.
func (l *lateReply) rendered(b []byte) {
	l.mu.Lock()
	l.b = b
	told, err := l.told, l.late
	l.mu.Unlock()
	if told {
		l.send(b, err)
	}
}

func (l *lateReply) send(b []byte, late error) {
	if late != nil && l.refusal != nil {
		b = l.refusal
	}
	// With the answers to a batch that is being served: a system call for each would cost more than the rest of it.
	_ = l.flow.Reply(b) // the phone asks again where it is lost
}

// registered answers 200 with the contacts that there are now; by late where the
// store must be through first. stays is false where the phone took itself away.
func (r registering) registered(have []location.Binding, at time.Time, stays bool, late *lateReply) {
	b := r.Begin(200, "")
	left := time.Duration(0)
	if stays {
		left = longest(have, at)
	}
	b.Number(sip.HeaderExpires, sip.Seconds(left))
	var scratch [256]byte
	for i := range have {
		v := append(scratch[:0], '<')
		v = append(v, have[i].Contact...)
		v = append(v, ">;expires="...)
		v = strconv.AppendUint(v, sip.Seconds(have[i].Expires.Sub(at)), 10)
		b.Add(sip.HeaderContact, string(v))
	}
	if path := r.path(); path != "" { // RFC 3327 section 5.3
		b.Add(sip.HeaderPath, path)
		b.Add(sip.HeaderSupported, "path")
	}
	b.Header("Date", sip.Date(at))
	if late != nil {
		late.rendered(r.Keep(&b, "", nil))
	} else {
		r.Send(&b, "", nil)
	}
}
