package device

import (
	"log/slog"
	"strings"
	"sync"
)

// Provider says what the devices of one kind are in. Its methods may be called from
// any goroutine, and never wait.
type Provider interface {
	// DeviceState is the state of a device, by its name without the kind: that of
	// SIP/100 is asked for by 100.
	DeviceState(name string) State
}

// ProviderFunc is a function that is a [Provider].
type ProviderFunc func(name string) State

// DeviceState asks the function.
func (f ProviderFunc) DeviceState(name string) State { return f(name) }

// Passing is a provider whose devices come and go with calls, like those of Local:
// of one that is not in use nothing is remembered.
type Passing interface {
	Provider
	Passes()
}

// Config is what a [Board] is made of.
type Config struct {
	Log *slog.Logger
	// Providers are those that know devices, by the kind before the slash or the
	// colon: "SIP", "Local", "MWI". Custom is the board's own.
	Providers map[string]Provider
	// DB keeps the states that the dialplan sets; nil: they can't be set.
	DB Database
	// Expand fills in ${...} of a hint for an extension; nil leaves it as it is.
	Expand func(context, exten, text string) string
}

// Board knows the state of every device, and tells who watches. Its methods may be
// called from any goroutine.
type Board struct {
	c     Config
	kinds map[string]Provider // lower case

	mu       sync.Mutex
	dirty    []string        // what has changed, in order
	listed   map[string]bool // what is in dirty, by its key
	hints    map[string]bool // hints to be looked at whatever their devices do, by their key
	working  bool            // the worker runs
	last     map[string]State
	watchers map[*func(string, State)]bool

	table table // of hints
}

// New makes a board without hints.
func New(c Config) *Board {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.DB == nil {
		c.DB = noDatabase{}
	}
	b := &Board{
		c: c, kinds: make(map[string]Provider), listed: make(map[string]bool), hints: make(map[string]bool), last: make(map[string]State),
		watchers: make(map[*func(string, State)]bool),
	}
	for kind, p := range c.Providers {
		b.kinds[strings.ToLower(kind)] = p
	}
	b.kinds["custom"] = custom{c.DB}
	b.table.init()
	return b
}

// State is a device's state now: INVALID where nothing knows devices of its kind.
func (b *Board) State(device string) State {
	p, name := b.provider(device)
	if p == nil {
		return Invalid
	}
	return p.DeviceState(name)
}

// Knows says whether the states of a kind of devices are known.
func (b *Board) Knows(kind string) bool { return b.kinds[strings.ToLower(kind)] != nil }

// provider is who knows a device, and its name there; nil for nobody.
func (b *Board) provider(device string) (Provider, string) {
	i := strings.IndexAny(device, "/:")
	if i <= 0 {
		return nil, ""
	}
	return b.kinds[strings.ToLower(device[:i])], device[i+1:]
}

// key is what a device is found by: its name, in any case of letters.
func key(device string) string { return strings.ToLower(device) }

// Changed says that the state of a device, or the presence of somebody, may have
// changed. It never blocks, and nothing is lost: the worker looks at it afterwards.
func (b *Board) Changed(device string) {
	k := key(device)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listed[k] {
		return
	}
	b.listed[strings.Clone(k)] = true
	b.dirty = append(b.dirty, strings.Clone(device))
	b.wake()
}

// again has a hint looked at; b.table.mu is not held.
func (b *Board) again(hint string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hints[hint] = true
	b.wake()
}

// Refresh has every hint looked at that is watched, or was told of: the settings of
// the devices have changed.
func (b *Board) Refresh() {
	for _, k := range b.table.known() {
		b.again(k)
	}
}

// wake starts the worker where it does not run; b.mu is held.
func (b *Board) wake() {
	if !b.working {
		b.working = true
		go b.work()
	}
}

// work looks at what has changed until nothing is left.
func (b *Board) work() {
	for {
		b.mu.Lock()
		devices, hints := b.dirty, b.hints
		if len(devices) == 0 && len(hints) == 0 {
			b.working = false
			b.mu.Unlock()
			return
		}
		b.dirty, b.listed, b.hints = nil, make(map[string]bool), make(map[string]bool)
		b.mu.Unlock()
		for _, d := range devices {
			b.settle(d)
			b.table.concerns(key(d), hints)
		}
		for h := range hints {
			b.renew(h)
		}
	}
}

// settle tells the watchers of devices what has become of one.
func (b *Board) settle(device string) {
	p, name := b.provider(device)
	if p == nil {
		return // a presence, or nothing
	}
	k, now := key(device), p.DeviceState(name)
	_, passes := p.(Passing)
	b.mu.Lock()
	was, known := b.last[k]
	if passes && (now == NotInUse || now == Invalid) {
		delete(b.last, k)
	} else {
		b.last[k] = now
	}
	var told []*func(string, State)
	if !known || was != now {
		for f := range b.watchers {
			told = append(told, f)
		}
	}
	b.mu.Unlock()
	for _, f := range told {
		(*f)(device, now)
	}
}

// Watch has f told of every device whose state has changed, until stop is called.
// f is called by the worker: it must not block, and not for long keep it.
func (b *Board) Watch(f func(device string, s State)) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers[&f] = true
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers, &f)
	}
}
