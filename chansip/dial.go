package chansip

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"obelus/call"
	"obelus/chansip/outside"
	"obelus/chansip/q850"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/chansip/talk"
	"obelus/sip"
	"obelus/sip/dialog"
	"obelus/sip/sdp"
	"obelus/sip/transaction"
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

// Response takes an answer to our INVITE in.
func (l *leg) Response(c *transaction.Client, m *sip.Message) {
	status := m.StatusCode()
	l.mu.Lock()
	if c != l.client {
		l.mu.Unlock()
		return
	}
	var events []call.Event
	var cause call.Cause
	switch {
	case status < 200:
		events = l.provisional(m)
	case status < 300:
		events, cause = l.accepted(m)
	default:
		events, cause = l.rejected(m)
	}
	var seen talk.Far
	if l.from != nil && len(events) > 0 {
		seen = l.talk.Seen()
	}
	l.mu.Unlock()
	if seen.Formats() != nil {
		l.from.heard(seen)
	}
	for _, e := range events {
		l.ch.Notify(e)
	}
	if cause != call.CauseNone {
		l.ended(cause)
	}
}

// provisional takes a 1xx in; l.mu is held.
func (l *leg) provisional(m *sip.Message) []call.Event {
	if l.state != legRinging {
		return nil
	}
	if tag := m.ToTag(); tag != "" && l.out.early[tag] == nil && len(l.out.early) < maxForks {
		if d, err := l.out.half.Answered(m); err == nil {
			l.out.early[d.ID.Remote] = d
			l.dlg = d
			l.d.calls.named(d.ID, l)
		}
	}
	var events []call.Event
	switch status := m.StatusCode(); {
	case status == 100:
		return []call.Event{{Kind: call.EventProceeding}}
	case status == 180:
		events = append(events, call.Event{Kind: call.EventRinging})
	case status == 183 && len(m.Body()) == 0:
		return []call.Event{{Kind: call.EventProgress}}
	}
	if body, ok := m.Part(sdp.ContentType); ok && len(body) > 0 {
		if s, err := sdp.Parse(body); err == nil && l.takeAnswer(s) {
			events = append(events, call.Event{Kind: call.EventProgress, Formats: l.talk.Agreed()})
		}
	}
	return events
}

// maxForks is how many phones behind a fork are told apart.
const maxForks = 32

// accepted takes a 2xx in; l.mu is held.
func (l *leg) accepted(m *sip.Message) ([]call.Event, call.Cause) {
	tag := m.ToTag()
	if l.state == legUp && tag == l.dlg.ID.Remote {
		l.resendACK() // our ACK was lost
		return nil, call.CauseNone
	}
	d, err := l.dialogOf(m)
	if err != nil {
		return nil, call.CauseProtocolError
	}
	if l.state != legRinging {
		l.refuseFork(d) // another phone was first, or we had given up
		return nil, call.CauseNone
	}
	l.dlg = d
	l.d.calls.named(d.ID, l)
	l.state = legUp
	l.takes(m)
	l.follow()
	l.sendACK(d)
	body, ok := m.Part(sdp.ContentType)
	s, err := sdp.Parse(body)
	if !ok || err != nil || !l.takeAnswer(s) {
		l.sayBye(call.CauseBearerNotAvail)
		return nil, call.CauseBearerNotAvail
	}
	l.session = l.policy().Settle(m, l.askedSession())
	l.startSession()
	l.watchSound()
	return []call.Event{{Kind: call.EventAnswered, Formats: l.talk.Agreed()}}, call.CauseNone
}

// dialogOf is the dialog that a 2xx confirms; l.mu is held.
func (l *leg) dialogOf(m *sip.Message) (*dialog.Dialog, error) {
	if d := l.out.early[m.ToTag()]; d != nil {
		d.Confirm(m)
		return d, nil
	}
	return l.out.half.Answered(m)
}

// askedSession is how long a session our INVITE asks for, 0 for none.
func (l *leg) askedSession() time.Duration {
	if p := l.policy(); p.Originate {
		return max(p.Expires, l.out.least)
	}
	return l.out.least
}

// sendACK acknowledges a 2xx; l.mu is held.
func (l *leg) sendACK(d *dialog.Dialog) {
	b, _ := l.begin(d, sip.ACK)
	l.ack = b.End("", nil)
	l.resendACK()
}

func (l *leg) resendACK() {
	if l.ack == nil {
		return
	}
	if err := l.flow.Send(l.ack); err != nil {
		l.d.log.Debug("an ACK could not be sent", "to", l.flow, "why", err)
	}
}

// refuseFork ends the dialog of a phone that answered too late: an ACK, then a
// BYE (RFC 3261 section 13.2.2.4); l.mu is held.
func (l *leg) refuseFork(d *dialog.Dialog) {
	b, _ := l.begin(d, sip.ACK)
	if err := l.flow.Send(b.End("", nil)); err != nil {
		l.d.log.Debug("an ACK could not be sent", "to", l.flow, "why", err)
	}
	bye, branch := l.begin(d, sip.BYE)
	l.sendOwn(bye.End("", nil), branch, sip.BYE, ignore{})
}

// rejected takes a final refusal in; l.mu is held.
func (l *leg) rejected(m *sip.Message) ([]call.Event, call.Cause) {
	status := m.StatusCode()
	if l.state != legRinging {
		return nil, call.CauseNone
	}
	switch {
	case status == 401 || status == 407:
		if l.authorize(m) {
			return nil, call.CauseNone
		}
	case status == 422:
		if l.longer(m) {
			return nil, call.CauseNone
		}
	case status == 430 || status == 408:
		if l.anotherFlow() {
			return nil, call.CauseNone
		}
	case status >= 300 && status < 400:
		if to := l.forwardTo(m); to != "" {
			return []call.Event{{Kind: call.EventForwarded, Forward: to}}, call.CauseNone
		}
	}
	cause := q850.Reason(m)
	if cause == call.CauseNone {
		cause = q850.Of(status)
	}
	kind := call.EventCongestion
	if status == 486 || status == 600 || status == 603 {
		kind = call.EventBusy
	}
	l.ch.Log().Info("the phone refused the call", "status", status, "reason", m.Reason())
	return []call.Event{{Kind: kind, Cause: cause}}, cause
}

// authorize answers a challenge, once, and only to a server that we have an
// account with: a phone that asks us for our password gets none (security
// class 13). l.mu is held.
func (l *leg) authorize(m *sip.Message) bool {
	if l.out.proof[0] != "" {
		return false
	}
	id, value, err := proof(l.peer, m, sip.INVITE, l.out.half.Target)
	if err != nil {
		l.ch.Log().Warn("a challenge is left unanswered", "why", err)
		return false
	}
	l.out.proof = [2]string{id.String(), value}
	l.inviteAgain()
	return true
}

// longer asks again with the session timer that the other side insists on (RFC
// 4028 section 7.3); l.mu is held.
func (l *leg) longer(m *sip.Message) bool {
	least, ok := m.Number(sip.HeaderMinSE)
	if !ok || l.out.least > 0 || least == 0 || least > maxSession {
		return false
	}
	l.out.least = time.Duration(least) * time.Second
	l.inviteAgain()
	return true
}

// maxSession is the longest session that we let another insist on, in seconds.
const maxSession = 86400

// inviteAgain sends the INVITE again with the next number, and with what the other
// side wanted more; l.mu is held.
func (l *leg) inviteAgain() {
	l.dlg = l.out.half
	l.out.early = make(map[string]*dialog.Dialog)
	l.sendInvite(l.describe(l.point.told))
}

// forwardTo is the dial string of a 3xx: the user of its Contact in the account's
// context, or with promiscredir=yes whatever URI it names.
func (l *leg) forwardTo(m *sip.Message) string {
	c, err := m.Contact()
	if err != nil {
		return ""
	}
	u, err := c.URI()
	if err != nil {
		return ""
	}
	if l.peer.PromiscRedir {
		return "SIP/" + strings.TrimPrefix(c.Addr, "sip:")
	}
	user := u.Who()
	if user == "" {
		return ""
	}
	return "Local/" + user + "@" + l.peer.Context
}

// Failed is told when our INVITE came to nothing.
func (l *leg) Failed(c *transaction.Client, err error) {
	l.mu.Lock()
	mine := c == l.client && l.state != legGone
	again := mine && l.anotherFlow()
	l.mu.Unlock()
	if again {
		return
	}
	if !mine {
		return
	}
	l.ch.Log().Info("the phone did not answer the call", "why", err)
	l.ended(call.CauseNoUserResponse)
}

// giveUp cancels our INVITE; l.mu is held. A 2xx that crosses the CANCEL is
// acknowledged and ended, see accepted. A phone that another was quicker than is
// told so, as the original does: it lists no missed call.
func (l *leg) giveUp(cause call.Cause) {
	switch {
	case l.client == nil:
	case cause == call.CauseAnsweredElsewhere:
		l.client.Cancel([2]string{"Reason", `SIP;cause=200;text="Call completed elsewhere"`})
	default:
		l.client.Cancel()
	}
}
