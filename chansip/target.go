package chansip

import (
	"context"
	"fmt"
	"strings"

	"obelus/call"
	"obelus/chansip/dialstring"
	"obelus/chansip/identity"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/sip"
)

// target is who a dial string names.
type target struct {
	peer   *Peer
	number string // what is dialled at a trunk, "" for the account itself
	ways   []reach.Way
	to     string // of To, "" for where the call goes
}

func absent(format string, args ...any) error {
	return &call.DialError{Cause: call.CauseSubscriberAbsent, Text: fmt.Sprintf(format, args...)}
}

// target finds whom a dial string names: an account, or a host.
func (d *Driver) target(ctx context.Context, set *Settings, s string) (target, error) {
	t := dialstring.Parse(s)
	if t.Odd != "" {
		d.log.Warn(t.Odd)
	}
	to, err := d.named(ctx, set, &t)
	if err != nil {
		return target{}, err
	}
	to.to = t.To
	return to, d.via(ctx, set, &t, &to)
}

// named finds the account or the host of a dial string.
func (d *Driver) named(ctx context.Context, set *Settings, t *dialstring.Target) (target, error) {
	if p := set.Peer(t.Host); p != nil && p.Type&sipconf.TypePeer != 0 {
		ways := d.ways(p)
		if len(ways) == 0 && t.Via == "" {
			return target{}, absent("SIP/%s is not registered, or does not answer", p.Name)
		}
		return target{peer: changed(p, t), number: t.Number, ways: ways}, nil
	}
	switch {
	case t.Host == "":
		return target{}, absent("the dial string names nobody")
	case strings.Trim(t.Host, "+*#0123456789") == "":
		return target{}, absent("Purely numeric hostname (%s), and not a peer--rejecting!", t.Host)
	}
	uri := "sip:" + t.Host
	if t.Number != "" {
		uri = "sip:" + string(sip.AppendEscapedUser(nil, t.Number)) + "@" + t.Host
	}
	if t.Transport.Reliable() {
		uri += ";transport=" + t.Transport.Param()
	}
	if t.Via != "" {
		return target{peer: changed(&set.General.Default, t), ways: []reach.Way{{URI: uri}}}, nil
	}
	ways, err := d.reach.Resolve(ctx, set, uri)
	if err != nil {
		return target{}, absent("No such host: %s: it is no account of sip.conf, and as a host: %v", t.Host, err)
	}
	return target{peer: changed(&set.General.Default, t), ways: ways}, nil
}

// via has the call go where the third part of a dial string says.
func (d *Driver) via(ctx context.Context, set *Settings, t *dialstring.Target, to *target) error {
	if t.Via == "" {
		return nil
	}
	ways, err := d.reach.Resolve(ctx, set, "sip:"+t.Via)
	if err != nil {
		return absent("No such host: %s: %v", t.Via, err)
	}
	way := reach.Way{URI: "sip:" + t.Host, Flow: ways[0].Flow} // of an account that is nowhere else
	if len(to.ways) > 0 {
		way.URI = to.ways[0].URI
	}
	to.ways = []reach.Way{way}
	return nil
}

// changed is an account with what a dial string says instead.
func changed(p *Peer, t *dialstring.Target) *Peer {
	if !t.Proves() && t.FromUser == "" && t.FromDomain == "" {
		return p
	}
	own := p.Clone()
	if t.Proves() {
		own.Secret, own.RemoteSecret, own.MD5Secret, own.Username = t.Secret, "", t.MD5Secret, t.AuthUser
		if own.Username == "" {
			own.Username = t.Number
		}
	}
	if t.FromUser != "" {
		own.FromUser = t.FromUser
	}
	if t.FromDomain != "" {
		own.FromDomain = t.FromDomain
	}
	return &own
}

// uri is where a call to a target goes, by one of its ways.
func (t *target) uri(way string) string {
	if t.number != "" {
		way = withUser(way, t.number)
	}
	if t.peer.UserEqPhone {
		way = phoneURI(way)
	}
	return way
}

// toHeader is the To of a call that goes to a URI.
func (t *target) toHeader(uri string) string {
	switch {
	case t.to == "":
		return "<" + uri + ">"
	case strings.Contains(t.to, "@"):
		return "<sip:" + t.to + ">"
	}
	return "<" + withUser(uri, t.to) + ">"
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

// phoneURI says of a URI whose user is a telephone number that it is one (RFC 3261
// section 19.1.1), as usereqphone=yes wants it.
func phoneURI(uri string) string {
	u, err := sip.ParseURI(uri)
	if err != nil || !u.IsSIP() || !identity.Phone(u.UserName()) || u.Params.Has("user") {
		return uri
	}
	return uri + ";user=phone"
}
