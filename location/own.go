package location

import (
	"strings"
	"sync"
)

// words are what many bindings have in common: the name of a user agent is longer than all that tells two phones of one make
// apart.
type words struct {
	mu    sync.RWMutex
	known map[string]string
}

// maxWords bounds them: somebody may send a User-Agent that is another each time.
const maxWords = 1000

// share returns a word that refers to none of the caller's memory; false where there are too many already.
func (w *words) share(s string) (string, bool) {
	w.mu.RLock()
	known, ok := w.known[s]
	w.mu.RUnlock()
	if ok {
		return known, true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.known) >= maxWords {
		return s, false
	}
	if w.known == nil {
		w.known = make(map[string]string)
	}
	known = strings.Clone(s)
	w.known[known] = known
	return known, true
}

// node is the name of a node, of which there are few.
func (w *words) node(s string) string {
	shared, ok := w.share(s)
	if !ok {
		return strings.Clone(s)
	}
	return shared
}

// own copies a binding so that it refers to none of the caller's memory: a string cut from a packet would keep the whole packet alive.
// What it does not share with other bindings is one piece of memory.
func (w *words) own(b *Binding, aor, node string) Binding {
	o := *b
	o.AOR, o.Node, o.ContactID = aor, node, ""
	if id := contactID(b); id != b.Contact {
		o.ContactID = id
	}
	parts := [...]*string{&o.Contact, &o.Path, &o.Flow, &o.CallID, &o.ContactID, &o.Transport, &o.UserAgent}
	copied := parts[:5]
	for _, p := range parts[5:] {
		shared, ok := w.share(*p)
		if *p = shared; !ok {
			copied = append(copied, p)
		}
	}
	var all strings.Builder
	for _, p := range copied {
		all.WriteString(*p)
	}
	rest := all.String()
	for _, p := range copied {
		n := len(*p)
		*p, rest = rest[:n], rest[n:]
	}
	if o.Instance != "" {
		o.Instance = o.ContactID[len(instanceID):][:len(o.Instance)]
	}
	if o.ContactID == "" {
		o.ContactID = o.Contact
	}
	return o
}
