package chansip

import (
	"context"
	"fmt"
	"strings"

	"obelus/call"
	"obelus/chansip/dialstring"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
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
		return target{peer: t.Account(p), number: t.Number, ways: ways}, nil
	}
	switch {
	case t.Host == "":
		return target{}, absent("the dial string names nobody")
	case strings.Trim(t.Host, "+*#0123456789") == "":
		return target{}, absent("Purely numeric hostname (%s), and not a peer--rejecting!", t.Host)
	}
	uri := t.HostURI()
	if t.Via != "" {
		return target{peer: t.Account(&set.General.Default), ways: []reach.Way{{URI: uri}}}, nil
	}
	ways, err := d.reach.Resolve(ctx, set, uri)
	if err != nil {
		return target{}, absent("No such host: %s: it is no account of sip.conf, and as a host: %v", t.Host, err)
	}
	return target{peer: t.Account(&set.General.Default), ways: ways}, nil
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
