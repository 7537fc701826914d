package call

import "errors"

// Have has a party of the bridge do something there, by its own goroutine and as soon as it does nothing else.
func (b *Bridge) Have(ch *Channel, do Act) error { return ch.tell(b, directive{act: do}) }

// Dismiss has a party leave as if the other had left; the bridge goes on.
func (b *Bridge) Dismiss(ch *Channel) error {
	if err := b.Vacate(ch); err != nil {
		return err
	}
	return ch.tell(b, directive{out: true})
}

// Vacate keeps the bridge going when the channel leaves: somebody else will come in its place, by [Bridge.Order].
func (b *Bridge) Vacate(ch *Channel) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.find(ch)
	if m == nil || b.over {
		return ErrNotBridged
	}
	b.vacate(m)
	return nil
}

// Replace lets in take the place of out: in comes from the bridge that it is in, which ends unless it was vacated, or by a new order, and hangs up
// when it is done here. out leaves when its order ends or it is dismissed, and the bridge goes on.
func (b *Bridge) Replace(out, in *Channel) error {
	if err := b.Vacate(out); err != nil {
		return err
	}
	err := in.tell(in.Bridge(), directive{to: b})
	if errors.Is(err, ErrNotBridged) {
		err = in.Do(b.Order())
	}
	if err != nil {
		b.Close() // nobody comes
	}
	return err
}

// vacate frees a party's place; b.mu is held.
func (b *Bridge) vacate(m *member) {
	if m.replaced {
		return
	}
	m.replaced = true
	b.quiet(m.ch)
}

// quiet has a party hear nobody, and nobody hear it; b.mu is held.
func (b *Bridge) quiet(ch *Channel) {
	if media := ch.Media(); media != nil {
		media.Part()
	}
	if b.many {
		b.flow()
	}
}

// Away takes the channel out of the talk for a while: it does something else, and the other party stays. Neither hears the other then. Only the
// channel's goroutine calls it, and Back.
func (b *Bridge) Away(ch *Channel) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.find(ch)
	if m == nil || m.away || m.replaced {
		return
	}
	m.away = true
	b.quiet(ch)
	if ch.tally != nil {
		ch.tally.Left(b.id)
	}
}

// Back lets it talk again.
func (b *Bridge) Back(ch *Channel) {
	ch.mu.Lock()
	ch.bridge = b // it may have been in another one meanwhile
	ch.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.find(ch)
	if m == nil || !m.away || m.replaced {
		return
	}
	m.away = false
	o := b.other(ch)
	switch {
	case b.many:
		b.flow()
	case o != nil && !b.find(o).away && !b.over:
		b.wire(o, ch)
	}
	if ch.tally != nil {
		ch.tally.Joined(b.id, o)
	}
}
