package chansip

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
func (r *request) store(list []location.Binding, limit int, stays bool, at time.Time) {
	late, done := r.later()
	var have [maxContactsAtOnce]location.Binding
	found, pending, err := r.d.cfg.Location.Bind(have[:0], r.peer.Name, list, limit, at, done)
	if err != nil {
		r.notTaken(err)
		return
	}
	for i := range list {
		b := &list[i]
		if !b.Expires.After(at) {
			continue
		}
		r.d.reach.Joined(r.flow, r.peer.Name)
		if r.d.reach.Note(b, r.peer.Name) {
			r.d.rebound(r.peer, b)
		}
		r.d.phones.Here(r.peer, b.Contact)
	}
	if !pending {
		late = nil
	}
	r.registered(found, at, stays, late)
}

// unbindAll serves Contact: *, which needs Expires: 0 (RFC 3261 section 10.2.2).
func (r *request) unbindAll(at time.Time) {
	cseq, err := r.m.CSeq()
	if n, ok := r.m.Expires(); err != nil || !ok || n != 0 {
		r.answer(400, "", nil)
		return
	}
	late, done := r.later()
	pending, err := r.d.cfg.Location.Unbind(r.peer.Name, location.Everything, r.m.CallID(), cseq.Seq, at, done)
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
func (r *request) notTaken(err error) {
	if errors.Is(err, location.ErrStale) {
		r.answer(500, "", nil) // RFC 3261 section 10.3 step 7: it came too late
		return
	}
	r.d.log.Warn("a registration was not taken", "peer", r.peer.Name, "why", err)
	r.answer(503, "", nil)
}

// later is who answers when the store has the change; nil without one that lasts.
func (r *request) later() (*lateReply, func(error)) {
	if !r.d.cfg.Durable {
		return nil, nil
	}
	l := &lateReply{flow: r.replyFlow()}
	return l, l.committed
}

// lateReply is an answer that waits for the store. It is rendered by the reader,
// whose message is gone when the store is through.
type lateReply struct {
	flow transport.Flow
	mu   sync.Mutex
	safe bool
	b    []byte
}

// committed is called by the store. With an error the phone is answered all the
// same: its binding is in memory.
func (l *lateReply) committed(error) {
	l.mu.Lock()
	l.safe = true
	b := l.b
	l.mu.Unlock()
	if b != nil {
		_ = l.flow.Send(b) // the phone asks again where it is lost
	}
}

// rendered takes a copy of the answer, and sends it if the store was faster.
func (l *lateReply) rendered(b []byte) {
	l.mu.Lock()
	l.b = append([]byte(nil), b...)
	safe := l.safe
	l.mu.Unlock()
	if safe {
		_ = l.flow.Send(b)
	}
}

// registered answers 200 with the contacts that there are now; by late where the
// store must be through first. stays is false where the phone took itself away.
func (r *request) registered(have []location.Binding, at time.Time, stays bool, late *lateReply) {
	buf := r.d.buffers.Get().(*[]byte)
	b := sip.NewBuilder(*buf)
	r.begin(&b, 200, "")
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
	b.Header("Date", sip.Date(at))
	out := b.End("", nil)
	if late != nil {
		late.rendered(out)
	} else {
		r.send(200, out)
	}
	*buf = out[:0]
	r.d.buffers.Put(buf)
}
