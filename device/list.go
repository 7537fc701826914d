package device

import (
	"cmp"
	"slices"
)

// Listed is a hint as the console lists it.
type Listed struct {
	Status
	Text     string // what it names
	Watchers int
}

// Hints lists the hints of the dialplan, patterns too, and of patterns those that
// somebody watches.
func (b *Board) Hints() []Listed {
	type found struct {
		h        *hint
		watchers int
	}
	t := &b.table
	t.mu.Lock()
	all := make([]found, 0, len(t.hints))
	for _, h := range t.hints {
		all = append(all, found{h, len(h.watches)})
	}
	plan := t.plan
	t.mu.Unlock()
	var out []Listed
	for _, f := range all {
		out = append(out, Listed{b.status(f.h), f.h.text, f.watchers})
	}
	for _, c := range plan.Contexts {
		for _, e := range c.Extensions {
			if e.Hint != nil && isPattern(e.Name) {
				out = append(out, Listed{Status: Status{Exten: e.Name, Context: c.Name, State: ExtensionUnavailable}, Text: e.Hint.App})
			}
		}
	}
	slices.SortFunc(out, func(a, b Listed) int {
		return cmp.Or(cmp.Compare(a.Context, b.Context), cmp.Compare(a.Exten, b.Exten))
	})
	return out
}
