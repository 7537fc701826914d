package watch

import (
	"fmt"
	"strings"
	"time"

	"obelus/chansip/door"
	"obelus/chansip/outside"
	"obelus/device"
	"obelus/sip"
	"obelus/sip/dialog"
)

// Subscribe serves a SUBSCRIBE, in the order of the original: what the house allows,
// whose it is, what it wants to watch, for how long.
func (d *Desk) Subscribe(r *door.Request) {
	if r.M.ToTag() != "" {
		d.again(r)
		return
	}
	if !r.Set.General.AllowSubscribe {
		r.Answer(403, "Forbidden (policy)", nil)
		return
	}
	want := r.M.Valued(sip.HeaderEvent)
	if want.Value == "" {
		r.Answer(489, "Bad Event", nil)
		return
	}
	verdict := r.Identify()
	if verdict != door.Known && verdict != door.Guest {
		return
	}
	if verdict == door.Known && !r.Peer.AllowSubscribe {
		r.Answer(403, "Forbidden (policy)", nil)
		return
	}
	switch strings.ToLower(want.Value) {
	case "presence", "dialog":
		d.watchExtension(r, want, verdict)
	case "message-summary":
		d.watchMailbox(r, want, verdict)
	default:
		r.Answer(489, "Bad Event", nil)
	}
}

// watchExtension serves a SUBSCRIBE to the state of an extension: it must have a hint,
// in subscribecontext if there is one.
func (d *Desk) watchExtension(r *door.Request, want sip.Valued, verdict door.Verdict) {
	p := r.Peer
	if p == nil {
		p = &r.Set.General.Default
	}
	context, exten := p.SubscribeContext, r.RequestUser()
	if context == "" {
		context = p.Context
	}
	if exten == "" {
		exten = "s"
	}
	if !d.hasHint(context, exten) {
		d.c.Log.Info(fmt.Sprintf("Got SUBSCRIBE for extension %s@%s from %s, but there is no hint for that extension.", exten, context, r.Flow.Remote))
		r.Answer(404, "", nil)
		return
	}
	if verdict == door.Guest {
		// The original lets guests watch; nothing is kept here for who has proved nothing (security class 14).
		r.Answer(403, "Forbidden (policy)", nil)
		return
	}
	f, why := formatOf(r.M, want.Value)
	if f == nil {
		r.Answer(489, why, nil)
		return
	}
	s := d.begin(r, want, f)
	if s == nil {
		return
	}
	s.exten, s.context = exten, context
	s.mu.Lock()
	defer s.mu.Unlock()
	var ok bool
	var now device.Status
	if s.watch, now, ok = d.c.Board.WatchExtension(context, exten, s.changed); !ok {
		s.forget()
		r.Answer(404, "", nil) // a reload has come between
		return
	}
	s.latest = now
	s.accept(r)
}

func (d *Desk) hasHint(context, exten string) bool {
	if d.c.Board == nil {
		return false
	}
	_, _, ok := d.c.Board.Hint(context, exten)
	return ok
}

// watchMailbox serves a SUBSCRIBE to the messages of an account's mailboxes. As in
// the original an account has one such subscription: a new one ends the old.
func (d *Desk) watchMailbox(r *door.Request, want sip.Valued, verdict door.Verdict) {
	switch {
	case verdict == door.Guest:
		r.Answer(404, "Not found", nil)
		return
	case len(r.Peer.Mailboxes) == 0:
		d.c.Log.Info("Received SIP subscribe for peer without mailbox: " + r.Peer.Name)
		r.Answer(404, "Not found (no mailbox)", nil)
		return
	case r.M.Has(sip.HeaderAccept) && !accepts(r.M, mwiType):
		r.Answer(406, "Not Acceptable", nil)
		return
	}
	s := d.begin(r, want, messageSummary)
	if s == nil {
		return
	}
	for _, o := range d.of(s.peer.Name) {
		if o != s && o.format == messageSummary && o.target() == s.dlg.Target {
			o.drop()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accept(r)
}

// begin makes a subscription of a SUBSCRIBE, and lists it; nil where the request has
// been answered.
func (d *Desk) begin(r *door.Request, want sip.Valued, f *format) *subscription {
	life, ok := d.life(r)
	if !ok {
		return nil
	}
	dlg, err := dialog.Accept(r.M.Clone(), outside.NewTag())
	if err != nil || dlg.Target == "" || dlg.ID.Remote == "" {
		r.Answer(400, "", nil) // RFC 6665 section 4.1.2: a Contact, RFC 3261 section 8.1.1.3: a tag
		return nil
	}
	s := &subscription{d: d, peer: r.Peer, format: f, dlg: dlg, flow: r.ReplyFlow(), life: life, agent: strings.Clone(r.M.Value(sip.HeaderUserAgent))}
	s.event = strings.Clone(want.Value)
	if id, ok := want.Params.Get("id"); ok {
		s.event += ";id=" + strings.Clone(id)
	}
	s.contact = d.c.Outside.Contact(&r.Set.General, s.flow, r.M.RawURI(), r.RequestUser())
	s.locate(r)
	if !d.add(s) {
		d.c.Log.Warn("a subscription is refused: there are too many", "peer", r.Peer.Name, "from", r.Flow.Remote)
		r.Answer(480, "", func(b *sip.Builder) { b.Header("Retry-After", "60") })
		return nil
	}
	r.Tag = dlg.ID.Local
	return s
}

// defaultLife is how long a subscription is kept that does not say (RFC 3856 section
// 6.4, RFC 4235 section 3.4, RFC 3842 section 3.4).
const defaultLife = time.Hour

// life is how long a subscription is kept; false where the request has been answered:
// it asks for too short a time.
func (d *Desk) life(r *door.Request) (time.Duration, bool) {
	l := &r.Set.General.Lamps
	seconds, ok := r.M.Expires()
	asked := time.Duration(seconds) * time.Second
	switch {
	case !ok:
		return min(defaultLife, l.MaxExpiry), true
	case asked > 0 && asked < l.MinExpiry:
		d.c.Log.Warn("a subscription is refused: its Expires is less than subminexpiry", "asked", asked, "least", l.MinExpiry, "from", r.Flow.Remote)
		r.Answer(423, "Interval too small", func(b *sip.Builder) { b.Number(sip.HeaderMinExpires, uint64(l.MinExpiry.Seconds())) })
		return 0, false
	}
	return min(asked, l.MaxExpiry), true
}

// again serves a SUBSCRIBE within a subscription: it is renewed, or ended.
func (d *Desk) again(r *door.Request) {
	s := d.find(r.M)
	if s == nil {
		r.Answer(481, "Subscription does not exist", nil)
		return
	}
	r.Peer, r.Tag = s.peer, s.dlg.ID.Local
	if p := r.Set.Peer(s.peer.Name); p == nil || !p.AllowSubscribe || !r.Set.General.AllowSubscribe {
		r.Answer(403, "Forbidden (policy)", nil) // a reload has taken the account, or what it may, away
		s.drop()
		return
	}
	cseq, err := r.M.CSeq()
	life, ok := d.life(r)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
		r.Answer(481, "Subscription does not exist", nil)
		return
	case err != nil || !s.dlg.InOrder(cseq.Seq):
		r.Answer(500, "", nil)
		return
	}
	s.dlg.Refresh(r.M)
	s.moved(r.ReplyFlow())
	s.locate(r)
	s.life = life
	if s.watch != nil {
		if now, ok := s.watch.Status(); ok {
			s.latest = now
		}
	}
	s.accept(r)
}
