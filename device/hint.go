package device

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"obelus/dialplan/syntax"
)

// Status is what is known of an extension at one moment.
type Status struct {
	Exten, Context string // of the hint
	State          Extension
	Presence       Presence
	Devices        []Device // those that the hint names
}

// Device is one device of a hint.
type Device struct {
	Name  string
	State State
}

// Offline says that none of its devices is there.
func (s *Status) Offline() bool {
	for _, d := range s.Devices {
		if d.State != Unavailable {
			return false
		}
	}
	return len(s.Devices) > 0
}

// same says whether two are the same to those who watch.
func (s *Status) same(o *Status) bool {
	return s.State == o.State && s.Presence == o.Presence && s.Offline() == o.Offline()
}

// hint is the hint of one extension, filled in.
type hint struct {
	exten, context string
	text, name     string
	devices        []string
	presence       string // CustomPresence:ann, "" for none

	// Guarded by table.mu.
	made    bool // of a pattern: it is there as long as somebody watches it
	last    Status
	known   bool // last has been looked at
	watches map[*Watch]bool
}

func (h *hint) key() string { return h.exten + "@" + h.context }

// table is the hints of the dialplan.
type table struct {
	loading sync.RWMutex // a load waits for those who begin to watch, and they for it: filling a hint in may ask for other hints

	mu       sync.Mutex
	plan     *syntax.Plan
	hints    map[string]*hint
	byDevice map[string][]*hint // by the keys of their devices, and of their presence
	feeds    map[*func(Status)]bool
}

func (t *table) init() {
	t.plan = &syntax.Plan{}
	t.hints, t.byDevice, t.feeds = make(map[string]*hint), make(map[string][]*hint), make(map[*func(Status)]bool)
}

// add lists a hint; t.mu is held, or nobody else has the table.
func (t *table) add(h *hint) {
	t.hints[h.key()] = h
	for k := range h.keys() {
		t.byDevice[k] = append(t.byDevice[k], h)
	}
}

// drop forgets a hint; t.mu is held.
func (t *table) drop(h *hint) {
	delete(t.hints, h.key())
	for k := range h.keys() {
		if rest := slices.DeleteFunc(t.byDevice[k], func(o *hint) bool { return o == h }); len(rest) > 0 {
			t.byDevice[k] = rest
		} else {
			delete(t.byDevice, k)
		}
	}
}

// keys are what the hint changes with, each once.
func (h *hint) keys() map[string]bool {
	out := make(map[string]bool, len(h.devices)+1)
	for _, d := range h.devices {
		out[key(d)] = true
	}
	if h.presence != "" {
		out[key(h.presence)] = true
	}
	return out
}

// concerns adds the hints that a device belongs to.
func (t *table) concerns(device string, hints map[string]bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.byDevice[device] {
		hints[h.key()] = true
	}
}

// IsPattern says whether the name of an extension is a pattern.
func isPattern(exten string) bool { return strings.HasPrefix(exten, "_") }

// find is the hint of an extension, not listed; nil for none. It may ask functions.
func (b *Board) find(plan *syntax.Plan, context, exten string) *hint {
	e, c := plan.FindHint(context, exten, time.Now())
	if e == nil {
		return b.auto(plan, context, exten)
	}
	h := &hint{exten: e.Name, context: c.Name}
	if isPattern(e.Name) {
		h.exten, h.made = exten, true
	}
	b.fill(h, e.Hint.App)
	return h
}

// auto is the hint that a context with autohints=yes has of an extension with the
// name of a phone; nil for none.
func (b *Board) auto(plan *syntax.Plan, context, exten string) *hint {
	c := plan.Autohints(context, time.Now())
	if c == nil || exten == "" || b.State(phones+exten) == Invalid {
		return nil
	}
	return &hint{exten: exten, context: c.Name, text: phones + exten, devices: []string{phones + exten}, made: true}
}

// phones is the kind of device that hints are made of by themselves.
const phones = "SIP/"

// fill reads what a hint names: devices with & between them, and after a comma a
// presence; in parentheses, behind, the name of who is there.
func (b *Board) fill(h *hint, text string) {
	switch {
	case strings.Contains(text, "${") || strings.Contains(text, "$["):
		if b.c.Expand != nil {
			text = b.c.Expand(h.context, h.exten, text)
		}
	default:
		if i := strings.IndexByte(text, '('); i >= 0 {
			h.name = strings.TrimSuffix(text[i+1:], ")")
			text = text[:i]
		}
	}
	h.text = text
	devices, presence, _ := strings.Cut(text, ",")
	for d := range strings.SplitSeq(devices, "&") {
		if d = strings.TrimSpace(d); d != "" && len(h.devices) < maxDevices {
			h.devices = append(h.devices, d)
		}
	}
	h.presence = strings.TrimSpace(presence)
}

// maxDevices is how many devices one hint may name.
const maxDevices = 256

// status is what is known of a hint now.
func (b *Board) status(h *hint) Status {
	s := Status{Exten: h.exten, Context: h.context}
	states := make([]State, len(h.devices))
	s.Devices = make([]Device, len(h.devices))
	for i, d := range h.devices {
		states[i] = b.State(d)
		s.Devices[i] = Device{d, states[i]}
	}
	s.State = Of(Aggregate(states...))
	if len(states) == 0 {
		s.State = ExtensionIdle // a hint of a presence alone
	}
	if h.presence != "" {
		s.Presence = b.Presence(h.presence)
	}
	return s
}

// Load makes the hints of a dialplan those of the board. Who watches an extension
// watches it in the new one; where it has no hint any more it is told so.
func (b *Board) Load(plan *syntax.Plan) {
	t := &b.table
	t.loading.Lock()
	defer t.loading.Unlock()
	fresh := table{}
	fresh.init()
	for _, c := range plan.Contexts {
		for _, e := range c.Extensions {
			if e.Hint != nil && !isPattern(e.Name) && fresh.hints[e.Name+"@"+c.Name] == nil {
				h := &hint{exten: e.Name, context: c.Name}
				b.fill(h, e.Hint.App)
				fresh.add(h)
			}
		}
	}
	// What is watched changes meanwhile only by those who stop: nobody begins.
	found := make(map[*Watch]*hint)
	for _, w := range t.watched() {
		h := b.find(plan, w.context, w.exten)
		if h != nil && fresh.hints[h.key()] == nil {
			fresh.add(h)
		}
		if h != nil {
			h = fresh.hints[h.key()]
		}
		found[w] = h
	}
	again, removed := t.replace(plan, &fresh, found)
	for _, k := range again {
		b.again(k)
	}
	for _, w := range removed {
		w.tell(Status{Exten: w.exten, Context: w.context, State: ExtensionRemoved})
	}
}

// known lists the keys of hints of which somebody knows something.
func (t *table) known() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for k, h := range t.hints {
		if h.known || len(h.watches) > 0 {
			out = append(out, k)
		}
	}
	return out
}

// watched lists the watches.
func (t *table) watched() []*Watch {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []*Watch
	for _, h := range t.hints {
		for w := range h.watches {
			out = append(out, w)
		}
	}
	return out
}

// replace puts the fresh hints in the place of the old, with those who watch. It
// returns the keys of those to be looked at, and who watches nothing any more.
func (t *table) replace(plan *syntax.Plan, fresh *table, found map[*Watch]*hint) (again []string, removed []*Watch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.hints
	t.plan, t.hints, t.byDevice = plan, fresh.hints, fresh.byDevice
	for w, h := range found {
		switch {
		case w.hint == nil: // stopped meanwhile
		case h == nil:
			w.hint = nil
			removed = append(removed, w)
		default:
			w.hint = h
			h.watch(w)
		}
	}
	for k, h := range t.hints {
		if o := old[k]; o != nil {
			h.last, h.known = o.last, o.known
		}
		switch {
		case h.made && len(h.watches) == 0:
			t.drop(h)
		case len(h.watches) > 0 || h.known:
			again = append(again, k)
		}
	}
	return again, removed
}

func (h *hint) watch(w *Watch) {
	if h.watches == nil {
		h.watches = make(map[*Watch]bool)
	}
	h.watches[w] = true
}

// renew looks at a hint and tells those who watch, where something is new. While an
// extension rings, everything that its devices do is: another call may ring there.
func (b *Board) renew(k string) {
	t := &b.table
	t.mu.Lock()
	h := t.hints[k]
	t.mu.Unlock()
	if h == nil {
		return
	}
	now := b.status(h)
	t.mu.Lock()
	if t.hints[k] != h {
		t.mu.Unlock()
		b.again(k) // a reload has come between
		return
	}
	quiet := h.known && h.last.same(&now) && now.State&ExtensionRinging == 0
	h.last, h.known = now, true
	var watches []*Watch
	var feeds []*func(Status)
	if !quiet {
		watches, feeds = slices.Collect(maps.Keys(h.watches)), slices.Collect(maps.Keys(t.feeds))
	}
	t.mu.Unlock()
	for _, w := range watches {
		w.tell(now)
	}
	for _, f := range feeds {
		(*f)(now)
	}
}
