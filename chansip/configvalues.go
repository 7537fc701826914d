package chansip

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/sip/transport"
)

// yesNo reads a value as the original does: what does not mean yes means no.
func yesNo(v string) bool {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "yes", "true", "y", "t", "1", "on":
		return true
	}
	return false
}

// splitHostPort cuts host:port; a bare IPv6 address has no port.
func splitHostPort(s string) (string, uint16) {
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

// parseBind reads udpbindaddr and the like: address, address:port, [::]:port.
func parseBind(v string) (netip.AddrPort, error) {
	host, port := splitHostPort(strings.TrimSpace(v))
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return netip.AddrPort{}, errors.New("it is no address of this machine")
	}
	return netip.AddrPortFrom(a, port), nil
}

// parseACL reads one permit= or deny= line: networks, each with an ! before it for
// the opposite, separated by commas.
func parseACL(acl ACL, permit bool, v string) (ACL, error) {
	for _, one := range strings.Split(v, ",") {
		one = strings.TrimSpace(one)
		sense := permit
		if rest, ok := strings.CutPrefix(one, "!"); ok {
			one, sense = rest, !permit
		}
		if one == "" {
			continue
		}
		p, err := parseNet(one)
		if err != nil {
			return acl, err
		}
		acl = append(acl[:len(acl):len(acl)], Rule{sense, p})
	}
	return acl, nil
}

// parseNet reads 10.0.0.0/8, 10.0.0.0/255.0.0.0 or an address alone.
func parseNet(s string) (netip.Prefix, error) {
	host, mask, has := strings.Cut(s, "/")
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is no address", host)
	}
	bits := a.BitLen()
	if has {
		if m, err := netip.ParseAddr(mask); err == nil {
			if bits, err = maskBits(m); err != nil {
				return netip.Prefix{}, err
			}
		} else if bits, err = strconv.Atoi(mask); err != nil || bits < 0 || bits > a.BitLen() {
			return netip.Prefix{}, fmt.Errorf("%q is no netmask", mask)
		}
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("%q is no netmask of %s", mask, host)
	}
	return p, nil
}

// maskBits counts the ones of a netmask, which must stand first.
func maskBits(m netip.Addr) (int, error) {
	n, over := 0, false
	for _, b := range m.AsSlice() {
		for i := 7; i >= 0; i-- {
			one := b>>i&1 == 1
			if one && over {
				return 0, fmt.Errorf("%s is no netmask: its ones must stand first", m)
			}
			if one {
				n++
			} else {
				over = true
			}
		}
	}
	return n, nil
}

// parseNAT reads nat=: no, yes, never, route, and combinations of force_rport,
// comedia, auto_force_rport and auto_comedia.
func parseNAT(v string) (NAT, error) {
	var n NAT
	for _, w := range strings.Split(v, ",") {
		switch strings.ToLower(strings.TrimSpace(w)) {
		case "no":
			n = NAT{}
		case "yes":
			n = NAT{ForceRport: true, Comedia: true}
		case "force_rport":
			n.ForceRport = true
		case "comedia":
			n.Comedia = true
		case "auto_force_rport":
			n.AutoForceRport = true
		case "auto_comedia":
			n.AutoComedia = true
		case "never", "route": // of old files: RFC 3581 only where it is asked for
			n = NAT{}
		default:
			return n, fmt.Errorf("%q is not one of no, yes, force_rport, comedia, auto_force_rport, auto_comedia", w)
		}
	}
	return n, nil
}

func parseDirect(v string) (DirectMedia, error) {
	var d DirectMedia
	for _, w := range strings.Split(v, ",") {
		switch w = strings.ToLower(strings.TrimSpace(w)); {
		case w == "nonat":
			d.Allowed, d.NoNAT = true, true
		case w == "update":
			d.Allowed, d.Update = true, true
		case w == "outgoing":
			d.Allowed, d.Outgoing = true, true
		default:
			d.Allowed = yesNo(w)
		}
	}
	return d, nil
}

func parseInsecure(v string) (Insecure, error) {
	var i Insecure
	for _, w := range strings.Split(v, ",") {
		switch strings.ToLower(strings.TrimSpace(w)) {
		case "port":
			i.Port = true
		case "invite":
			i.Invite = true
		case "very", "port,invite": // very: of old files
			i = Insecure{true, true}
		case "yes":
			i.Port = true
		case "no", "":
			i = Insecure{}
		default:
			return i, fmt.Errorf("%q is not one of port, invite, no", w)
		}
	}
	return i, nil
}

// parseAllow changes a list of formats as allow= and disallow= do: names
// separated by commas or bars, each with :ms behind it, ! for the opposite, all.
func parseAllow(list []media.Format, ptime map[media.Format]time.Duration, add bool, v string) ([]media.Format, map[media.Format]time.Duration, error) {
	var failed error
	for _, one := range strings.FieldsFunc(v, func(c rune) bool { return c == ',' || c == '|' || c == '&' }) {
		one = strings.TrimSpace(one)
		adding := add
		if rest, ok := strings.CutPrefix(one, "!"); ok {
			one, adding = rest, !add
		}
		name, ms, framed := strings.Cut(one, ":")
		if strings.EqualFold(name, "all") {
			list = nil
			if adding {
				for _, f := range media.All() {
					list = append(list, f)
				}
			}
			continue
		}
		f, ok := media.ByName(strings.TrimSpace(name))
		if !ok {
			failed = fmt.Errorf("there is no codec '%s'", name)
			continue
		}
		list = without(list, f)
		if !adding {
			continue
		}
		list = append(list, f)
		if n, err := strconv.Atoi(ms); framed && err == nil && n >= 10 && n <= 300 {
			old := ptime
			ptime = make(map[media.Format]time.Duration, len(old)+1)
			for k, v := range old {
				ptime[k] = v
			}
			ptime[f] = time.Duration(n) * time.Millisecond
		}
	}
	return list, ptime, failed
}

// without is a list without a format; the list given is not changed.
func without(list []media.Format, f media.Format) []media.Format {
	out := make([]media.Format, 0, len(list)+1)
	for _, x := range list {
		if x != f {
			out = append(out, x)
		}
	}
	return out
}

// parseCallerID reads "Name" <number>, Name <number>, <number>, a number or a
// name.
func parseCallerID(v string) call.Party {
	v = strings.TrimSpace(v)
	if open := strings.LastIndexByte(v, '<'); open >= 0 {
		number, _, _ := strings.Cut(v[open+1:], ">")
		return call.Party{Name: strings.Trim(strings.TrimSpace(v[:open]), `"`), Number: strings.TrimSpace(number)}
	}
	bare := strings.Trim(v, `"`)
	if bare != "" && strings.Trim(bare, "0123456789+*#-() .") == "" {
		return call.Party{Number: bare}
	}
	return call.Party{Name: bare}
}

func parseTransports(v string) ([]transport.Transport, error) {
	var out []transport.Transport
	for _, w := range strings.Split(v, ",") {
		t, ok := transport.ParseTransport(strings.TrimSpace(w))
		if !ok {
			return nil, fmt.Errorf("%q is no transport", w)
		}
		out = append(out, t)
	}
	return out, nil
}

// parseDTMF reads dtmfmode=.
func parseDTMF(v string) (DTMFMode, error) {
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
	return DTMFRFC4733, fmt.Errorf("%q is not one of rfc2833, info, shortinfo, inband, auto", v)
}

// parseRegister reads a register => line:
//
//	[peer?][transport://]user[@domain][:secret[:authuser]]@host[:port][/extension][~expiry]
//
// The host is behind the last @, and ? means a peer only before the user.
func parseRegister(v string) (Register, error) {
	var r Register
	v = strings.TrimSpace(v)
	if v == "" {
		return r, errors.New("it is empty")
	}
	if i := strings.LastIndexByte(v, '~'); i >= 0 {
		if n, err := strconv.Atoi(v[i+1:]); err == nil && n > 0 {
			r.Expires, v = time.Duration(n)*time.Second, v[:i]
		}
	}
	at := strings.LastIndexByte(v, '@')
	if at <= 0 {
		return r, errors.New("it names no host behind an @")
	}
	user, host := v[:at], v[at+1:]
	if peer, rest, ok := strings.Cut(user, "?"); ok && !strings.ContainsAny(peer, ":@") && rest != "" {
		r.Peer, user = peer, rest
	}
	if t, rest, ok := strings.Cut(user, "://"); ok {
		if r.Transport, ok = transport.ParseTransport(t); ok {
			user = rest
		}
	}
	host, r.Exten, _ = strings.Cut(host, "/")
	r.Host, r.Port = splitHostPort(host)
	if r.Host == "" {
		return r, errors.New("it names no host")
	}
	parts := strings.SplitN(user, ":", 3)
	r.User = parts[0]
	if len(parts) > 1 {
		r.Secret = parts[1]
	}
	if len(parts) > 2 {
		r.AuthUser = parts[2]
	}
	if name, domain, ok := strings.Cut(r.User, "@"); ok {
		r.User, r.Domain = name, domain
	}
	if r.User == "" {
		return r, errors.New("it names no user")
	}
	return r, nil
}

func parseNumber(v string, low, high int) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("it is no number from %d to %d", low, high)
	}
	return n, nil
}

func parseTime(v string, unit time.Duration) (time.Duration, error) {
	n, err := parseNumber(v, 0, 1<<31-1)
	return time.Duration(n) * unit, err
}

// ByAddr is the account with a fixed address that a request comes from. Over a
// connection the port says nothing, nor where insecure=port.
func (s *Settings) ByAddr(from netip.AddrPort, connection bool) *Peer {
	for _, p := range s.byAddr[from] {
		return p
	}
	for _, p := range s.byIP[from.Addr()] {
		if connection || p.Insecure.Port {
			return p
		}
	}
	return nil
}
