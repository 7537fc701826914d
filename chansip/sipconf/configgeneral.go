package sipconf

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"obelus/acl"
)

// generalOptions are those of [general].
func generalOptions() map[string]option {
	out := expiryOptions()
	for _, more := range []map[string]option{policyOptions(), addressOptions(), tlsOptions(), markOptions()} {
		for name, o := range more {
			out[name] = o
		}
	}
	return out
}

// expiryOptions are the times and numbers of [general].
func expiryOptions() map[string]option {
	seconds := func(low int, at func(*General) *time.Duration) option { return inGeneral(units(time.Second, low), at) }
	whole := func(low int, at func(*General) *int) option { return inGeneral(number(low, noLimit), at) }
	return map[string]option{
		"minexpiry":        seconds(1, func(g *General) *time.Duration { return &g.MinExpiry }),
		"maxexpiry":        seconds(1, func(g *General) *time.Duration { return &g.MaxExpiry }),
		"defaultexpiry":    seconds(1, func(g *General) *time.Duration { return &g.DefaultExpiry }),
		"registertimeout":  seconds(1, func(g *General) *time.Duration { return &g.RegisterTimeout }),
		"registerattempts": whole(0, func(g *General) *int { return &g.RegisterAttempts }),
		"qualifygap":       inGeneral(units(time.Millisecond, 0), func(g *General) *time.Duration { return &g.QualifyGap }),
		"qualifypeers":     whole(1, func(g *General) *int { return &g.QualifyPeers }),
		"tcpauthtimeout":   seconds(1, func(g *General) *time.Duration { return &g.TCPAuthTimeout }),
		"tcpauthlimit":     whole(1, func(g *General) *int { return &g.TCPAuthLimit }),
		"t1min":            inGeneral(units(time.Millisecond, 1), func(g *General) *time.Duration { return &g.T1Min }),
	}
}

// policyOptions say what is let in, and how we present ourselves.
func policyOptions() map[string]option {
	flag := func(at func(*General) *bool) option { return inGeneral(parseYesNo, at) }
	text := func(at func(*General) *string) option { return inGeneral(parseText, at) }
	return map[string]option{
		"register":               {general: func(*General, string) error { return nil }}, // read by itself
		"allowguest":             flag(func(g *General) *bool { return &g.AllowGuest }),
		"autocreatepeer":         inGeneral(parseAutoCreate, func(g *General) *bool { return &g.AutoCreate }),
		"alwaysauthreject":       flag(func(g *General) *bool { return &g.AlwaysAuthReject }),
		"auth_message_requests":  flag(func(g *General) *bool { return &g.AuthMessages }),
		"auth_options_requests":  flag(func(g *General) *bool { return &g.AuthOptions }),
		"match_auth_username":    flag(func(g *General) *bool { return &g.MatchAuthUsername }),
		"register_retry_403":     flag(func(g *General) *bool { return &g.RegisterRetry403 }),
		"srvlookup":              flag(func(g *General) *bool { return &g.SRVLookup }),
		"directrtpsetup":         flag(func(g *General) *bool { return &g.DirectRTPSetup }),
		"dynamic_exclude_static": flag(func(g *General) *bool { return &g.ExcludeStatic }),
		"disallowed_methods": {
			general: setting(parseList, func(g *General) *[]string { return &g.DisallowedMethods }),
			account: func(*Peer, string) error { return errElsewhere },
		},
		"message_notices":           flag(func(g *General) *bool { return &g.MessageNotices }),
		"max_stored_messages_total": inGeneral(number(0, noLimit), func(g *General) *int { return &g.MaxStoredTotal }),
		"max_stored_bytes":          inGeneral(parseBytes, func(g *General) *int64 { return &g.MaxStoredBytes }),
		"useragent":                 text(func(g *General) *string { return &g.UserAgent }),
		"realm":                     text(func(g *General) *string { return &g.Realm }),
		"sdpsession":                text(func(g *General) *string { return &g.SDPSession }),
		"sdpowner":                  inGeneral(parseOwner, func(g *General) *string { return &g.SDPOwner }),
		"allowexternaldomains":      flag(func(g *General) *bool { return &g.AllowExternal }),
		"domain":                    {general: addDomain},
		"autodomain":                flag(func(g *General) *bool { return &g.AutoDomain }),
		"domainsasrealm":            flag(func(g *General) *bool { return &g.DomainsAsRealm }),
		"relaxdtmf":                 flag(func(g *General) *bool { return &g.RelaxDTMF }),
		"compactheaders":            flag(func(g *General) *bool { return &g.CompactHeaders }).notYet("long header names are written"),
		"legacy_useroption_parsing": flag(func(g *General) *bool { return &g.LegacyUserField }),
		"storesipcause":             flag(func(g *General) *bool { return &g.StoreCause }),
		"regcontext":                text(func(g *General) *string { return &g.RegContext }),
		"regextenonqualify":         flag(func(g *General) *bool { return &g.RegextenOnQualify }),
		"send_diversion":            flag(func(g *General) *bool { return &g.SendDiversion }),
		"shrinkcallerid":            flag(func(g *General) *bool { return &g.ShrinkCallerID }),
		"prematuremedia": inGeneral(parsePremature, func(g *General) *bool { return &g.PrematureMedia }).
			notYet("early sound goes through as the far end gives it").unless(yesNo),
	}
}

// addressOptions say where we are.
func addressOptions() map[string]option {
	return map[string]option{
		"tcpenable":              inGeneral(parseTCPEnable, func(g *General) *bool { return &g.TCP }),
		"udpbindaddr":            inGeneral(parseBind, func(g *General) *[]netip.AddrPort { return &g.UDPBind }),
		"tcpbindaddr":            inGeneral(parseBind, func(g *General) *[]netip.AddrPort { return &g.TCPBind }),
		"bindport":               inGeneral(parsePort, func(g *General) *uint16 { return &g.BindPort }),
		"externaddr":             inGeneral(parseExtern, func(g *General) *netip.AddrPort { return &g.ExternAddr }),
		"externtcpport":          inGeneral(parsePort, func(g *General) *uint16 { return &g.ExternTCPPort }),
		"externtlsport":          inGeneral(parsePort, func(g *General) *uint16 { return &g.ExternTLSPort }),
		"externhost":             inGeneral(parseHost, func(g *General) *string { return &g.ExternHost }),
		"stunaddr":               inGeneral(parseHost, func(g *General) *string { return &g.STUNAddr }),
		"matchexternaddrlocally": inGeneral(parseYesNo, func(g *General) *bool { return &g.MatchExternLocally }),
		"externrefresh":          inGeneral(units(time.Second, 1), func(g *General) *time.Duration { return &g.ExternRefresh }),
		"localnet":               {general: addLocalNet},
		"media_address":          inGeneral(parseAddr, func(g *General) *netip.Addr { return &g.MediaAddr }),
		"rtpbindaddr":            inGeneral(parseAddr, func(g *General) *netip.Addr { return &g.RTPBind }),
	}
}

// parseAutoCreate reads autocreatepeer=: yes, no, persist.
func parseAutoCreate(v string) (bool, error) {
	if strings.EqualFold(strings.TrimSpace(v), "persist") {
		return true, partly{what: "persist is not supported yet", used: "accounts that were made so are forgotten with the next reload"}
	}
	return parseYesNo(v)
}

// parseTCPEnable reads tcpenable=, where in the original only no means no.
func parseTCPEnable(v string) (bool, error) {
	if yesNo(v) || saysNo(v) {
		return yesNo(v), nil
	}
	return true, partly{what: "it is neither yes nor no", used: "it means yes, as in the original"}
}

// parsePremature reads prematuremedia=, which is yes where early sound is held
// back.
func parsePremature(v string) (bool, error) {
	held, err := parseYesNo(v)
	return !held, err
}

// parseOwner reads sdpowner=, one word of SDP (RFC 8866 section 5.2).
func parseOwner(v string) (string, error) {
	if v == "" || strings.ContainsAny(v, " \t") {
		return "", errors.New("it is not one word")
	}
	return v, nil
}

// parseHost reads a host and perhaps a port: a name or an address.
func parseHost(v string) (string, error) {
	v = strings.TrimSpace(v)
	host, _ := SplitHostPort(v)
	if host == "" && v != "" || strings.ContainsAny(host, " \t/@,;") {
		return "", errors.New("it is no host, nor host:port")
	}
	return v, nil
}

func parseExtern(v string) (netip.AddrPort, error) {
	a, err := parseAddrPort(v)
	if err != nil {
		return a, errors.New("it is no address; externhost takes a name")
	}
	return a, nil
}

// addLocalNet reads localnet=: networks with commas between them.
func addLocalNet(g *General, v string) error {
	for one := range strings.SplitSeq(v, ",") {
		n, err := acl.ParseNet(strings.TrimSpace(one))
		if err != nil {
			return err
		}
		g.LocalNets = append(g.LocalNets, n)
	}
	return nil
}
