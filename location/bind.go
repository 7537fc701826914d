package location

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"obelus/event"
	"obelus/store"
)

// reorder is how long a request can be overtaken by a later one: after 64*T1 the client has given it up (RFC 3261 §17.1.2.2).
const reorder = 32 * time.Second

// Everything is the contact name by which Unbind removes all contacts: "Contact: *".
const Everything = "*"

// Bind carries out one REGISTER of a peer: every binding is added or refreshed, or removed if its Expires is not after now. All
// or none of them take effect (RFC 3261 §10.3). Beyond limit phones (at least 1) the one registered longest ago makes room: with limit 1
// a newer registration replaces the older, as in the original. A phone is a contact, or all contacts of one instance.
//
// A binding is the same contact again when instance and reg-id are equal (RFC 5626 §6); without an instance, when ContactID is equal.
// Bind fills in AOR, Node, RegisteredAt and the ContactID of a binding that has an instance or none; a driver sets ContactID to say
// that URIs written differently are the same. Bind keeps neither contacts nor their strings.
//
// after is dst with the peer's contacts appended, in the order of Lookup: what the 200 lists. When pending is true the 200 must
// wait: done is called once, from another goroutine, with nil when the change is durable, or ErrLate when the phone is to be answered from memory.
// When it is false, answer at once: done is not called. done must not block.
func (r *Registrar) Bind(dst []Binding, aor string, contacts []Binding, limit int, now time.Time, done func(error)) (after []Binding, pending bool, err error) {
	for i := range contacts {
		if contacts[i].Contact == "" {
			return dst, false, ErrNoContact
		}
	}
	s := r.shard(aor)
	s.mu.Lock()
	ch := change{r: r, s: s, aor: aor, now: now}
	p := ch.begin()
	for i := range contacts {
		if p.stale(&contacts[i], now) {
			ch.finish(p, nil)
			return dst, false, ErrStale
		}
	}
	for i := range contacts {
		ch.apply(p, &contacts[i], max(limit, 1))
	}
	after = p.append(dst, now)
	return after, ch.finish(p, done), nil
}

// Unbind removes the contact of that ContactID, or all of them (Everything). callID and cseq are those of the REGISTER, and order it like
// Bind's; an empty callID, of somebody at the console, is always in order. pending and done are as in Bind.
func (r *Registrar) Unbind(aor, contactID, callID string, cseq uint32, now time.Time, done func(error)) (pending bool, err error) {
	s := r.shard(aor)
	s.mu.Lock()
	ch := change{r: r, s: s, aor: aor, now: now}
	p := ch.begin()
	reason := "unregistered"
	if callID == "" {
		reason = "removed"
	}
	for _, c := range p.contacts {
		if callID != "" && c.CallID == callID && outOfOrder(cseq, c, now) {
			ch.finish(p, nil)
			return false, ErrStale
		}
	}
	for i := len(p.contacts) - 1; i >= 0; i-- {
		if contactID == Everything || p.contacts[i].ContactID == contactID {
			ch.remove(p, i, reason)
		}
	}
	return ch.finish(p, done), nil
}

// Lost removes the contacts that a connection registered, named by its Flow: it has ended. It returns how many those were.
func (r *Registrar) Lost(aor, flow string, now time.Time) (n int) {
	s := r.shard(aor)
	s.mu.Lock()
	ch := change{r: r, s: s, aor: aor, now: now}
	p := ch.begin()
	for i := len(p.contacts) - 1; i >= 0; i-- {
		if flow != "" && p.contacts[i].Flow == flow {
			ch.remove(p, i, "disconnected")
			n++
		}
	}
	ch.finish(p, nil)
	return n
}

// stale says whether the registration was sent before one that has been carried out. Two flows of one phone (RFC 5626) are two sequences.
func (p *peer) stale(b *Binding, now time.Time) bool {
	for _, c := range p.contacts {
		if b.CallID == c.CallID && b.RegID == c.RegID && outOfOrder(b.CSeq, c, now) {
			return true
		}
	}
	return false
}

// outOfOrder compares CSeq numbers of one Call-ID (RFC 3261 §10.3 step 7). Only what comes soon after can have been overtaken: later a
// lower number is a phone that was switched off and counts from the beginning again, with a Call-ID made from its serial number. An equal number
// is the same request again, and carried out again.
func outOfOrder(cseq uint32, c *contact, now time.Time) bool {
	return cseq < c.CSeq && now.Sub(c.RegisteredAt) < reorder
}

// same says whether b registers contact c again. A phone that names its instance only now, after an upgrade, is known by its URI.
func (c *contact) same(b *Binding) bool {
	switch {
	case b.Instance != "" && c.Instance != "":
		return b.Instance == c.Instance && b.RegID == c.RegID
	case b.Instance != "" || c.Instance != "":
		return b.Contact == c.Contact
	case b.ContactID == "":
		return b.Contact == c.ContactID
	}
	return b.ContactID == c.ContactID
}

// instanceID is what the ContactID of a phone that names its instance begins with.
const instanceID = "instance "

// contactID is the name of a contact among those of its peer, in the store too.
func contactID(b *Binding) string {
	switch {
	case b.Instance != "":
		return instanceID + b.Instance + " " + strconv.Itoa(b.RegID)
	case b.ContactID != "":
		return b.ContactID
	}
	return b.Contact
}

// change is one request being carried out under the shard's lock: what it did, for the store and the hooks.
type change struct {
	r   *Registrar
	s   *shard
	aor string
	now time.Time
	had bool              // the peer had a contact before
	new []string          // instances of the phones that have appeared
	ops []store.BindingOp // empty without a store
}

// begin finds the peer, without contacts that have expired by now, or makes one.
func (ch *change) begin() *peer {
	p := ch.s.peers[ch.aor]
	if p == nil {
		return &peer{aor: strings.Clone(ch.aor)}
	}
	ch.had = true
	for i := len(p.contacts) - 1; i >= 0; i-- {
		if !p.contacts[i].Expires.After(ch.now) {
			ch.remove(p, i, "expired")
		}
	}
	return p
}

// finish hands the change to the store, unlocks, and calls the hooks. The store's queue is filled under the lock, so that it has the changes
// of a contact in the order they were made.
func (ch *change) finish(p *peer, done func(error)) (pending bool) {
	r, has := ch.r, len(p.contacts) > 0
	switch {
	case has && !ch.had:
		ch.s.peers[p.aor] = p
	case !has && ch.had:
		delete(ch.s.peers, ch.aor)
	}
	told := ch.hooks(has && !ch.had, p.aor)
	if len(ch.ops) > 0 && !r.collect(ch.s, ch.ops) {
		pending = r.save(ch.ops, after(done, told))
	}
	ch.s.mu.Unlock()
	if told != nil && !pending {
		told()
	}
	if !has && ch.had && r.cfg.Gone != nil {
		r.cfg.Gone(ch.aor)
	}
	return pending && done != nil
}

// hooks is what is to be called when the change is safe, nil for nothing.
func (ch *change) hooks(back bool, aor string) func() {
	cfg, appeared := &ch.r.cfg, ch.new
	back = back && cfg.Back != nil
	if cfg.Appeared == nil {
		appeared = nil
	}
	if !back && len(appeared) == 0 {
		return nil
	}
	return func() {
		if back {
			cfg.Back(aor)
		}
		for _, instance := range appeared {
			cfg.Appeared(aor, instance)
		}
	}
}

// after is done, and then the hooks.
func after(done func(error), hooks func()) func(error) {
	if hooks == nil {
		return done
	}
	return func(err error) {
		if done != nil {
			done(err)
		}
		hooks()
	}
}

// save queues operations for the store; false means that it took none of them, and the phone is answered from memory.
func (r *Registrar) save(ops []store.BindingOp, done func(error)) bool {
	if err := r.writer.Put(done, ops...); err != nil {
		if r.unsaved.Add(1) == 1 {
			r.cfg.Log.Error("location: the store takes no more registrations, going on from memory", "err", err)
		}
		if r.cfg.Strict && done != nil {
			go done(err) // not here: the shard is locked
			return true
		}
		return false
	}
	return true
}

// apply carries out one binding of a request.
func (ch *change) apply(p *peer, b *Binding, limit int) {
	at := ch.find(p, b)
	if !b.Expires.After(ch.now) {
		if at >= 0 {
			ch.remove(p, at, "unregistered")
		}
		return
	}
	if at >= 0 {
		ch.refresh(p, at, b)
	} else {
		ch.add(p, b)
	}
	ch.tell(p.contacts[0], at >= 0)
	if at < 0 || len(p.contacts) > limit {
		ch.makeRoom(p, limit)
	}
}

// maxFlows is how many flows a phone may register (RFC 5626 §4.2.1 asks for two).
const maxFlows = 4

// makeRoom removes the phones registered longest ago until limit are left, and the oldest flows of the one that has just registered
// if those are too many. All the flows of an instance are one phone.
func (ch *change) makeRoom(p *peer, limit int) {
	for i, kept, flows := 0, 0, 0; i < len(p.contacts); {
		c := p.contacts[i]
		first := !slices.ContainsFunc(p.contacts[:i], c.samePhone)
		if first {
			kept++
		}
		if c.samePhone(p.contacts[0]) {
			flows++
		}
		if first && kept > limit || i > 0 && flows > maxFlows && c.samePhone(p.contacts[0]) {
			ch.remove(p, i, "replaced")
			kept = min(kept, limit)
			continue
		}
		i++
	}
}

// samePhone says whether two contacts are flows of one phone.
func (c *contact) samePhone(o *contact) bool {
	return c == o || c.Instance != "" && c.Instance == o.Instance
}

// find returns which contact b is again, -1 if none. When a phone by its URI is one contact and by its instance another, the
// older of the two goes.
func (ch *change) find(p *peer, b *Binding) int {
	at := -1
	for i := len(p.contacts) - 1; i >= 0; i-- {
		if !p.contacts[i].same(b) {
			continue
		}
		if at >= 0 {
			ch.remove(p, at, "replaced")
		}
		at = i
	}
	return at
}

// add makes a new contact, the latest.
func (ch *change) add(p *peer, b *Binding) {
	c := &contact{Binding: ch.r.words.own(b, p.aor, ch.r.cfg.Node)}
	c.RegisteredAt, c.due = ch.now, c.Expires
	p.contacts = append(p.contacts, nil)
	copy(p.contacts[1:], p.contacts)
	p.contacts[0] = c
	ch.s.due.push(c)
	ch.r.wakeBy(c.due)
	ch.new = append(ch.new, c.Instance)
	ch.write(store.Upsert, c)
}

// refresh renews contact i, and makes it the latest. The usual refresh changes the expiry alone and allocates nothing.
func (ch *change) refresh(p *peer, i int, b *Binding) {
	c := p.contacts[i]
	copy(p.contacts[1:i+1], p.contacts[:i])
	p.contacts[0] = c
	kind := store.Refresh
	if !c.unchanged(b) {
		kind = store.Upsert
		if contactID(b) != c.ContactID {
			ch.write(store.Delete, c) // its name in the store changes
		}
		// A phone keeps its Call-ID until it is switched off (RFC 3261 section 10.2).
		moved := c.Received != b.Received || c.Flow != b.Flow || c.Transport != b.Transport || c.CallID != b.CallID
		c.Binding = ch.r.words.own(b, p.aor, ch.r.cfg.Node)
		if moved {
			ch.new = append(ch.new, c.Instance)
		}
	}
	c.CSeq, c.RegisteredAt, c.Expires = b.CSeq, ch.now, b.Expires
	if c.Expires.Before(c.due) {
		c.due = c.Expires
		ch.s.due.fix(c.pos)
		ch.r.wakeBy(c.due)
	}
	ch.write(kind, c)
}

// remove takes contact i away.
func (ch *change) remove(p *peer, i int, reason string) {
	c := p.contacts[i]
	p.contacts = append(p.contacts[:i], p.contacts[i+1:]...)
	ch.s.due.remove(c.pos)
	ch.write(store.Delete, c)
	event.Publish(ch.r.cfg.Bus, event.PeerUnregistered{Peer: c.AOR, Contact: c.Contact, Addr: c.Received, Reason: reason, Left: len(p.contacts)})
}

func (ch *change) write(kind store.OpKind, c *contact) {
	if ch.r.writer != nil {
		ch.ops = append(ch.ops, store.BindingOp{Kind: kind, Binding: c.Binding})
	}
}

// tell tells observers of a registration.
func (ch *change) tell(c *contact, refresh bool) {
	event.Publish(ch.r.cfg.Bus, event.PeerRegistered{Peer: c.AOR, Contact: c.Contact, Addr: c.Received, Transport: c.Transport,
		UserAgent: c.UserAgent, Expires: c.Expires.Sub(ch.now), Refresh: refresh})
}

// unchanged says whether b differs from c in nothing but its sequence number and its times.
func (c *contact) unchanged(b *Binding) bool {
	return c.Contact == b.Contact && (b.Instance != "" || c.ContactID == contactID(b)) && c.CallID == b.CallID && c.Received == b.Received && c.Local == b.Local &&
		c.Transport == b.Transport && c.Flow == b.Flow && c.Path == b.Path && c.UserAgent == b.UserAgent &&
		c.Instance == b.Instance && c.RegID == b.RegID && c.Q == b.Q
}
