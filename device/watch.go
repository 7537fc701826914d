package device

import "strings"

// Watch is somebody who watches an extension.
type Watch struct {
	b              *Board
	context, exten string // as asked for
	tell           func(Status)
	hint           *hint // nil once it is over; guarded by table.mu
}

// WatchExtension has tell told of every change of an extension, until Stop is
// called, and returns what is known of it now; false where it has no hint. tell is
// called by the worker, one at a time: it must not block, and not for long keep it.
// After a reload that takes the hint away it is told [ExtensionRemoved], and no
// more.
func (b *Board) WatchExtension(context, exten string, tell func(Status)) (*Watch, Status, bool) {
	t := &b.table
	t.loading.RLock()
	defer t.loading.RUnlock()
	t.mu.Lock()
	plan := t.plan
	t.mu.Unlock()
	h := b.find(plan, context, exten)
	if h == nil {
		return nil, Status{}, false
	}
	before := b.status(h)
	w := &Watch{b: b, context: strings.Clone(context), exten: strings.Clone(exten), tell: tell}
	t.mu.Lock()
	if listed := t.hints[h.key()]; listed != nil {
		h = listed
	} else {
		t.add(h)
	}
	if !h.known {
		h.last, h.known = before, true // so that the worker tells nothing that is no news
	}
	h.watch(w)
	w.hint = h
	t.mu.Unlock()
	now := b.status(h) // after it is listed: what changes from here on is told
	t.mu.Lock()
	stale := !h.last.same(&now)
	t.mu.Unlock()
	if stale {
		b.again(h.key())
	}
	return w, now, true
}

// Stop ends it. tell may be running, and return after Stop.
func (w *Watch) Stop() {
	t := &w.b.table
	t.mu.Lock()
	defer t.mu.Unlock()
	h := w.hint
	if h == nil {
		return
	}
	w.hint = nil
	delete(h.watches, w)
	if h.made && len(h.watches) == 0 && t.hints[h.key()] == h {
		t.drop(h)
	}
}

// Status is what is known of the extension now; false where its hint has gone.
func (w *Watch) Status() (Status, bool) {
	w.b.table.mu.Lock()
	h := w.hint
	w.b.table.mu.Unlock()
	if h == nil {
		return Status{}, false
	}
	return w.b.status(h), true
}

// WatchExtensions has f told of every change of every extension that has a hint of
// its own, until stop is called; it is called as tell of WatchExtension is.
func (b *Board) WatchExtensions(f func(Status)) (stop func()) {
	t := &b.table
	t.mu.Lock()
	defer t.mu.Unlock()
	t.feeds[&f] = true
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.feeds, &f)
	}
}

// Extension is the state of an extension now; false where it has no hint.
func (b *Board) Extension(context, exten string) (Status, bool) {
	h := b.lookUp(context, exten)
	if h == nil {
		return Status{}, false
	}
	return b.status(h), true
}

// Hint is what the hint of an extension says, and the name in it.
func (b *Board) Hint(context, exten string) (text, name string, ok bool) {
	h := b.lookUp(context, exten)
	if h == nil {
		return "", "", false
	}
	return h.text, h.name, true
}

// lookUp is the hint of an extension; nil for none.
func (b *Board) lookUp(context, exten string) *hint {
	b.table.mu.Lock()
	plan := b.table.plan
	h := b.table.hints[exten+"@"+context]
	b.table.mu.Unlock()
	if h != nil && !h.made {
		return h
	}
	return b.find(plan, context, exten)
}
