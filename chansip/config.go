package chansip

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"obelus/conf"
	"obelus/media"
)

// ReadSettings makes settings of sip.conf. f may be nil, where there is none.
// product is what User-Agent says by default. What is unknown, not supported yet
// or can't be read is named in a diagnostic; nothing of it stops the load, as in
// the original.
func ReadSettings(f *conf.File, product string) (*Settings, []conf.Diagnostic) {
	r := &configReader{
		set:     &Settings{General: defaults(product), byName: make(map[string]*Peer), byAddr: make(map[netip.AddrPort][]*Peer), byIP: make(map[netip.Addr][]*Peer)},
		options: options(),
	}
	if f != nil {
		for _, s := range f.Sections {
			if !s.Template && strings.EqualFold(s.Name, "general") {
				r.general(s)
			}
		}
		for _, s := range f.Sections {
			if s.Template {
				continue
			}
			switch strings.ToLower(s.Name) {
			case "general":
			case "authentication":
				for _, e := range s.Entries {
					r.warn(e, "the account's own secret is used", "[authentication] is not supported yet")
				}
			default:
				r.account(s)
			}
		}
	}
	r.finish()
	return r.set, r.found
}

// defaults are the original's (sip show settings of an empty sip.conf).
func defaults(product string) General {
	g := General{
		Context: "default", AllowGuest: true, UserAgent: product, Realm: "asterisk", CallerID: "asterisk", SDPSession: product,
		SDPOwner: "root", UDP: true, AlwaysAuthReject: true, AllowTransfer: true, AllowExternal: true, AllowSubscribe: true,
		AuthMessages: true, SRVLookup: true, MinExpiry: 60 * time.Second, MaxExpiry: 3600 * time.Second,
		DefaultExpiry: 120 * time.Second, RegisterTimeout: 20 * time.Second, QualifyFreq: time.Minute, QualifyGap: 100 * time.Millisecond, QualifyPeers: 1, TCPAuthTimeout: 30 * time.Second,
		TCPAuthLimit: 100,
	}
	g.Default = Peer{
		AcceptMessages: true, Formats: []media.Format{media.Ulaw, media.Alaw, media.GSM, media.H263}, MaxContacts: 1, MaxBitrate: 384,
		NAT: NAT{AutoForceRport: true}, AllowTransfer: true, AllowSubscribe: true, AllowOverlap: true, MaxForwards: 70,
		SendRPID: "no", ProgressInband: "never",
		Timers: SessionTimers{Mode: "accept", Expires: 1800 * time.Second, Min: 90 * time.Second},
		T1:     500 * time.Millisecond, TimerB: 32 * time.Second,
	}
	return g
}

type configReader struct {
	set     *Settings
	options map[string]option
	found   []conf.Diagnostic
	port    uint16 // bindport
}

func (r *configReader) say(e conf.Entry, sev conf.Severity, hint, format string, args ...any) {
	r.found = append(r.found, conf.Diagnostic{Pos: e.Pos, Severity: sev, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (r *configReader) warn(e conf.Entry, hint, format string, args ...any) {
	r.say(e, conf.Warning, hint, format, args...)
}

// option is one setting: what it does in [general] and in an account. What only
// an account has may stand in [general] as a default for all.
type option struct {
	general func(g *General, v string) error
	peer    func(p *Peer, v string) error
	later   string // not supported yet: what happens instead
	gone    string // has no effect in the original either: why
}

// general reads [general]. What accounts begin with is kept in Default.
func (r *configReader) general(s *conf.Section) {
	g := &r.set.General
	for _, e := range s.Entries {
		key := strings.ToLower(e.Key)
		if key == "register" {
			r.register(e)
			continue
		}
		o, ok := r.options[key]
		switch {
		case !ok:
			r.unknown(e)
		case o.later != "":
			r.later(e, o)
		case o.gone != "":
			r.say(e, conf.Note, o.gone, "%s has no effect", e.Key)
		case o.general != nil:
			r.failed(e, o.general(g, e.Value))
		case o.peer != nil:
			r.failed(e, o.peer(&g.Default, e.Value))
		}
		if key == "context" {
			g.Default.Context = e.Value
		}
	}
}

func (r *configReader) failed(e conf.Entry, err error) {
	if err != nil {
		r.warn(e, "the value before it holds", "%s=%s: %v", e.Key, e.Value, err)
	}
}

// later names an option that is not supported yet. One that is switched off is
// only worth a note.
func (r *configReader) later(e conf.Entry, o option) {
	sev := conf.Warning
	if conf.False(e.Value) || strings.EqualFold(e.Value, "never") {
		sev = conf.Note
	}
	r.say(e, sev, o.later, "%s is not supported yet", e.Key)
}

func (r *configReader) unknown(e conf.Entry) {
	hint := "it is ignored, as in the original"
	if near := conf.Nearest(e.Key, slices.Sorted(maps.Keys(r.options))); near != "" {
		hint += "; did you mean " + near + "?"
	}
	r.warn(e, hint, "unknown option '%s'", e.Key)
}

// account reads one section.
func (r *configReader) account(s *conf.Section) {
	p := new(Peer)
	*p = r.set.General.Default
	p.Name, p.Line = s.Name, s.Pos.String()
	p.Formats = p.Formats[:len(p.Formats):len(p.Formats)]
	if p.Context == "" {
		p.Context = r.set.General.Context
	}
	head := conf.Entry{Pos: s.Pos}
	kind, ok := s.Get("type")
	if !ok {
		r.warn(head, "the section is ignored, as in the original: write type=friend, peer or user", "section '%s' lacks type", s.Name)
		return
	}
	switch strings.ToLower(strings.TrimSpace(kind)) {
	case "friend":
		p.Type = TypeFriend
	case "peer":
		p.Type = TypePeer
	case "user":
		p.Type = TypeUser
	default:
		r.warn(head, "the section is ignored, as in the original", "Unknown type '%s' for '%s' in %s", kind, s.Name, s.Pos.File)
		return
	}
	for _, e := range s.Entries {
		key := strings.ToLower(e.Key)
		if key == "type" {
			continue
		}
		o, ok := r.options[key]
		switch {
		case !ok:
			r.unknown(e)
		case o.later != "":
			r.later(e, o)
		case o.gone != "":
			r.say(e, conf.Note, o.gone, "%s has no effect", e.Key)
		case o.peer != nil:
			r.failed(e, o.peer(p, e.Value))
		default:
			r.warn(e, "it belongs in [general]", "%s in an account has no effect", e.Key)
		}
	}
	r.add(p, head)
}

// add lists an account; a second of one name adds to nothing and is left out.
func (r *configReader) add(p *Peer, at conf.Entry) {
	key := strings.ToLower(p.Name)
	if old := r.set.byName[key]; old != nil {
		r.warn(at, "the first one holds: "+old.Line, "account '%s' is there twice", p.Name)
		return
	}
	r.set.byName[key] = p
	if p.Name != key {
		r.set.byName[p.Name] = p
	}
	r.set.Peers = append(r.set.Peers, p)
}

// finish settles what depends on several lines.
func (r *configReader) finish() {
	g := &r.set.General
	if g.Default.Context == "" {
		g.Default.Context = g.Context
	}
	port := r.bindPort()
	if len(g.UDPBind) == 0 {
		g.UDPBind = []netip.AddrPort{netip.AddrPortFrom(netip.IPv4Unspecified(), port)}
	}
	for i, a := range g.UDPBind {
		if a.Port() == 0 {
			g.UDPBind[i] = netip.AddrPortFrom(a.Addr(), port)
		}
	}
	if len(g.TCPBind) == 0 {
		g.TCPBind = slices.Clone(g.UDPBind)
	}
	for i, a := range g.TCPBind {
		if a.Port() == 0 {
			g.TCPBind[i] = netip.AddrPortFrom(a.Addr(), 5060)
		}
	}
	for _, p := range r.set.Peers {
		r.place(p)
	}
}

func (r *configReader) bindPort() uint16 {
	if p := r.set.General.Default.Port; p != 0 {
		r.set.General.Default.Port = 0 // port= in [general] is ours, not the accounts'
		return p
	}
	return 5060
}

// place settles where an account is: host and port, in whatever order they were
// written.
func (r *configReader) place(p *Peer) {
	if p.Dynamic || p.Host == "" {
		return
	}
	host, port := splitHostPort(p.Host)
	if port != 0 {
		p.Host, p.Port = host, port
	}
	a, err := netip.ParseAddr(strings.Trim(p.Host, "[]"))
	if err != nil {
		return // a name
	}
	if port = p.Port; port == 0 {
		port = p.transportOf().DefaultPort()
	}
	p.Addr = netip.AddrPortFrom(a.Unmap(), port)
	if p.Type&TypePeer != 0 {
		r.set.byAddr[p.Addr] = append(r.set.byAddr[p.Addr], p)
		r.set.byIP[p.Addr.Addr()] = append(r.set.byIP[p.Addr.Addr()], p)
	}
}

func (r *configReader) register(e conf.Entry) {
	reg, err := parseRegister(e.Value)
	if err != nil {
		r.warn(e, "nothing is registered: the form is user[:secret[:authuser]]@host[:port][/extension][~expiry]", "register => %s: %v", e.Value, err)
		return
	}
	reg.Line = e.Pos.String()
	r.set.Registers = append(r.set.Registers, reg)
}

// Lint names what loads and is dangerous.
func (s *Settings) Lint() []conf.Diagnostic {
	var out []conf.Diagnostic
	say := func(where, hint, format string, args ...any) {
		out = append(out, conf.Diagnostic{Pos: conf.Pos{File: where}, Severity: conf.Warning, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	g := &s.General
	if g.AllowGuest {
		out = append(out, conf.Diagnostic{Pos: conf.Pos{File: "sip.conf"}, Severity: conf.Note,
			Message: fmt.Sprintf("anybody may call into context '%s' without an account", g.Default.Context), Hint: "allowguest=no in [general] forbids it"})
	}
	if g.AutoCreate {
		say("sip.conf", "remove autocreatepeer", "anybody may register as anybody: autocreatepeer=yes")
	}
	if !g.AlwaysAuthReject {
		say("sip.conf", "remove alwaysauthreject=no", "answers tell which accounts exist: alwaysauthreject=no")
	}
	for _, p := range s.Peers {
		switch {
		case p.Secret == "" && p.MD5Secret == "" && p.Dynamic:
			say(p.Line, "give it a secret, or permit= and deny=", "account '%s' has no secret: anybody may register as it", p.Name)
		case p.Secret != "" && weak(p):
			say(p.Line, "choose one of 12 characters or more that nobody can guess", "account '%s' has a weak secret", p.Name)
		}
	}
	return out
}

// weak says whether a secret is among the first that are tried.
func weak(p *Peer) bool {
	s := strings.ToLower(p.Secret)
	name := strings.ToLower(p.Name)
	digits := strings.Trim(s, "0123456789") == ""
	return len(s) < 6 || s == name || strings.Contains(s, name) && len(s) < len(name)+4 || digits && len(s) < 12 ||
		slices.Contains([]string{"secret", "password", "passwd", "asterisk", "changeme", "letmein", "123456", "qwerty"}, s)
}
