package sipconf

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/sip/transport"
)

// partly is what is wrong with a value of which something is used all the same.
type partly struct {
	what string
	used string // what it is taken for
	note bool   // it works, and could be written better
}

func (p partly) Error() string { return p.what }

// used says whether a value that was read with err counts.
func used(err error) bool {
	if err == nil {
		return true
	}
	var p partly
	return errors.As(err, &p)
}

// yesNo reads a value as the original does: what does not mean yes means no.
func yesNo(v string) bool {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "yes", "true", "y", "t", "1", "on":
		return true
	}
	return false
}

// saysNo says whether a value means no, which is not the same as not meaning
// yes.
func saysNo(v string) bool {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "no", "false", "n", "f", "0", "off":
		return true
	}
	return false
}

// parseText takes a value as it is.
func parseText(v string) (string, error) { return v, nil }

// parseYesNo reads yes or no.
func parseYesNo(v string) (bool, error) {
	if v == "" || yesNo(v) || saysNo(v) {
		return yesNo(v), nil
	}
	return false, partly{what: "it is neither yes nor no", used: "it means no, as in the original"}
}

// number reads a whole number. Like the original it takes the digits that stand
// first.
func number(low, high int) func(string) (int, error) {
	return func(v string) (int, error) {
		v = strings.TrimSpace(v)
		digits := strings.IndexFunc(v+".", func(c rune) bool { return c < '0' || c > '9' })
		n, err := strconv.Atoi(v[:digits])
		if err != nil || n < low || n > high {
			if high == noLimit {
				return 0, fmt.Errorf("it is no number from %d on", low)
			}
			return 0, fmt.Errorf("it is no number from %d to %d", low, high)
		}
		if digits < len(v) {
			return n, partly{what: "there is more than a number", used: fmt.Sprintf("it means %d, as in the original", n)}
		}
		return n, nil
	}
}

// noLimit is the largest number of the original.
const noLimit = 1<<31 - 1

// units reads a whole number of a unit of time, from low on.
func units(unit time.Duration, low int) func(string) (time.Duration, error) {
	return func(v string) (time.Duration, error) {
		n, err := number(low, noLimit)(v)
		return time.Duration(n) * unit, err
	}
}

func parsePort(v string) (uint16, error) {
	n, err := number(1, 65535)(v)
	return uint16(n), err
}

// parseAddr reads an address, in brackets or not.
func parseAddr(v string) (netip.Addr, error) {
	a, err := netip.ParseAddr(strings.Trim(strings.TrimSpace(v), "[]"))
	if err != nil {
		return a, errors.New("it is no address")
	}
	return a.Unmap(), nil
}

// SplitHostPort cuts host:port; a bare IPv6 address has no port.
func SplitHostPort(s string) (string, uint16) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 || strings.Contains(s[:i], ":") && !strings.HasSuffix(s[:i], "]") {
		return s, 0
	}
	n, err := strconv.ParseUint(s[i+1:], 10, 16)
	if err != nil {
		return s, 0
	}
	return s[:i], uint16(n)
}

// parseAddrPort reads udpbindaddr and the like: address, address:port,
// [::]:port. The port is 0 where none is named.
func parseAddrPort(v string) (netip.AddrPort, error) {
	host, port := SplitHostPort(strings.TrimSpace(v))
	a, err := parseAddr(host)
	return netip.AddrPortFrom(a, port), err
}

// parseBind reads where to listen.
func parseBind(v string) ([]netip.AddrPort, error) {
	a, err := parseAddrPort(v)
	return []netip.AddrPort{a}, err
}

// parseNAT reads nat=: no, yes, and lists of force_rport, comedia,
// auto_force_rport and auto_comedia. As in the original a word that it does not
// know is passed over, so that never and route of old files mean no. The auto
// form of a setting wins over the plain one.
func parseNAT(v string) (NAT, error) {
	var n NAT
	var odd []string
	for w := range strings.SplitSeq(v, ",") {
		w = strings.TrimSpace(w)
		switch strings.ToLower(w) {
		case "force_rport":
			n.ForceRport = true
		case "comedia":
			n.Comedia = true
		case "auto_force_rport":
			n.AutoForceRport = true
		case "auto_comedia":
			n.AutoComedia = true
		case "never", "route", "":
		case "yes", "true", "y", "t", "1", "on":
			return NAT{ForceRport: true, Comedia: true}, partly{
				what: "this is the old way to write nat=force_rport,comedia", used: "it works; write nat=force_rport,comedia", note: true,
			}
		default:
			if saysNo(w) {
				return NAT{}, nil
			}
			odd = append(odd, w)
		}
	}
	n.ForceRport = n.ForceRport && !n.AutoForceRport
	n.Comedia = n.Comedia && !n.AutoComedia
	if odd != nil {
		return n, partly{
			what: fmt.Sprintf("%q is not one of no, force_rport, comedia, auto_force_rport, auto_comedia", strings.Join(odd, ",")),
			used: "it means nat=" + n.String() + ", as in the original",
		}
	}
	return n, nil
}

// String writes nat= as sip.conf has it.
func (n NAT) String() string {
	var words []string
	for _, w := range []struct {
		on   bool
		name string
	}{
		{n.ForceRport, "force_rport"}, {n.AutoForceRport, "auto_force_rport"}, {n.Comedia, "comedia"}, {n.AutoComedia, "auto_comedia"},
	} {
		if w.on {
			words = append(words, w.name)
		}
	}
	if words == nil {
		return "no"
	}
	return strings.Join(words, ",")
}

// parseDirect reads directmedia=.
func parseDirect(v string) (DirectMedia, error) {
	if yesNo(v) || saysNo(v) {
		return DirectMedia{Allowed: yesNo(v)}, nil
	}
	var d DirectMedia
	for w := range strings.SplitSeq(v, ",") {
		switch w = strings.ToLower(strings.TrimSpace(w)); w {
		case "nonat":
			d.Allowed, d.NoNAT = true, true
		case "update":
			d.Allowed, d.Update = true, true
		case "outgoing":
			d.Allowed, d.Outgoing = true, true
		default:
			return d, fmt.Errorf("%q is not one of yes, no, nonat, update, outgoing", w)
		}
	}
	return d, nil
}

// parseInsecure reads insecure=. very and yes are words of old files.
func parseInsecure(v string) (Insecure, error) {
	var i Insecure
	var odd []string
	for w := range strings.SplitSeq(v, ",") {
		switch w = strings.ToLower(strings.TrimSpace(w)); {
		case w == "port", w == "yes":
			i.Port = true
		case w == "invite":
			i.Invite = true
		case w == "very":
			i = Insecure{Port: true, Invite: true}
		case w == "", saysNo(w):
		default:
			odd = append(odd, w)
		}
	}
	if odd != nil {
		return i, partly{
			what: fmt.Sprintf("%q is not one of port, invite, no", strings.Join(odd, ",")),
			used: "it means insecure=" + i.String() + ", as in the original",
		}
	}
	return i, nil
}

// parseCallerID reads "Name" <number>, Name <number>, <number>, a number or a
// name.
func parseCallerID(v string) call.Party {
	v = strings.TrimSpace(v)
	if open := strings.LastIndexByte(v, '<'); open >= 0 {
		num, _, _ := strings.Cut(v[open+1:], ">")
		return call.Party{Name: unquoted(v[:open]), Number: shrunk(num)}
	}
	if bare := shrunk(v); bare != "" && strings.Trim(bare, "0123456789*#+") == "" {
		return call.Party{Number: bare}
	}
	return call.Party{Name: unquoted(v)}
}

// unquoted takes blanks and quotation marks off a name.
func unquoted(s string) string {
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(s), `"`))
}

// shrunk is a number without what only separates its digits, as the original
// keeps it: +1 (555) 12-34 is +15551234. What is no number stays as it is.
func shrunk(s string) string {
	s = strings.TrimSpace(s)
	bare := strings.Map(func(c rune) rune {
		if strings.ContainsRune(" ()-.", c) {
			return -1
		}
		return c
	}, s)
	if strings.Trim(bare, "0123456789*#+") != "" {
		return s
	}
	return bare
}

// parsePres reads callingpres=: a word, or a number.
func parsePres(v string) (call.Presentation, error) {
	words := []struct {
		name string
		pres call.Presentation
	}{
		{"allowed_not_screened", 0x00}, {"allowed_passed_screen", 0x01}, {"allowed_failed_screen", 0x02}, {"allowed", 0x03},
		{"prohib_not_screened", 0x20}, {"prohib_passed_screen", 0x21}, {"prohib_failed_screen", 0x22}, {"prohib", 0x23},
		{"unavailable", 0x43},
	}
	for _, w := range words {
		if strings.EqualFold(w.name, strings.TrimSpace(v)) {
			return w.pres, nil
		}
	}
	n, err := number(0, 0x7f)(v)
	if err != nil {
		err = errors.New("it is neither a word as allowed, prohib, unavailable nor its number")
	}
	return call.Presentation(n), err
}

// parseAMA reads amaflags=, as the original numbers it.
func parseAMA(v string) (int, error) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "omit":
		return 1, nil
	case "billing":
		return 2, nil
	case "default", "documentation":
		return 3, nil
	}
	return 0, errors.New("it is not one of default, omit, billing, documentation")
}

// parseTransports reads transport=. Words that mean none are passed over.
func parseTransports(v string) ([]transport.Transport, error) {
	var out []transport.Transport
	var odd, secure []string
	for w := range strings.SplitSeq(v, ",") {
		w = strings.TrimSpace(w)
		t, ok := transport.ParseTransport(w)
		switch {
		case w == "":
		case !ok:
			odd = append(odd, w)
		case t == transport.WS || t == transport.WSS:
			secure = append(secure, w)
			out = append(out, t)
		default:
			out = append(out, t)
		}
	}
	switch {
	case len(out) == 0:
		return nil, fmt.Errorf("%q is not one of udp, tcp, tls, ws, wss", v)
	case odd != nil:
		return out, partly{what: fmt.Sprintf("%q is not one of udp, tcp, tls, ws, wss", strings.Join(odd, ",")), used: "the rest is used"}
	case secure != nil:
		return out, partly{what: strings.Join(secure, ",") + " is not supported yet", used: "phones are reached over udp, tcp and tls"}
	}
	return out, nil
}

// ParseDTMF reads dtmfmode=.
func ParseDTMF(v string) (DTMFMode, error) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "rfc2833", "rfc4733":
		return DTMFRFC4733, nil
	case "info":
		return DTMFInfo, nil
	case "shortinfo":
		return DTMFShortInfo, nil
	case "inband":
		return DTMFInband, nil
	case "auto":
		return DTMFAuto, nil
	}
	return DTMFRFC4733, partly{what: "it is not one of rfc2833, info, shortinfo, inband, auto", used: "it means rfc2833, as in the original"}
}

// parseSendRPID reads sendrpid=.
func parseSendRPID(v string) (string, error) {
	switch v = strings.ToLower(strings.TrimSpace(v)); {
	case v == "pai":
		return "pai", nil
	case v == "rpid", yesNo(v):
		return "rpid", nil
	case saysNo(v), v == "":
		return "no", nil
	}
	return "no", partly{what: "it is not one of no, rpid, pai", used: "it means no, as in the original"}
}

// parseTrustID reads trust_id_outbound=.
func parseTrustID(v string) (TrustID, error) {
	switch v = strings.TrimSpace(v); {
	case strings.EqualFold(v, "legacy"):
		return TrustLegacy, nil
	case yesNo(v):
		return TrustYes, nil
	case saysNo(v):
		return TrustNo, nil
	}
	return TrustNo, partly{what: "it is not one of legacy, no, yes", used: "it means no, as in the original"}
}

// parseInband reads progressinband=.
func parseInband(v string) (string, error) {
	switch v = strings.ToLower(strings.TrimSpace(v)); {
	case v == "never":
		return v, nil
	case yesNo(v):
		return "yes", nil
	case saysNo(v):
		return "no", nil
	}
	return "no", partly{what: "it is not one of yes, no, never", used: "it means no, as in the original"}
}

// parseTimersMode reads session-timers=.
func parseTimersMode(v string) (string, error) {
	switch v = strings.ToLower(strings.TrimSpace(v)); v {
	case "accept", "originate", "refuse":
		return v, nil
	}
	return "accept", partly{what: "it is not one of accept, originate, refuse", used: "it means accept, as in the original"}
}

// parseRefresher reads session-refresher=.
func parseRefresher(v string) (uac bool, err error) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "uac":
		return true, nil
	case "uas":
		return false, nil
	}
	return false, partly{what: "it is not one of uac, uas", used: "it means uas, as in the original"}
}

// parseQualify reads qualify=: yes (two seconds), no, or milliseconds.
func parseQualify(v string) (time.Duration, error) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "yes":
		return 2 * time.Second, nil
	case "no", "":
		return 0, nil
	}
	d, err := units(time.Millisecond, 0)(v)
	if !used(err) {
		return 0, partly{what: "it is not one of yes, no, a number of milliseconds", used: "it means no, as in the original"}
	}
	return d, err
}

// parseKeepalive reads keepalive=: yes (a minute), no, or seconds.
func parseKeepalive(v string) (time.Duration, error) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "yes":
		return time.Minute, nil
	case "no", "":
		return 0, nil
	}
	return units(time.Second, 0)(v)
}

// parseList reads words with commas between them.
func parseList(v string) ([]string, error) {
	var out []string
	for w := range strings.SplitSeq(v, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out, nil
}

// parseGroups reads callgroup and pickupgroup.
func parseGroups(v string) (uint64, error) { return call.ParseGroups(v) }

// parseNames reads namedcallgroup and namedpickupgroup.
func parseNames(v string) ([]string, error) { return call.GroupNames(v), nil }
