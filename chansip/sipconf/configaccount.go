package sipconf

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"strings"
	"time"

	"obelus/acl"
	"obelus/call"
	"obelus/sip/transport"
)

// accountOptions are those of accounts. Some may stand in [general], for all.
func accountOptions() map[string]option {
	out := identityOptions()
	for _, more := range []map[string]option{placeOptions(), allowOptions(), timeOptions(), mediaOptions(), lampOptions()} {
		maps.Copy(out, more)
	}
	return out
}

// identityOptions say who an account is, and where its calls begin.
func identityOptions() map[string]option {
	text := func(at func(*Peer) *string) option { return ofAccount(parseText, at) }
	one := func(at func(*Peer) *string) option { return text(at).ofOne() }
	return map[string]option{
		"type":                      {account: func(*Peer, string) error { return nil }, alone: true}, // read beforehand
		"secret":                    one(func(p *Peer) *string { return &p.Secret }),
		"md5secret":                 one(func(p *Peer) *string { return &p.MD5Secret }),
		"auth":                      credentialOption(),
		"remotesecret":              text(func(p *Peer) *string { return &p.RemoteSecret }),
		"defaultuser":               one(func(p *Peer) *string { return &p.Username }),
		"description":               one(func(p *Peer) *string { return &p.Description }),
		"context":                   ofBoth(parseText, func(g *General) *string { return &g.Context }, func(p *Peer) *string { return &p.Context }),
		"subscribecontext":          text(func(p *Peer) *string { return &p.SubscribeContext }).everywhere(),
		"outofcall_message_context": text(func(p *Peer) *string { return &p.MessageContext }).everywhere(),
		"message_context":           text(func(p *Peer) *string { return &p.MessageContext }).everywhere(), // ours, shorter
		"accept_outofcall_message":  ofAccount(parseYesNo, func(p *Peer) *bool { return &p.AcceptMessages }).everywhere(),
		"store_messages":            ofAccount(parseYesNo, func(p *Peer) *bool { return &p.StoreMessages }).everywhere(),
		"message_expiry":            ofAccount(parseSpan, func(p *Peer) *time.Duration { return &p.MessageExpiry }).everywhere(),
		"max_stored_messages":       ofAccount(number(0, noLimit), func(p *Peer) *int { return &p.MaxStored }).everywhere(),
		"regexten":                  text(func(p *Peer) *string { return &p.Exten }),
		"callbackextension":         text(func(p *Peer) *string { return &p.Callback }),
		"fromuser":                  text(func(p *Peer) *string { return &p.FromUser }),
		"fromdomain":                ofEach(parseText, func(g *General) *string { return &g.FromDomain }, func(p *Peer) *string { return &p.FromDomain }),
		"tonezone":                  text(func(p *Peer) *string { return &p.ToneZone }).everywhere(),
		"language":                  text(func(p *Peer) *string { return &p.Language }).everywhere(),
		"mohinterpret":              text(func(p *Peer) *string { return &p.Music }).everywhere(),
		"mohsuggest":                text(func(p *Peer) *string { return &p.MusicSuggest }).everywhere(),
		"accountcode":               one(func(p *Peer) *string { return &p.Account }),
		"amaflags":                  ofAccount(parseAMA, func(p *Peer) *int { return &p.AMAFlags }),
		"callerid":                  {general: setGeneralCallerID, account: setCallerID, alone: true},
		"cid_number":                one(func(p *Peer) *string { return &p.CallerID.Number }),
		"fullname":                  one(func(p *Peer) *string { return &p.CallerID.Name }),
		"trunkname":                 {account: func(p *Peer, _ string) error { p.CallerID.Name = ""; return nil }, alone: true},
		"cid_tag":                   one(func(p *Peer) *string { return &p.CallerID.Tag }),
		"callingpres":               ofAccount(parsePres, func(p *Peer) *call.Presentation { return &p.CIDPres }),
		"setvar":                    {account: addVar, alone: true},
	}
}

// placeOptions say where an account is.
func placeOptions() map[string]option {
	return map[string]option{
		"host": {account: setHost, alone: true},
		"port": {
			general: setting(parsePort, func(g *General) *uint16 { return &g.BindPort }), // of old files
			account: setting(parsePort, func(p *Peer) *uint16 { return &p.Port }),
			alone:   true,
		},
		"defaultip":     ofAccount(parseAddr, func(p *Peer) *netip.Addr { return &p.DefaultAddr }),
		"transport":     ofAccount(parseTransports, func(p *Peer) *[]transport.Transport { return &p.Transports }).everywhere(),
		"outboundproxy": ofAccount(parseText, func(p *Peer) *string { return &p.OutboundProxy }).everywhere(),
		"nat":           ofAccount(parseNAT, func(p *Peer) *NAT { return &p.NAT }).everywhere(),
		"keepalive":     ofAccount(parseKeepalive, func(p *Peer) *time.Duration { return &p.Keepalive }).everywhere(),
		"qualify":       ofAccount(parseQualify, func(p *Peer) *time.Duration { return &p.Qualify }).everywhere(),
		"qualifyfreq": ofEach(units(time.Second, 1),
			func(g *General) *time.Duration { return &g.QualifyFreq }, func(p *Peer) *time.Duration { return &p.QualifyFreq }),
		"supportpath":  ofAccount(parseYesNo, func(p *Peer) *bool { return &p.SupportPath }).everywhere(),
		"max_contacts": ofAccount(number(1, 1000), func(p *Peer) *int { return &p.MaxContacts }).everywhere(),
	}
}

// allowOptions say what an account may do.
func allowOptions() map[string]option {
	flag := func(at func(*Peer) *bool) option { return ofAccount(parseYesNo, at) }
	return map[string]option{
		"insecure":          ofAccount(parseInsecure, func(p *Peer) *Insecure { return &p.Insecure }).everywhere(),
		"permit":            aclOption(true, func(p *Peer) *acl.List { return &p.ACL }),
		"deny":              aclOption(false, func(p *Peer) *acl.List { return &p.ACL }),
		"contactpermit":     aclOption(true, func(p *Peer) *acl.List { return &p.ContactACL }).everywhere(),
		"contactdeny":       aclOption(false, func(p *Peer) *acl.List { return &p.ContactACL }).everywhere(),
		"directmediapermit": aclOption(true, func(p *Peer) *acl.List { return &p.DirectACL }).everywhere(),
		"directmediadeny":   aclOption(false, func(p *Peer) *acl.List { return &p.DirectACL }).everywhere(),
		"callgroup":         ofAccount(parseGroups, func(p *Peer) *uint64 { return &p.Groups.Call }),
		"pickupgroup":       ofAccount(parseGroups, func(p *Peer) *uint64 { return &p.Groups.Pickup }),
		"namedcallgroup":    ofAccount(parseNames, func(p *Peer) *[]string { return &p.Groups.NamedCall }),
		"namedpickupgroup":  ofAccount(parseNames, func(p *Peer) *[]string { return &p.Groups.NamedPickup }),
		"call-limit":        ofAccount(number(0, noLimit), func(p *Peer) *int { return &p.CallLimit }),
		"busylevel":         ofAccount(number(0, noLimit), func(p *Peer) *int { return &p.BusyLevel }),
		"allowtransfer": ofBoth(parseYesNo,
			func(g *General) *bool { return &g.AllowTransfer }, func(p *Peer) *bool { return &p.AllowTransfer }),
		"allowsubscribe": ofBoth(parseYesNo,
			func(g *General) *bool { return &g.AllowSubscribe }, func(p *Peer) *bool { return &p.AllowSubscribe }),
		"allowoverlap": ofBoth(parseOverlap,
			func(g *General) *bool { return &g.AllowOverlap }, func(p *Peer) *bool { return &p.AllowOverlap }),
		"trustrpid":         flag(func(p *Peer) *bool { return &p.TrustRPID }).everywhere(),
		"sendrpid":          ofAccount(parseSendRPID, func(p *Peer) *string { return &p.SendRPID }).everywhere(),
		"trust_id_outbound": ofAccount(parseTrustID, func(p *Peer) *TrustID { return &p.TrustID }).everywhere(),
		"use_q850_reason":   flag(func(p *Peer) *bool { return &p.UseQ850 }).everywhere(),
		"promiscredir":      flag(func(p *Peer) *bool { return &p.PromiscRedir }).everywhere(),
		"usereqphone":       flag(func(p *Peer) *bool { return &p.UserEqPhone }).everywhere(),
		"progressinband":    ofAccount(parseInband, func(p *Peer) *string { return &p.ProgressInband }).everywhere(),
	}
}

// timeOptions are an account's timers.
func timeOptions() map[string]option {
	seconds := func(low int, at func(*Peer) *time.Duration) option {
		return ofAccount(units(time.Second, low), at).everywhere()
	}
	return map[string]option{
		"timert1":           ofAccount(units(time.Millisecond, 1), func(p *Peer) *time.Duration { return &p.T1 }).everywhere(),
		"timerb":            ofAccount(units(time.Millisecond, 200), func(p *Peer) *time.Duration { return &p.TimerB }).everywhere(),
		"session-timers":    ofAccount(parseTimersMode, func(p *Peer) *string { return &p.Timers.Mode }).everywhere(),
		"session-refresher": ofAccount(parseRefresher, func(p *Peer) *bool { return &p.Timers.RefresherUAC }).everywhere(),
		"session-expires":   seconds(90, func(p *Peer) *time.Duration { return &p.Timers.Expires }),
		"session-minse":     seconds(90, func(p *Peer) *time.Duration { return &p.Timers.Min }), // RFC 4028 section 5
		"maxforwards":       ofAccount(number(1, 255), func(p *Peer) *int { return &p.MaxForwards }).everywhere(),
		"rtptimeout":        seconds(0, func(p *Peer) *time.Duration { return &p.RTPTimeout }),
		"rtpholdtimeout":    seconds(0, func(p *Peer) *time.Duration { return &p.RTPHoldTimeout }),
		"rtpkeepalive":      seconds(0, func(p *Peer) *time.Duration { return &p.RTPKeepalive }),
	}
}

// mediaOptions say what an account's calls carry, and how.
func mediaOptions() map[string]option {
	flag := func(at func(*Peer) *bool) option { return ofAccount(parseYesNo, at).everywhere() }
	return map[string]option{
		"allow":             codecOption(true),
		"disallow":          codecOption(false),
		"encryption":        ofAccount(parseEncryption, func(p *Peer) *Encryption { return &p.Encryption }).everywhere(),
		"encryption_taglen": ofAccount(parseTagLen, func(p *Peer) *bool { return &p.ShortTag }).everywhere(),
		"dtmfmode":          ofAccount(ParseDTMF, func(p *Peer) *DTMFMode { return &p.DTMF }).everywhere(),
		// rfc2833compensate is for phones whose events have no sense of time.
		"rfc2833compensate":    flag(func(p *Peer) *bool { return &p.CompensateDTMF }),
		"videosupport":         {both: true, account: setVideo},
		"textsupport":          flag(func(p *Peer) *bool { return &p.Text }),
		"directmedia":          ofAccount(parseDirect, func(p *Peer) *DirectMedia { return &p.Direct }).everywhere(),
		"maxcallbitrate":       ofAccount(number(0, noLimit), func(p *Peer) *int { return &p.MaxBitrate }).everywhere(),
		"preferred_codec_only": flag(func(p *Peer) *bool { return &p.PreferredOnly }),
		"autoframing":          flag(func(p *Peer) *bool { return &p.AutoFraming }),
		"g726nonstandard":      flag(func(p *Peer) *bool { return &p.G726NonStandard }),
		"avpf":                 flag(func(p *Peer) *bool { return &p.AVPF }),
		"t38pt_udptl":          {both: true, account: setT38},
		"ignoresdpversion":     flag(func(p *Peer) *bool { return &p.IgnoreSDPVersion }).notYet("every offer is read, whatever its version").unless(func(v string) bool { return v == "" || yesNo(v) }),
		"rtcp_mux":             flag(func(p *Peer) *bool { return &p.RTCPMux }),
	}
}

// namedOptions are those that name lists of acl.conf.
func namedOptions(lists acl.Named) map[string]option {
	named := func(at func(*namedLists) *acl.List) option {
		return option{account: func(p *Peer, v string) error {
			l, unknown := lists.Of(v)
			*at(&p.named) = at(&p.named).And(l)
			if len(unknown) > 0 {
				return partly{what: "acl.conf has no list " + strings.Join(unknown, ", "), used: "nobody passes, as in the original"}
			}
			return nil
		}}
	}
	return map[string]option{
		"acl":            named(func(n *namedLists) *acl.List { return &n.acl }),
		"contactacl":     named(func(n *namedLists) *acl.List { return &n.contact }).everywhere(),
		"directmediaacl": named(func(n *namedLists) *acl.List { return &n.direct }).everywhere(),
	}
}

// aclOption adds to a list of networks.
func aclOption(permit bool, at func(*Peer) *acl.List) option {
	return option{account: func(p *Peer, v string) error {
		a, err := at(p).Add(permit, v)
		*at(p) = a
		if err != nil {
			return partly{what: err.Error(), used: "the line counts up to there, as in the original: see who is let in now"}
		}
		return nil
	}}
}

func codecOption(add bool) option {
	return option{both: true, account: func(p *Peer, v string) error {
		l, err := codecList{p.Formats, p.Ptime}.change(add, v)
		p.Formats, p.Ptime = l.formats, l.ptime
		return err
	}}
}

func setHost(p *Peer, v string) error {
	p.Host = strings.TrimSpace(v)
	p.Dynamic = strings.EqualFold(p.Host, "dynamic")
	if p.Host == "" {
		return errors.New("it names no host")
	}
	return nil
}

func setCallerID(p *Peer, v string) error {
	tag := p.CallerID.Tag
	p.CallerID = parseCallerID(v)
	p.CallerID.Tag = tag
	return nil
}

// setGeneralCallerID reads the caller ID of calls that have none: it stands in
// the user part of From, so that the number is taken where there is one.
func setGeneralCallerID(g *General, v string) error {
	c := parseCallerID(v)
	if g.CallerID = c.Number; c.Number == "" {
		g.CallerID = c.Name
	}
	return nil
}

// addVar reads setvar=name=value.
func addVar(p *Peer, v string) error {
	name, value, ok := strings.Cut(v, "=")
	if name = strings.TrimSpace(name); !ok || name == "" {
		return errors.New("it is not of the form name=value")
	}
	p.Vars = append(p.Vars[:len(p.Vars):len(p.Vars)], Var{name, strings.TrimSpace(value)})
	return nil
}

// parseOverlap reads allowoverlap=: yes, no, dtmf.
func parseOverlap(v string) (bool, error) {
	if strings.EqualFold(strings.TrimSpace(v), "dtmf") {
		return false, partly{what: "dtmf is not supported yet", used: "it means no: a number must be dialled at once"}
	}
	return parseYesNo(v)
}

// setVideo reads videosupport=: yes, no, always.
func setVideo(p *Peer, v string) error {
	if strings.EqualFold(strings.TrimSpace(v), "always") {
		p.Video, p.VideoAlways = true, true
		return nil
	}
	yes, err := parseYesNo(v)
	if used(err) {
		p.Video, p.VideoAlways = yes, false
	}
	return err
}

// setT38 reads t38pt_udptl=: yes or no, then fec, redundancy or none, then
// maxdatagram=bytes, with commas between them. yes alone is with fec, as in the
// original.
func setT38(p *Peer, v string) error {
	var t T38
	var unknown []string
	for i, word := range strings.Split(v, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		size, sized := strings.CutPrefix(word, "maxdatagram=")
		switch {
		case sized:
			n, err := number(1, 65535)(size)
			if !used(err) {
				return fmt.Errorf("maxdatagram: %w", err)
			}
			t.MaxDatagram = n
		case word == "fec":
			t.On, t.Correction = true, CorrectFEC
		case word == "redundancy":
			t.On, t.Correction = true, CorrectRedundancy
		case word == "none":
			t.On, t.Correction = true, CorrectNot
		case i == 0 && yesNo(word):
			t.On, t.Correction = true, CorrectFEC
		case i == 0 && (saysNo(word) || word == ""):
		default:
			unknown = append(unknown, word)
		}
	}
	p.T38 = t
	if unknown != nil {
		return partly{what: fmt.Sprintf("%q is not known: write yes, fec, redundancy, none, maxdatagram=bytes", strings.Join(unknown, ",")), used: "the rest is used"}
	}
	return nil
}
