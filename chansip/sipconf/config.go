package sipconf

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"runtime"
	"slices"
	"strings"

	"obelus/acl"
	"obelus/conf"
	"obelus/sip/transport"
)

// ReadSettings makes settings of sip.conf. f may be nil, where there is none; lists
// are those of acl.conf.
// product is what User-Agent says by default. What is unknown, not supported yet
// or can't be read is named in a diagnostic; nothing of it stops the load, as in
// the original.
func ReadSettings(f *conf.File, lists acl.Named, product string) (*Settings, []conf.Diagnostic) {
	return ReadAll(f, nil, lists, product)
}

// ReadAll is [ReadSettings] with users.conf, which several modules of the original share:
// a section of it with hassip=yes is an account of type friend, one with registersip=yes
// a registration. What is no option of SIP there belongs to others. Either file may be
// nil.
func ReadAll(f, users *conf.File, lists acl.Named, product string) (*Settings, []conf.Diagnostic) {
	r := newReader(lists, product)
	r.sections(f)
	r.users(users)
	r.finish()
	return r.set, r.found
}

// sections reads sip.conf, [general] first.
func (r *configReader) sections(f *conf.File) {
	if f == nil {
		return
	}
	for _, s := range f.Sections {
		if !s.Template && strings.EqualFold(s.Name, "general") {
			r.general(s)
		}
	}
	for _, s := range f.Sections {
		if !s.Template {
			r.section(s)
			runtime.Gosched() // between the packets of calls, where there is one processor
		}
	}
}

// What the readers work on.
type (
	file    = conf.File
	section = conf.Section
	entry   = conf.Entry
)

type configReader struct {
	set      *Settings
	options  map[string]option
	names    []string          // of the options, for suggestions
	near     map[string]string // suggestions found so far
	found    []conf.Diagnostic
	spoke    int               // how often something was found wrong with a line, said before or not
	common   map[string]shared // by the lines that say it
	key      []byte            // scratch of commonKey
	said     map[conf.Diagnostic]bool
	contacts acl.List // contactpermit and contactdeny of [general]
}

func newReader(lists acl.Named, product string) *configReader {
	return &configReader{
		set: &Settings{
			General: defaults(product), byName: make(map[string]*Peer), byAddr: make(map[netip.AddrPort][]*Peer),
			byIP: make(map[netip.Addr][]*Peer), lines: make(map[string]string),
		},
		options: options(lists), near: make(map[string]string), common: make(map[string]shared), said: make(map[conf.Diagnostic]bool),
	}
}

// say reports a finding. A line that many accounts inherit is reported once, a
// note that many lines deserve only with the first.
func (r *configReader) say(e conf.Entry, sev conf.Severity, hint, format string, args ...any) {
	r.spoke++
	d := conf.Diagnostic{Pos: e.Pos, Severity: sev, Message: fmt.Sprintf(format, args...), Hint: hint}
	if r.first(d) {
		r.found = append(r.found, d)
	}
}

// first says whether a finding is new, and notes it.
func (r *configReader) first(d conf.Diagnostic) bool {
	if d.Severity == conf.Note {
		d.Pos = conf.Pos{}
	}
	old := r.said[d]
	r.said[d] = true
	return !old
}

func (r *configReader) warn(e conf.Entry, hint, format string, args ...any) {
	r.say(e, conf.Warning, hint, format, args...)
}

// general reads [general]. What accounts begin with is kept in Default.
func (r *configReader) general(s *conf.Section) {
	g := &r.set.General
	for _, e := range s.Entries {
		key := strings.ToLower(e.Key)
		o, ok := r.options[key]
		r.set.lines[key] = e.Pos.String()
		switch {
		case key == "register":
			r.register(e)
		case !ok:
			r.unknown(e, key)
		case o.general != nil:
			r.report(e, o, o.general(g, e.Value))
		case o.account != nil && !o.both:
			r.warn(e, "it belongs in an account", "%s in [general] has no effect", e.Key)
		case o.account != nil:
			r.report(e, o, o.account(&g.Default, e.Value))
		default:
			r.report(e, o, nil)
		}
	}
	r.contacts, g.Default.ContactACL = append(r.contacts, g.Default.ContactACL...), nil
	r.settleTimers(&g.Default, s)
}

// section reads one that is not [general].
func (r *configReader) section(s *conf.Section) {
	switch strings.ToLower(s.Name) {
	case "general":
	case "authentication":
		for _, e := range s.Entries {
			if o := r.option(e); strings.EqualFold(e.Key, "auth") {
				r.report(e, o, o.general(&r.set.General, e.Value))
			} else {
				r.warn(e, "the section has auth=user:secret@realm lines alone", "%s in [authentication] has no effect", e.Key)
			}
		}
	default:
		r.account(s)
	}
}

// account reads one account. As in the original a second section of the same
// name adds to the first.
func (r *configReader) account(s *conf.Section) {
	head := conf.Entry{Pos: s.Pos}
	kind, ok := s.Get("type")
	if !ok {
		r.warn(head, "the section is ignored, as in the original: write type=friend, peer or user", "Section '%s' lacks type", s.Name)
		return
	}
	t, ok := parseType(kind)
	if !ok {
		r.warn(head, "the section is ignored, as in the original: write type=friend, peer or user",
			"Unknown type '%s' for '%s'", kind, s.Name)
		return
	}
	p := r.set.byName[strings.ToLower(s.Name)]
	if p == nil {
		p = r.add(s)
		p.Type |= t
		r.fill(p, s)
		return
	}
	r.say(head, conf.Note, "its lines add to those of "+p.Line+", as in the original", "account '%s' is there twice", p.Name)
	p.Type |= t
	p.Common = p.Common.clone()
	for _, e := range s.Entries {
		r.accountEntry(p, e)
	}
	r.settleTimers(p, s)
}

// fill reads the lines of a new account. Those that an account has in common with
// others are read once for all accounts that have the same.
func (r *configReader) fill(p *Peer, s *conf.Section) {
	key := r.commonKey(s)
	known, ok := r.common[key]
	if ok && known.fine {
		p.Common = known.Common
		for _, e := range s.Entries {
			if !r.option(e).common() {
				r.accountEntry(p, e)
			}
		}
		return
	}
	p.Common = p.Common.clone()
	if p.Context == "" {
		p.Context = r.set.General.Context
	}
	fine := true
	for _, e := range s.Entries {
		before := r.spoke
		r.accountEntry(p, e)
		fine = fine && (r.spoke == before || !r.option(e).common())
	}
	before := r.spoke
	r.settleTimers(p, s)
	if ok {
		p.Common = known.Common
		return
	}
	r.common[key] = shared{p.Common, fine && r.spoke == before}
}

// option is that of a line; the zero option where there is none of that name.
func (r *configReader) option(e conf.Entry) option { return r.options[strings.ToLower(e.Key)] }

// commonKey is what the lines of an account say that it may have in common with
// others, in their order.
func (r *configReader) commonKey(s *conf.Section) string {
	key := r.key[:0]
	for _, e := range s.Entries {
		if r.option(e).common() {
			key = append(key, e.Key...)
			key = append(key, '=')
			key = append(key, e.Value...)
			key = append(key, '\n')
		}
	}
	r.key = key
	return string(key)
}

func (r *configReader) accountEntry(p *Peer, e conf.Entry) {
	key := strings.ToLower(e.Key)
	o, ok := r.options[key]
	switch {
	case !ok:
		r.unknown(e, key)
	case o.account != nil:
		r.report(e, o, o.account(p, e.Value))
	case o.general != nil:
		r.warn(e, "it belongs in [general]", "%s in an account has no effect", e.Key)
	default:
		r.report(e, o, nil)
	}
}

// add lists a new account.
func (r *configReader) add(s *conf.Section) *Peer {
	p := new(Peer)
	*p = r.set.General.Default
	p.Name, p.Line = s.Name, s.Pos.String()
	key := strings.ToLower(p.Name)
	r.set.byName[key] = p
	if p.Name != key {
		r.set.byName[p.Name] = p
	}
	r.set.Peers = append(r.set.Peers, p)
	return p
}

// report names what is wrong with a line: its value, or that it is not carried
// out. One that asks for what happens anyway needs no word.
func (r *configReader) report(e conf.Entry, o option, err error) {
	switch {
	case err != nil:
		r.wrongValue(e, err)
	case o.later != "" && o.wanted(e.Value):
		r.warn(e, o.later, "%s=%s is not supported yet", e.Key, e.Value)
	case o.gone != "" && o.wanted(e.Value):
		r.say(e, conf.Note, o.gone, "%s has no effect", e.Key)
	}
}

func (r *configReader) wrongValue(e conf.Entry, err error) {
	var p partly
	if !errors.As(err, &p) {
		r.warn(e, "it is ignored: the value before it, or the default, holds", "%s=%s: %v", e.Key, e.Value, err)
		return
	}
	r.spoke++
	what := e.Key + "=" + e.Value + ": " + p.what
	switch {
	case !p.note:
		r.warn(e, p.used, "%s", what)
	case r.first(conf.Diagnostic{Severity: conf.Note, Message: what}):
		r.set.oldWays = append(r.set.oldWays, danger{line: e.Pos.String(), what: what, advice: p.used, mild: true})
	}
}

// unknown names an option that chan_sip does not know either.
func (r *configReader) unknown(e conf.Entry, key string) {
	hint := "it is ignored, as in the original"
	if near := r.nearest(key); near != "" {
		hint += ": " + near
	}
	r.warn(e, hint, "unknown option '%s'", e.Key)
}

func (r *configReader) nearest(key string) string {
	if about := foreign(key); about != "" {
		return about
	}
	near, ok := r.near[key]
	if !ok {
		if r.names == nil {
			r.names = slices.Sorted(maps.Keys(r.options))
		}
		if near = conf.Nearest(key, r.names); near != "" {
			near = "did you mean " + near + "?"
		}
		r.near[key] = near
	}
	return near
}

func (r *configReader) register(e conf.Entry) {
	reg, err := parseRegister(e.Value)
	if err != nil {
		r.warn(e, "nothing is registered: the form is "+registerForm, "register => %s: %v", e.Value, err)
		return
	}
	reg.Line = e.Pos.String()
	r.set.Registers = append(r.set.Registers, reg)
}

// settleTimers keeps an account's timers in step, as the original does: timer B
// follows T1 unless it is set (RFC 3261 section 17.1.1.2), and T1 is t1min at
// least.
func (r *configReader) settleTimers(p *Peer, s *conf.Section) {
	_, t1 := s.Get("timert1")
	_, b := s.Get("timerb")
	if !t1 && !b {
		return
	}
	if least := r.set.General.T1Min; p.T1 < least {
		r.warn(conf.Entry{Pos: s.Pos}, fmt.Sprintf("%d is taken", least.Milliseconds()), "timert1 of [%s] is below t1min", s.Name)
		p.T1 = least
	}
	switch {
	case !b:
		p.TimerB = 64 * p.T1
	case p.TimerB < 64*p.T1:
		r.say(conf.Entry{Pos: s.Pos}, conf.Note, "requests may be given up too early (RFC 3261 section 17.1.1.1)", "timerb of [%s] is below 64 times timert1", s.Name)
	}
}

// finish settles what depends on several lines.
func (r *configReader) finish() {
	g := &r.set.General
	if g.Default.Context == "" {
		g.Default.Context = g.Context
	}
	r.bind()
	g.autoDomains()
	for _, p := range r.set.Peers {
		if p.Host == "" && p.Type&TypePeer != 0 {
			r.say(conf.Entry{Pos: posOf(p.Line)}, conf.Note, "write host=dynamic to have it register", "account '%s' has no host: it can't register, nor be called", p.Name)
		}
		r.set.place(p)
		r.set.regExtens(p)
	}
	if g.ExcludeStatic {
		for _, p := range r.set.Peers {
			if p.Addr.IsValid() {
				r.contacts = append(r.contacts, acl.Rule{Net: netip.PrefixFrom(p.Addr.Addr(), p.Addr.Addr().BitLen())})
			}
		}
	}
	settled := make(map[*Common]bool)
	r.settleLists(g.Default.Common)
	for _, p := range r.set.Peers {
		if !settled[p.Common] {
			settled[p.Common] = true
			r.settleLists(p.Common)
		}
		r.callback(p)
	}
}

// bind settles where to listen. bindport counts where an address names no port
// and, as in the original, where it names another one.
func (r *configReader) bind() {
	g := &r.set.General
	if len(g.UDPBind) == 0 {
		g.UDPBind = []netip.AddrPort{netip.AddrPortFrom(netip.IPv4Unspecified(), 0)}
	}
	udp := g.UDPBind[0]
	switch {
	case g.BindPort != 0 && udp.Port() != 0 && udp.Port() != g.BindPort:
		r.found = append(r.found, conf.Diagnostic{Pos: posOf(r.set.line("udpbindaddr", "bindaddr")), Severity: conf.Warning,
			Message: fmt.Sprintf("the address names port %d and bindport is %d", udp.Port(), g.BindPort), Hint: "bindport is taken, as in the original"})
		fallthrough
	case udp.Port() == 0:
		udp = netip.AddrPortFrom(udp.Addr(), g.port())
	}
	g.UDPBind = []netip.AddrPort{udp}
	switch {
	case len(g.TLSBind) == 0:
		g.TLSBind = []netip.AddrPort{netip.AddrPortFrom(udp.Addr(), transport.TLS.DefaultPort())}
	case g.TLSBind[0].Port() == 0:
		g.TLSBind[0] = netip.AddrPortFrom(g.TLSBind[0].Addr(), transport.TLS.DefaultPort())
	}
	switch {
	case len(g.TCPBind) == 0:
		g.TCPBind = slices.Clone(g.UDPBind)
	case g.TCPBind[0].Port() == 0:
		g.TCPBind[0] = netip.AddrPortFrom(g.TCPBind[0].Addr(), 5060)
	}
}

// Lint names what loads and is dangerous, or written in an old way, with the
// places where it stands.
func (s *Settings) Lint() []conf.Diagnostic {
	var out []conf.Diagnostic
	for _, d := range append(s.dangers(), s.oldWays...) {
		sev := conf.Warning
		if d.mild {
			sev = conf.Note
		}
		out = append(out, conf.Diagnostic{Pos: posOf(d.line), Severity: sev, Message: d.what, Hint: d.advice})
	}
	return out
}

// posOf is a place as it was written: file:line.
func posOf(s string) conf.Pos {
	file, number, ok := cutLine(s)
	if !ok {
		return conf.Pos{File: s}
	}
	return conf.Pos{File: file, Line: number}
}
