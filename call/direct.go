package call

// Director is a [Media] that can step aside: the two phones then send to each
// other, and nothing passes here. Its methods are as safe as those of Media.
type Director interface {
	// Direct lets the phone and that of other send to each other as soon, and as
	// long, as both can and nothing speaks against it. What Join lets flow goes
	// on until then, and flows again whenever it must. Part and a Join with
	// somebody else end it.
	Direct(other Media)
	// Anchor has the sound pass here, and come back where it has left, until Part
	// or a Join with somebody else; why is for the administrator.
	Anchor(why string)
}

// Anchor has the sound of the bridge pass through the server, because something
// here has to hear or to say something: why. It is for good.
func (b *Bridge) Anchor(why string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.anchored != "" || why == "" {
		return
	}
	b.anchored = why
	for _, m := range b.members {
		if d, ok := m.ch.Media().(Director); ok {
			d.Anchor(why)
		}
	}
}

// Introduce lets two channels know each other that are about to be in the bridge:
// what a phone is told at its answer may then be about the other phone already.
func (b *Bridge) Introduce(x, y *Channel) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lead(x, y)
}

// wire lets sound flow between two channels, or straight between their phones;
// b.mu is held.
func (b *Bridge) wire(x, y *Channel) {
	mx, my := x.Media(), y.Media()
	if mx == nil || my == nil {
		return
	}
	if err := mx.Join(my); err != nil {
		x.log.Warn("no sound between the two channels of a bridge", "other", y.name, "why", err)
	}
	b.lead(x, y)
}

// lead lets the phones of two channels send to each other, or sees to it that
// they don't; b.mu is held.
func (b *Bridge) lead(x, y *Channel) {
	d, ok := x.Media().(Director)
	switch my := y.Media(); {
	case !ok || my == nil:
	case b.anchored != "":
		d.Anchor(b.anchored)
		if e, ok := my.(Director); ok {
			e.Anchor(b.anchored)
		}
		x.log.Debug("no direct media between " + x.name + " and " + y.name + ": " + b.anchored)
	default:
		d.Direct(my)
	}
}
