package outside

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"obelus/chansip/sipconf"
	"obelus/sip/transport"
)

// Config is what a [Finder] is made of.
type Config struct {
	Log *slog.Logger
	// DNS is asked for externhost and stunaddr; nil is the system's.
	DNS transport.Lookup
	// Settings is what sip.conf says now.
	Settings func() *sipconf.Settings
	// Flows are the ways from each of our SIP sockets to an address.
	Flows func(to netip.AddrPort) []transport.Flow
	// Changed is told when we are seen by another address than before; may be nil.
	Changed func()
}

// Finder keeps our address outside. Its methods may be called from any goroutine; none but Run waits for anything.
type Finder struct {
	c     Config
	found atomic.Pointer[table]
	again [2]chan struct{} // tells each half of Run that the settings are new

	mu      sync.Mutex // one change of found at a time; guards what follows
	asked   map[stunID]*question
	failing map[string]bool // what has been complained about
}

// table is what was found. It does not change once it is made.
type table struct {
	host string // externhost, and where it leads
	at   netip.AddrPort

	server string // stunaddr, and as what it sees us, by the number of the socket
	seen   map[uint64]netip.AddrPort
}

// New makes a finder, which knows what sip.conf says and nothing else until Run is called.
func New(c Config) *Finder {
	if c.DNS == nil {
		c.DNS = net.DefaultResolver
	}
	f := &Finder{c: c, asked: make(map[stunID]*question), failing: make(map[string]bool)}
	f.found.Store(&table{})
	for i := range f.again {
		f.again[i] = make(chan struct{}, 1)
	}
	return f
}

// Again says that the settings are new. It does not wait for what comes of it.
func (f *Finder) Again() {
	for _, c := range f.again {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Run looks externhost up and asks stunaddr, again and again, until ctx ends.
func (f *Finder) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { f.repeat(ctx, f.again[0], f.lookUp) })
	both.Go(func() { f.repeat(ctx, f.again[1], f.ask) })
	both.Wait()
}

// repeat does something, and again after the time that it returns, 0 for not until the settings are new.
func (f *Finder) repeat(ctx context.Context, again <-chan struct{}, do func(context.Context, *sipconf.General) time.Duration) {
	for ctx.Err() == nil {
		pause := do(ctx, &f.c.Settings().General)
		var t *time.Timer
		var over <-chan time.Time
		if pause > 0 {
			t = time.NewTimer(pause)
			over = t.C
		}
		select {
		case <-ctx.Done():
		case <-again:
		case <-over:
		}
		if t != nil {
			t.Stop()
		}
	}
}

// lookTime bounds one look-up.
const lookTime = 5 * time.Second

// lookUp looks externhost up and returns when to do so again: externrefresh.
func (f *Finder) lookUp(ctx context.Context, g *sipconf.General) time.Duration {
	if g.ExternHost == "" {
		f.forget("externhost")
		f.change(func(t *table) { t.host, t.at = "", netip.AddrPort{} })
		return 0
	}
	at, err := f.resolve(ctx, g.ExternHost, 0)
	if ctx.Err() != nil {
		return 0
	}
	if f.complain("externhost", err, "host", g.ExternHost) {
		f.change(func(t *table) { t.host, t.at = g.ExternHost, at })
	}
	return max(g.ExternRefresh, time.Second)
}

// resolve finds host or host:port; IPv4 goes first, since it is what NAT is about.
func (f *Finder) resolve(ctx context.Context, s string, port uint16) (netip.AddrPort, error) {
	host, p := sipconf.SplitHostPort(s)
	if p != 0 {
		port = p
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return netip.AddrPortFrom(a.Unmap(), port), nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	addrs, err := f.c.DNS.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if len(addrs) == 0 {
		return netip.AddrPort{}, fmt.Errorf("%s has no address", host)
	}
	for _, a := range addrs {
		if a.Unmap().Is4() {
			return netip.AddrPortFrom(a.Unmap(), port), nil
		}
	}
	return netip.AddrPortFrom(addrs[0], port), nil
}

// complain says once that something can't be found, and once that it can again. True means that it was found.
func (f *Finder) complain(what string, err error, args ...any) bool {
	f.mu.Lock()
	was := f.failing[what]
	f.failing[what] = err != nil
	f.mu.Unlock()
	switch {
	case err != nil && !was:
		f.c.Log.Warn(what+" does not say what our address outside is; the last one known stays in use", append(args, "why", err)...)
	case err == nil && was:
		f.c.Log.Info(what+" answers again", args...)
	}
	return err == nil
}

// forget drops a complaint: nothing is wanted any more.
func (f *Finder) forget(what string) {
	f.mu.Lock()
	delete(f.failing, what)
	f.mu.Unlock()
}

// change puts a changed table into use, and tells who wants to know where an address is another than it was.
func (f *Finder) change(do func(t *table)) {
	f.mu.Lock()
	old := f.found.Load()
	t := *old
	t.seen = maps.Clone(old.seen)
	do(&t)
	f.found.Store(&t)
	f.mu.Unlock()
	if old.at.Addr() == t.at.Addr() && maps.Equal(old.seen, t.seen) {
		return
	}
	f.c.Log.Info("our address outside is another", "externhost", t.at, "stun", t.list())
	if f.c.Changed != nil {
		f.c.Changed()
	}
}

// list is as what the STUN server sees our sockets.
func (t *table) list() []netip.AddrPort {
	var out []netip.AddrPort
	for _, a := range t.seen {
		out = append(out, a)
	}
	return out
}
