package chansip

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"obelus/call"
	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/chansip/talk"
	"obelus/sip"
	"obelus/sip/dialog"
	"obelus/sip/sdp"
)

// outgoing is what a call out began with, and what it may need again.
type outgoing struct {
	q     call.Request
	uri   string
	half  *dialog.Dialog // before anybody has answered
	early map[string]*dialog.Dialog
	more  []reach.Way   // other flows to the same phone, not tried yet
	proof [2]string     // the answer to a challenge, once one was given
	least time.Duration // the session that the other side insists on, once it has
}

// forks are the names of the dialogs that 1xx have opened.
func (o *outgoing) forks() []dialog.ID {
	var out []dialog.ID
	for _, d := range o.early {
		out = append(out, d.ID)
	}
	return out
}

// Dial calls SIP/target: an account, account/number, number@account, or
// somebody at a host. An account with several phones gives several channels.
func (d *Driver) Dial(ctx context.Context, q call.Request) ([]*call.Channel, error) {
	set := d.settings.Load()
	to, err := d.target(ctx, set, q.Target)
	if err != nil {
		return nil, err
	}
	if p := to.peer; p.BusyLevel > 0 && d.calls.count(p.Name) >= p.BusyLevel || p.CallLimit > 0 && d.calls.count(p.Name) >= p.CallLimit {
		return nil, &call.DialError{Cause: call.CauseUserBusy, Text: fmt.Sprintf("SIP/%s has as many calls as it may", p.Name)}
	}
	var channels []*call.Channel
	var failure error
	for _, w := range to.ways {
		ch, err := d.dialOne(set, to, w, q)
		if err != nil {
			failure = err
			continue
		}
		channels = append(channels, ch)
	}
	if len(channels) == 0 {
		return nil, failure
	}
	return channels, nil
}

// target is who a dial string names.
type target struct {
	peer   *Peer
	number string // what is dialled at a trunk, "" for the account itself
	ways   []reach.Way
}

func absent(format string, args ...any) error {
	return &call.DialError{Cause: call.CauseSubscriberAbsent, Text: fmt.Sprintf(format, args...)}
}

// target reads a dial string, as the original does: peer, peer/exten,
// exten@peer, [user[:secret]@]host[:port].
func (d *Driver) target(ctx context.Context, set *Settings, s string) (target, error) {
	s, _, _ = strings.Cut(s, "!") // !dnid is not supported, and named by check
	name, number, slash := strings.Cut(s, "/")
	if !slash {
		if user, host, at := cutLast(s, "@"); at {
			name, number = host, user
		}
	}
	if p := set.Peer(name); p != nil && p.Type&sipconf.TypePeer != 0 {
		ways := d.ways(p)
		if len(ways) == 0 {
			return target{}, absent("SIP/%s is not registered, or does not answer", p.Name)
		}
		return target{p, number, ways}, nil
	}
	if strings.Trim(name, "+*#0123456789") == "" || name == "" {
		return target{}, absent("there is no account '%s' in sip.conf, and it is no host name", name)
	}
	uri := "sip:" + name
	if number != "" {
		user, _, _ := strings.Cut(number, ":") // a password in a dial string is for servers that ask
		uri = "sip:" + string(sip.AppendEscapedUser(nil, user)) + "@" + name
	}
	ways, err := d.reach.Resolve(ctx, set, uri)
	if err != nil {
		return target{}, absent("no account '%s' in sip.conf, and as a host: %v", name, err)
	}
	return target{&set.General.Default, "", ways}, nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// dialOne calls one phone.
func (d *Driver) dialOne(set *Settings, to target, w reach.Way, q call.Request) (*call.Channel, error) {
	l := &leg{d: d, set: set, peer: to.peer, name: to.peer.Name, flow: w.Flow, atSource: to.peer.NAT.ForceRport || to.peer.OutboundProxy != "",
		out: &outgoing{q: q, uri: w.URI, more: w.Others, early: make(map[string]*dialog.Dialog)}}
	if to.number != "" {
		l.out.uri = withUser(w.URI, to.number)
		l.out.more = slices.Clone(w.Others)
		for i := range l.out.more {
			l.out.more[i].URI = withUser(l.out.more[i].URI, to.number)
		}
	}
	var far talk.Far
	far, l.from = farOf(&q)
	var err error
	l.talk, err = d.openTalk(set, l)
	if err != nil {
		return nil, &call.DialError{Cause: call.CauseCongestion, Text: fmt.Sprintf("no media for SIP/%s: %v", l.name, err)}
	}
	if err := l.talk.Propose(far); err != nil {
		l.talk.Session().Close()
		return nil, &call.DialError{Cause: call.CauseBearerNotAvail, Text: fmt.Sprintf("SIP/%s can't be called: %v", l.name, err)}
	}
	from := l.callerHeader(q.Identity.Caller)
	l.contact = d.where.Contact(&set.General, l.flow, l.out.uri, l.callerUser(q.Identity.Caller))
	l.out.half = dialog.Begin(d.where.NewCallID(&set.General, l.flow), outside.NewTag(), from, "<"+l.out.uri+">", l.out.uri)
	l.out.half.Routes = w.Routes
	l.dlg = l.out.half
	if !d.calls.add(l, l.peer.CallLimit) {
		l.talk.Session().Close()
		return nil, &call.DialError{Cause: call.CauseUserBusy, Text: fmt.Sprintf("SIP/%s has as many calls as it may", l.name)}
	}
	l.ch = d.cfg.Registry.New(call.Spec{
		Name: d.channelName(l.account(w)), Leg: l, State: call.StateDialing, Requestor: q.From, Identity: q.Identity,
		Place: call.Place{Context: l.peer.Context}, Language: l.peer.Language, Music: l.peer.Music, Account: l.peer.Account,
		Vars: q.Vars,
	})
	l.told.Store(l.ch)
	if q.Inbox != nil {
		l.ch.Listen(q.Inbox)
	}
	l.ch.Vars.Set("SIPCALLID", l.dlg.CallID)
	l.ch.SetStep(l.ch.Place(), "AppDial", "(Outgoing Line)") // what the original shows of a called phone
	l.ch.Start(call.Await)
	l.mu.Lock()
	l.only(l.codecsOf("SIP_CODEC_OUTBOUND"))
	l.point.told = l.earlyCaller(&q)
	l.sendInvite(l.describe(l.point.told))
	l.mu.Unlock()
	return l.ch, nil
}

// account names the channel: after the account, or the host of somebody
// without one.
func (l *leg) account(w reach.Way) string {
	if l.name != "" {
		return l.name
	}
	return w.Flow.Remote.Addr().Unmap().String()
}

// withUser replaces the user part of a URI.
func withUser(uri, user string) string {
	scheme, rest, ok := strings.Cut(uri, ":")
	if !ok {
		return uri
	}
	if _, host, at := strings.Cut(rest, "@"); at {
		rest = host
	}
	return scheme + ":" + string(sip.AppendEscapedUser(nil, user)) + "@" + rest
}

// callerUser is the user part that a caller is shown by: fromuser, else the
// number, else the original's word for somebody unknown.
func (l *leg) callerUser(p call.Party) string {
	switch {
	case l.peer.FromUser != "":
		return l.peer.FromUser
	case p.Number != "" && p.NumPres&0x60 == 0:
		return p.Number
	case p.Number != "":
		return "anonymous"
	}
	return l.set.General.CallerID
}

// callerHeader is the From of a call out.
func (l *leg) callerHeader(p call.Party) string {
	host := l.peer.FromDomain
	if host == "" {
		host = l.set.General.FromDomain
	}
	hidden := p.NumPres&0x60 != 0
	if host == "" {
		a := l.d.where.Signalling(&l.set.General, l.flow)
		port := a.Port()
		if port == l.flow.Transport.DefaultPort() {
			port = 0
		}
		host = string(sip.AppendHostPort(nil, a.Addr().String(), port))
	}
	if hidden {
		host = "anonymous.invalid"
	}
	n := sip.NameAddr{Display: p.Name, Addr: "sip:" + string(sip.AppendEscapedUser(nil, l.callerUser(p))) + "@" + host, Bracketed: true}
	if hidden {
		n.Display = "Anonymous"
	}
	return n.String()
}

// sendInvite sends the INVITE; l.mu is held.
func (l *leg) sendInvite(offer *sdp.Session) {
	b, branch := l.begin(l.out.half, sip.INVITE)
	b.Header("Date", sip.Date(now()))
	b.Add(sip.HeaderAllow, outside.Allow)
	b.Add(sip.HeaderSupported, outside.Supported)
	if asked := l.askedSession(); asked > 0 {
		b.Header("Session-Expires", fmt.Sprintf("%d;refresher=uac", int(asked.Seconds())))
		b.Number(sip.HeaderMinSE, uint64(max(l.policy().Min, l.out.least).Seconds()))
	}
	if l.out.proof[0] != "" {
		b.Header(l.out.proof[0], l.out.proof[1])
	}
	l.addIdentity(&b)
	for _, h := range l.out.q.Headers {
		if name, value, ok := strings.Cut(h, ":"); ok {
			b.Header(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	l.inviteSeq = l.out.half.LocalSeq()
	l.client = l.sendOwn(b.End(sdp.ContentType, offer.Append(nil)), branch, sip.INVITE, l)
}

// addIdentity adds what sendrpid= asks for.
func (l *leg) addIdentity(b *sip.Builder) {
	p := l.out.q.Identity.Caller
	if p.Number == "" {
		return
	}
	uri := "sip:" + string(sip.AppendEscapedUser(nil, p.Number)) + "@" + l.d.where.Host(&l.set.General, l.flow)
	n := sip.NameAddr{Display: p.Name, Addr: uri, Bracketed: true}
	hidden := p.NumPres&0x60 != 0
	switch l.peer.SendRPID {
	case "pai":
		b.Header("P-Asserted-Identity", n.String())
		if hidden {
			b.Header("Privacy", "id")
		}
	case "rpid", "yes":
		privacy := "off"
		if hidden {
			privacy = "full"
		}
		b.Header("Remote-Party-ID", n.String()+";party=calling;privacy="+privacy+";screen=no")
	}
}
