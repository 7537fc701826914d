package chansip

import (
	"context"
	"fmt"
	"slices"
	"time"

	"obelus/call"
	"obelus/chansip/credential"
	"obelus/chansip/dialstring"
	"obelus/chansip/identity"
	"obelus/chansip/lines"
	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/talk"
	"obelus/sip"
	"obelus/sip/dialog"
	"obelus/sip/sdp"
)

// outgoing is what a call out began with, and what it may need again.
type outgoing struct {
	q      call.Request
	uri    string
	half   *dialog.Dialog // before anybody has answered
	early  map[string]*dialog.Dialog
	more   []reach.Way       // other flows to the same phone, not tried yet
	proofs credential.Proofs // the answers to challenges
	is     call.Party        // who has been reached, once somebody has
	least  time.Duration     // the session that the other side insists on, once it has
}

// forks are the names of the dialogs that 1xx have opened.
func (o *outgoing) forks() []dialog.ID {
	var out []dialog.ID
	for _, d := range o.early {
		out = append(out, d.ID)
	}
	return out
}

// Dial calls SIP/target, see [dialstring.Parse]. An account with several phones gives
// several channels.
func (d *Driver) Dial(ctx context.Context, q call.Request) ([]*call.Channel, error) {
	set := d.settings.Load()
	to, err := d.target(ctx, set, q.Target)
	if err != nil {
		return nil, err
	}
	if p := to.peer; p.CallLimit > 0 && d.calls.count(p.Name) >= p.CallLimit {
		return nil, d.tooMany(p)
	}
	var channels []*call.Channel
	var failure error
	for i, w := range to.ways {
		limit := to.peer.CallLimit
		if i > 0 {
			limit = 0 // one call, however many phones it rings
		}
		ch, err := d.dialOne(set, to, w, q, limit)
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

// tooMany refuses a call to an account that has as many as call-limit lets it. As in
// the original busylevel refuses none: it is for those who ask how the account is.
func (d *Driver) tooMany(p *Peer) error {
	d.log.Warn(fmt.Sprintf("Call to peer '%s' rejected due to usage limit of %d", p.Name, p.CallLimit))
	return &call.DialError{Cause: call.CauseUserBusy, Text: fmt.Sprintf("SIP/%s has as many calls as it may", p.Name)}
}

// dialOne calls one phone, unless its account has as many calls as limit, 0 for none.
func (d *Driver) dialOne(set *Settings, to target, w reach.Way, q call.Request, limit int) (*call.Channel, error) {
	l := &leg{d: d, set: set, peer: to.peer, name: to.peer.Name, flow: w.Flow, atSource: to.peer.NAT.ForceRport || to.peer.OutboundProxy != "",
		out: &outgoing{q: q, uri: dialstring.URI(to.peer, w.URI, to.number), more: slices.Clone(w.Others), early: make(map[string]*dialog.Dialog)}}
	for i := range l.out.more {
		l.out.more[i].URI = dialstring.URI(to.peer, l.out.more[i].URI, to.number)
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
	l.out.half = dialog.Begin(d.where.NewCallID(&set.General, l.flow), outside.NewTag(), from, dialstring.To(to.to, l.out.uri), l.out.uri)
	l.out.half.Routes = w.Routes
	l.dlg = l.out.half
	if !d.calls.add(l, limit) {
		l.talk.Session().Close()
		return nil, d.tooMany(l.peer)
	}
	l.ch = d.cfg.Registry.New(call.Spec{
		Name: d.channelName(l.account(w)), Leg: l, State: call.StateDialing, Requestor: q.From, Identity: q.Called(),
		Place: call.Place{Context: l.peer.Context}, Language: l.peer.Language, Music: l.peer.Music, Account: l.peer.Account,
		AMAFlags: l.peer.AMAFlags, Groups: l.peer.Groups, Vars: q.Vars,
	})
	l.ch.SetToneZone(l.peer.ToneZone)
	for _, v := range l.peer.Vars {
		l.ch.Vars.Set(v.Name, v.Value)
	}
	l.told.Store(l.ch)
	l.line.Of(lines.Call{Channel: l.ch, Caller: q.Identity.Caller})
	if q.Inbox != nil {
		l.ch.Listen(q.Inbox)
	}
	l.ch.Vars.Set("SIPCALLID", l.dlg.CallID)
	l.ch.SetStep(l.ch.Place(), "AppDial", "(Outgoing Line)") // what the original shows of a called phone
	q.Begin(l.ch, func() {
		l.mu.Lock()
		l.only(l.codecsOf("SIP_CODEC_OUTBOUND"))
		l.point.told = l.earlyCaller(&q)
		l.sendInvite(l.describe(l.point.told))
		l.mu.Unlock()
	})
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

// callerUser is the user part that a caller is shown by.
func (l *leg) callerUser(p call.Party) string { return identity.User(&l.set.General, l.peer, p) }

// callerHeader is the From of a call out.
func (l *leg) callerHeader(p call.Party) string {
	return identity.From(l.peer, p, l.d.where.URI(&l.set.General, l.peer, l.flow, l.callerUser(p))).String()
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
	l.out.proofs.Write(&b)
	l.addIdentity(&b, l.out.q.Identity.Caller, identity.Calling)
	l.addDiversion(&b)
	identity.Add(&b, l.ch)
	l.inviteSeq = l.out.half.LocalSeq()
	l.client = l.sendOwn(b.End(sdp.ContentType, offer.Append(nil)), branch, sip.INVITE, l)
}

// addIdentity adds what sendrpid= and send_diversion= ask for; l.mu is held.
func (l *leg) addIdentity(b *sip.Builder, p call.Party, role identity.Role) {
	host := l.peer.FromDomain
	if host == "" {
		host = l.d.where.Host(&l.set.General, l.flow)
	}
	identity.Assert(b, l.peer, p, host, role)
}

// addDiversion says who has sent the call on that we make, if anybody; l.mu is held.
func (l *leg) addDiversion(b *sip.Builder) {
	if l.set.General.SendDiversion {
		id := &l.out.q.Identity
		identity.Divert(b, id.Redirecting, id.RedirectReason, l.d.where.Host(&l.set.General, l.flow))
	}
}

// addConnected says to who calls whom he has reached, where sendrpid= asks for it; l.mu
// is held.
func (l *leg) addConnected(b *sip.Builder) {
	if l.peer.SendRPID != "no" && l.ch != nil {
		l.addIdentity(b, l.ch.Identity().Connected, identity.Called)
	}
}

// reached tells the channel that calls whom it has reached: what the phone says of
// itself where trustrpid=yes, else callerid= of its account, else what was dialled.
func (l *leg) reached(m *sip.Message) {
	from := l.out.q.From
	if from == nil {
		return
	}
	if p, told := identity.Asserted(m); told && l.peer.TrustRPID {
		l.out.is = p
	} else if l.out.is.Number == "" {
		if l.out.is = l.peer.CallerID; l.out.is.Number == "" {
			l.out.is.Number = from.Identity().DNID
		}
	}
	is := l.out.is
	from.ChangeIdentity(func(id *call.Identity) { id.Connected = is })
}
