package chansip

import (
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// Shorthands for what most options do.
func gBool(at func(*General) *bool) option {
	return option{general: func(g *General, v string) error { *at(g) = yesNo(v); return nil }}
}

func gText(at func(*General) *string) option {
	return option{general: func(g *General, v string) error { *at(g) = v; return nil }}
}

func gTime(unit time.Duration, at func(*General) *time.Duration) option {
	return option{general: func(g *General, v string) (err error) {
		d, err := parseTime(v, unit)
		if err == nil {
			*at(g) = d
		}
		return err
	}}
}

func gInt(at func(*General) *int) option {
	return option{general: func(g *General, v string) error {
		n, err := parseNumber(v, 0, 1<<31-1)
		if err == nil {
			*at(g) = n
		}
		return err
	}}
}

func pBool(at func(*Peer) *bool) option {
	return option{peer: func(p *Peer, v string) error { *at(p) = yesNo(v); return nil }}
}

func pText(at func(*Peer) *string) option {
	return option{peer: func(p *Peer, v string) error { *at(p) = v; return nil }}
}

func pTime(unit time.Duration, at func(*Peer) *time.Duration) option {
	return option{peer: func(p *Peer, v string) error {
		d, err := parseTime(v, unit)
		if err == nil {
			*at(p) = d
		}
		return err
	}}
}

func pInt(at func(*Peer) *int) option {
	return option{peer: func(p *Peer, v string) error {
		n, err := parseNumber(v, 0, 1<<31-1)
		if err == nil {
			*at(p) = n
		}
		return err
	}}
}

// parsed sets what a function of the value gives.
func parsed[T any](parse func(string) (T, error), at func(*Peer) *T) option {
	return option{peer: func(p *Peer, v string) error {
		x, err := parse(v)
		if err == nil {
			*at(p) = x
		}
		return err
	}}
}

func later(instead string) option { return option{later: instead} }

// options are the settings of sip.conf by name. Names of old versions that work
// in the original work here.
func options() map[string]option {
	o := accountOptions()
	for name, x := range generalOptions() {
		o[name] = x
	}
	for name, x := range laterOptions() {
		o[name] = x
	}
	for old, is := range map[string]string{
		"username": "defaultuser", "canreinvite": "directmedia", "reinvite": "directmedia", "externip": "externaddr",
		"defaultexpirey": "defaultexpiry", "maxexpirey": "maxexpiry", "call_limit": "call-limit", "dtmf": "dtmfmode",
		"musiconhold": "mohinterpret", "musicclass": "mohinterpret", "bindaddr": "udpbindaddr", "outofcall_message_contexts": "outofcall_message_context",
		"message_context": "outofcall_message_context", "incominglimit": "call-limit",
	} {
		o[old] = o[is]
	}
	return o
}

func accountOptions() map[string]option {
	acl := func(permit bool, at func(*Peer) *ACL) option {
		return option{peer: func(p *Peer, v string) error {
			a, err := parseACL(*at(p), permit, v)
			*at(p) = a
			return err
		}}
	}
	allow := func(add bool) option {
		return option{peer: func(p *Peer, v string) (err error) {
			p.Formats, p.Ptime, err = parseAllow(p.Formats, p.Ptime, add, v)
			return err
		}}
	}
	return map[string]option{
		"secret": pText(func(p *Peer) *string { return &p.Secret }), "md5secret": pText(func(p *Peer) *string { return &p.MD5Secret }),
		"remotesecret": pText(func(p *Peer) *string { return &p.RemoteSecret }), "context": {general: func(g *General, v string) error { g.Context = v; return nil }, peer: func(p *Peer, v string) error { p.Context = v; return nil }},
		"defaultuser": pText(func(p *Peer) *string { return &p.Username }), "authuser": pText(func(p *Peer) *string { return &p.AuthUser }),
		"description": pText(func(p *Peer) *string { return &p.Description }), "subscribecontext": pText(func(p *Peer) *string { return &p.SubscribeContext }),
		"outofcall_message_context": pText(func(p *Peer) *string { return &p.MessageContext }),
		"accept_outofcall_message":  pBool(func(p *Peer) *bool { return &p.AcceptMessages }),
		"regexten":                  pText(func(p *Peer) *string { return &p.Exten }), "fromuser": pText(func(p *Peer) *string { return &p.FromUser }),
		"fromdomain": {
			general: func(g *General, v string) error { g.FromDomain = v; return nil },
			peer:    func(p *Peer, v string) error { p.FromDomain = v; return nil },
		},
		"language": pText(func(p *Peer) *string { return &p.Language }), "mohinterpret": pText(func(p *Peer) *string { return &p.Music }),
		"mohsuggest": pText(func(p *Peer) *string { return &p.MusicSuggest }), "accountcode": pText(func(p *Peer) *string { return &p.Account }),
		"host": {peer: setHost}, "port": {peer: setPort}, "bindport": {general: func(g *General, v string) error { return setPort(&g.Default, v) }},
		"defaultip": {peer: func(p *Peer, v string) error {
			a, err := netip.ParseAddr(v)
			p.DefaultAddr = a
			return err
		}},
		"transport": {peer: func(p *Peer, v string) error {
			t, err := parseTransports(v)
			if err == nil {
				p.Transports = t
			}
			return err
		}},
		"allow": allow(true), "disallow": allow(false), "dtmfmode": parsed(parseDTMF, func(p *Peer) *DTMFMode { return &p.DTMF }),
		"nat": parsed(parseNAT, func(p *Peer) *NAT { return &p.NAT }), "insecure": parsed(parseInsecure, func(p *Peer) *Insecure { return &p.Insecure }),
		"permit": acl(true, func(p *Peer) *ACL { return &p.ACL }), "deny": acl(false, func(p *Peer) *ACL { return &p.ACL }),
		"contactpermit": acl(true, func(p *Peer) *ACL { return &p.ContactACL }), "contactdeny": acl(false, func(p *Peer) *ACL { return &p.ContactACL }),
		"qualify": {peer: setQualify}, "qualifyfreq": {
			general: func(g *General, v string) (err error) { g.QualifyFreq, err = parseTime(v, time.Second); return err },
			peer:    func(p *Peer, v string) (err error) { p.QualifyFreq, err = parseTime(v, time.Second); return err },
		},
		"keepalive": {peer: setKeepalive}, "outboundproxy": pText(func(p *Peer) *string { return &p.OutboundProxy }),
		"max_contacts": pInt(func(p *Peer) *int { return &p.MaxContacts }), "call-limit": pInt(func(p *Peer) *int { return &p.CallLimit }),
		"busylevel": pInt(func(p *Peer) *int { return &p.BusyLevel }), "maxcallbitrate": pInt(func(p *Peer) *int { return &p.MaxBitrate }),
		"maxforwards": pInt(func(p *Peer) *int { return &p.MaxForwards }), "allowtransfer": pBool(func(p *Peer) *bool { return &p.AllowTransfer }),
		"allowsubscribe": {general: func(g *General, v string) error { g.AllowSubscribe = yesNo(v); return nil }, peer: func(p *Peer, v string) error { p.AllowSubscribe = yesNo(v); return nil }},
		"allowoverlap":   {peer: func(p *Peer, v string) error { p.AllowOverlap = yesNo(v); return nil }},
		"trustrpid":      pBool(func(p *Peer) *bool { return &p.TrustRPID }), "promiscredir": pBool(func(p *Peer) *bool { return &p.PromiscRedir }),
		"videosupport": pBool(func(p *Peer) *bool { return &p.Video }), "textsupport": pBool(func(p *Peer) *bool { return &p.Text }),
		"sendrpid": {peer: func(p *Peer, v string) error {
			switch v = strings.ToLower(v); v {
			case "pai", "rpid", "no":
				p.SendRPID = v
			default:
				p.SendRPID = "no"
				if yesNo(v) {
					p.SendRPID = "rpid"
				}
			}
			return nil
		}},
		"callerid":    {general: setGeneralCallerID, peer: func(p *Peer, v string) error { p.CallerID = parseCallerID(v); return nil }},
		"cid_number":  {peer: func(p *Peer, v string) error { p.CallerID.Number = v; return nil }},
		"fullname":    {peer: func(p *Peer, v string) error { p.CallerID.Name = v; return nil }},
		"callingpres": {peer: setPres},
		"setvar":      {peer: setVar}, "mailbox": {peer: func(p *Peer, v string) error { p.Mailboxes = strings.Split(v, ","); return nil }},
		"amaflags": {peer: func(*Peer, string) error { return nil }, later: "call records are not written yet"},
		"timert1":  pTime(time.Millisecond, func(p *Peer) *time.Duration { return &p.T1 }), "timerb": pTime(time.Millisecond, func(p *Peer) *time.Duration { return &p.TimerB }),
		"session-timers": {peer: func(p *Peer, v string) error {
			switch v = strings.ToLower(strings.TrimSpace(v)); v {
			case "accept", "originate", "refuse":
				p.Timers.Mode = v
				return nil
			}
			return fmt.Errorf("%q is not one of accept, originate, refuse", v)
		}},
		"session-expires":   pTime(time.Second, func(p *Peer) *time.Duration { return &p.Timers.Expires }),
		"session-minse":     {peer: setMinSE},
		"session-refresher": {peer: func(p *Peer, v string) error { p.Timers.RefresherUAC = strings.EqualFold(v, "uac"); return nil }},
	}
}

func setHost(p *Peer, v string) error {
	v = strings.TrimSpace(v)
	p.Dynamic = strings.EqualFold(v, "dynamic")
	p.Host = v
	return nil
}

func setPort(p *Peer, v string) error {
	n, err := parseNumber(v, 1, 65535)
	if err == nil {
		p.Port = uint16(n)
	}
	return err
}

// setKeepalive reads yes (a minute), no, or seconds.
func setKeepalive(p *Peer, v string) error {
	n, err := parseNumber(v, 0, 1<<31-1)
	if err != nil {
		n = 0
		if yesNo(v) {
			n = 60
		}
	}
	p.Keepalive = time.Duration(n) * time.Second
	return nil
}

// setQualify reads yes (two seconds), no, or milliseconds.
func setQualify(p *Peer, v string) error {
	switch {
	case yesNo(v) && strings.TrimSpace(v) != "1":
		p.Qualify = 2 * time.Second
	case strings.EqualFold(strings.TrimSpace(v), "no"):
		p.Qualify = 0
	default:
		d, err := parseTime(v, time.Millisecond)
		if err != nil {
			return fmt.Errorf("qualify is yes, no or milliseconds")
		}
		p.Qualify = d
	}
	return nil
}

func setGeneralCallerID(g *General, v string) error {
	g.CallerID = parseCallerID(v).String()
	if c := parseCallerID(v); c.Number != "" {
		g.CallerID = c.Number
	}
	return nil
}

func setPres(p *Peer, v string) error {
	switch strings.ToLower(v) {
	case "prohib", "prohib_not_screened", "prohib_passed_screen", "prohib_failed_screen":
		p.CIDPres = 0x20
	case "unavailable":
		p.CIDPres = 0x43
	default:
		p.CIDPres = 0
	}
	return nil
}

func setVar(p *Peer, v string) error {
	name, value, ok := strings.Cut(v, "=")
	if !ok {
		return fmt.Errorf("it is not of the form name=value")
	}
	p.Vars = append(p.Vars[:len(p.Vars):len(p.Vars)], Var{strings.TrimSpace(name), strings.TrimSpace(value)})
	return nil
}

func setMinSE(p *Peer, v string) error {
	d, err := parseTime(v, time.Second)
	if err != nil || d < 90*time.Second {
		return fmt.Errorf("it is no number of seconds from 90 on (RFC 4028)")
	}
	p.Timers.Min = d
	return nil
}

func generalOptions() map[string]option {
	return map[string]option{
		"allowguest": gBool(func(g *General) *bool { return &g.AllowGuest }), "autocreatepeer": gBool(func(g *General) *bool { return &g.AutoCreate }),
		"useragent": {general: func(g *General, v string) error { g.UserAgent = v; return nil }}, "realm": gText(func(g *General) *string { return &g.Realm }),
		"sdpsession": gText(func(g *General) *string { return &g.SDPSession }), "sdpowner": gText(func(g *General) *string { return &g.SDPOwner }),
		"udpenable": gBool(func(g *General) *bool { return &g.UDP }), "tcpenable": gBool(func(g *General) *bool { return &g.TCP }),
		"udpbindaddr":           {general: func(g *General, v string) error { return setBind(&g.UDPBind, v) }},
		"tcpbindaddr":           {general: func(g *General, v string) error { return setBind(&g.TCPBind, v) }},
		"alwaysauthreject":      gBool(func(g *General) *bool { return &g.AlwaysAuthReject }),
		"allowexternaldomains":  gBool(func(g *General) *bool { return &g.AllowExternal }),
		"auth_message_requests": gBool(func(g *General) *bool { return &g.AuthMessages }), "auth_options_requests": gBool(func(g *General) *bool { return &g.AuthOptions }),
		"match_auth_username": gBool(func(g *General) *bool { return &g.MatchAuthUsername }), "srvlookup": gBool(func(g *General) *bool { return &g.SRVLookup }),
		"use_q850_reason": gBool(func(g *General) *bool { return &g.UseQ850 }),
		"disallowed_methods": {general: func(g *General, v string) error {
			g.DisallowedMethods = nil
			for _, m := range strings.Split(v, ",") {
				g.DisallowedMethods = append(g.DisallowedMethods, strings.TrimSpace(m))
			}
			return nil
		}},
		"minexpiry": gTime(time.Second, func(g *General) *time.Duration { return &g.MinExpiry }), "maxexpiry": gTime(time.Second, func(g *General) *time.Duration { return &g.MaxExpiry }),
		"defaultexpiry":    gTime(time.Second, func(g *General) *time.Duration { return &g.DefaultExpiry }),
		"registertimeout":  gTime(time.Second, func(g *General) *time.Duration { return &g.RegisterTimeout }),
		"registerattempts": gInt(func(g *General) *int { return &g.RegisterAttempts }), "register_retry_403": gBool(func(g *General) *bool { return &g.RegisterRetry403 }),
		"qualifygap": gTime(time.Millisecond, func(g *General) *time.Duration { return &g.QualifyGap }), "qualifypeers": gInt(func(g *General) *int { return &g.QualifyPeers }),
		"tcpauthtimeout": gTime(time.Second, func(g *General) *time.Duration { return &g.TCPAuthTimeout }), "tcpauthlimit": gInt(func(g *General) *int { return &g.TCPAuthLimit }),
		"externaddr": {general: func(g *General, v string) (err error) {
			host, port := splitHostPort(v)
			a, err := netip.ParseAddr(host)
			if err != nil {
				return fmt.Errorf("it is no address; externhost takes a name")
			}
			g.ExternAddr = netip.AddrPortFrom(a, port)
			return nil
		}},
		"externtcpport": {general: func(g *General, v string) error {
			n, err := parseNumber(v, 1, 65535)
			g.ExternTCPPort = uint16(n)
			return err
		}},
		"localnet": {general: func(g *General, v string) error {
			n, err := parseNet(v)
			if err == nil {
				g.LocalNets = append(g.LocalNets, n)
			}
			return err
		}},
		"media_address": {general: func(g *General, v string) (err error) { g.MediaAddr, err = netip.ParseAddr(v); return err }},
		"rtpbindaddr":   {general: func(g *General, v string) (err error) { g.RTPBind, err = netip.ParseAddr(v); return err }},
	}
}

func setBind(at *[]netip.AddrPort, v string) error {
	a, err := parseBind(v)
	if err == nil {
		*at = []netip.AddrPort{a}
	}
	return err
}

// laterOptions are known to chan_sip and not carried out yet.
func laterOptions() map[string]option {
	out := make(map[string]option)
	for instead, names := range map[string]string{
		"sound always goes through the server":              "directmedia directrtpsetup directmediapermit directmediadeny directmediaacl",
		"there is no TLS yet":                               "tlsenable tlsbindaddr tlscertfile tlsprivatekey tlscafile tlscadir tlscipher tlsclientmethod tlsdontverifyserver tlsdisablev1 tlsdisablev11 tlsdisablev12 tlsservercipherorder",
		"calls are not encrypted":                           "encryption encryption_taglen dtlsenable dtlsverify dtlscertfile dtlsprivatekey dtlscafile dtlscapath dtlssetup dtlsrekey dtlscipher dtlsfingerprint avpf force_avp icesupport ice_host_candidates websocket_enabled websocket_write_timeout",
		"nothing is buffered: packets are relayed":          "jbenable jbforce jbmaxsize jbresyncthreshold jbimpl jbtargetextra jblog rtp_engine",
		"there are no lamps yet":                            "notifyringing notifyhold notifycid callcounter limitonpeer limitonpeers counteronpeer subminexpiry submaxexpiry mwiexpiry mwi_from vmexten subscribemwi buggymwi checkmwi callbackextension cc_agent_policy cc_monitor_policy",
		"pickup is not there yet":                           "callgroup pickupgroup namedcallgroup namedpickupgroup",
		"faxes are not relayed yet":                         "t38pt_udptl t38pt_usertpsource faxdetect",
		"the system's default is used":                      "tos_sip tos_audio tos_video tos_text cos_sip cos_audio cos_video cos_text tos",
		"calls without sound are not ended":                 "rtptimeout rtpholdtimeout",
		"nothing is sent":                                   "rtpkeepalive",
		"the host name is not looked up":                    "externhost externrefresh stunaddr",
		"early sound goes through as the far end gives it":  "progressinband prematuremedia",
		"the offer's order is ours":                         "preferred_codec_only autoframing",
		"packets are taken as they come":                    "rfc2833compensate relaxdtmf buggymwi g726nonstandard",
		"long header names are written":                     "compactheaders",
		"the tag of sip.conf's own domain list is not used": "domain autodomain domainsasrealm usereqphone ignoresdpversion legacy_useroption_parsing send_diversion store_sip_cause storesipcause snom_aoc_enabled parkinglot contactacl acl dynamic_exclude_static dynamic_exclude_static regcontext regextenonqualify rtcp_mux discard_remote_hold_retrieval recordonfeature recordofffeature recordhistory dumphistory authfailureevents callevents shrinkcallerid tonezone trust_id_outbound useclientcode supportpath unsolicited_mailbox template timer1 t1min ignoreregexpire registertrying auth transfer",
	} {
		for _, n := range strings.Fields(names) {
			out[n] = later(instead)
		}
	}
	for _, n := range strings.Fields("rtcachefriends rtsavesysname rtupdate rtautoclear rtsavepath") {
		out[n] = option{gone: "accounts are read from sip.conf only"}
	}
	for _, n := range strings.Fields("pedantic sipdebug debug allow_external_domains subscribe_network_change_event hasvoicemail") {
		out[n] = option{gone: "messages are always read strictly, and shown by sip set debug on"}
	}
	return out
}
