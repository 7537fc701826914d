package sipconf

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// danger is something in sip.conf that works and lets in who should not.
type danger struct {
	line   string // where it is written: file:line
	what   string
	advice string
	mild   bool // many want it so
}

// dangers are those of the settings.
func (s *Settings) dangers() []danger {
	out := s.openDoors()
	for _, p := range s.Peers {
		if d, ok := p.danger(); ok {
			d.line = p.Line
			out = append(out, d)
		}
	}
	if d, ok := s.tellingNAT(); ok {
		out = append(out, d)
	}
	if d, ok := s.externUnused(); ok {
		out = append(out, d)
	}
	return out
}

// externUnused finds an address outside that nobody is told, since without
// localnet nobody counts as outside.
func (s *Settings) externUnused() (danger, bool) {
	g := &s.General
	if len(g.LocalNets) > 0 || !g.ExternAddr.Addr().IsValid() && g.ExternHost == "" && g.STUNAddr == "" {
		return danger{}, false
	}
	for _, name := range []string{"externaddr", "externip", "externhost", "stunaddr"} {
		if at := s.lines[name]; at != "" {
			return danger{
				line: at, what: name + " has no effect without localnet, as in the original: nobody counts as outside",
				advice: "write localnet= for each network on this side of the NAT, such as localnet=192.168.1.0/24",
			}, true
		}
	}
	return danger{}, false
}

// openDoors are the dangers of [general].
func (s *Settings) openDoors() []danger {
	var out []danger
	g := &s.General
	if g.AllowGuest {
		out = append(out, danger{
			line: s.line("allowguest", "context"), mild: true,
			what:   fmt.Sprintf("anybody may call and text into context '%s' without an account", g.Default.Context),
			advice: "allowguest=no in [general] forbids it",
		})
	}
	if g.AutoCreate {
		out = append(out, danger{
			line: s.line("autocreatepeer"), what: "autocreatepeer: anybody may register under any free name, without a password",
			advice: "remove it; make an account for each phone",
		})
	}
	if !g.AlwaysAuthReject {
		out = append(out, danger{
			line: s.line("alwaysauthreject"), what: "alwaysauthreject=no: the answers tell strangers which accounts there are", advice: "remove it",
		})
	}
	return out
}

// danger is what is wrong with an account's secret, if anything.
func (p *Peer) danger() (danger, bool) {
	switch {
	case p.Secret == "" && p.MD5Secret == "" && p.Dynamic && p.Type&TypePeer != 0:
		return danger{
			what:   fmt.Sprintf("account '%s' has no secret: anybody may register and call as it", p.Name),
			advice: "write secret=, or at least permit= and deny=",
			mild:   len(p.ACL) > 0,
		}, true
	case p.Secret == "" && p.MD5Secret == "" && p.Type&TypeUser != 0 && len(p.ACL) == 0:
		return danger{
			what:   fmt.Sprintf("account '%s' has no secret: anybody who puts that name in From may call as it", p.Name),
			advice: "write secret=, or type=peer, which is known by its address alone",
		}, true
	case p.Secret != "" && weak(p.Secret, p.Name):
		return danger{
			what:   fmt.Sprintf("account '%s' has a weak secret: it is among the first that are tried", p.Name),
			advice: "choose one of 12 characters or more that nobody can guess",
		}, true
	case p.Insecure.Invite && p.Dynamic && len(p.ACL) == 0:
		return danger{
			what:   fmt.Sprintf("account '%s' has insecure=invite and no fixed host: anybody who knows its name may call as it", p.Name),
			advice: "remove insecure=, which is for servers with a fixed address",
		}, true
	}
	return danger{}, false
}

// weak says whether a secret is among the first that are tried.
func weak(secret, name string) bool {
	s, name := strings.ToLower(secret), strings.ToLower(name)
	digits := strings.Trim(s, "0123456789") == ""
	return len(s) < 6 || digits && len(s) < 12 || strings.Count(s, s[:1]) == len(s) ||
		name != "" && strings.Contains(s, name) && len(s) < len(name)+4 ||
		slices.Contains([]string{
			"secret", "password", "passw0rd", "passwd", "asterisk", "changeme", "letmein", "qwerty", "welcome", "default",
			"admin1", "abc123", "abcdef", "secret123", "password1", "password123", "mysecret", "testing", "test123",
		}, s)
}

// tellingNAT finds accounts whose nat= sends answers to another port than
// strangers get theirs at: that tells which names there are.
func (s *Settings) tellingNAT() (danger, bool) {
	var first *Peer
	n := 0
	for _, p := range s.Peers {
		if p.NAT.ForceRport != s.General.Default.NAT.ForceRport {
			if n++; first == nil {
				first = p
			}
		}
	}
	if n == 0 {
		return danger{}, false
	}
	what := fmt.Sprintf("nat= of account '%s' differs from that of [general]", first.Name)
	if n > 1 {
		what = fmt.Sprintf("nat= of account '%s' and %d more differs from that of [general]", first.Name, n-1)
	}
	return danger{
		line: first.Line, mild: true,
		what:   what + ": answers to them go to another port than answers to strangers, which tells what names there are",
		advice: "set nat= in [general] only, if you can",
	}, true
}

// Line is where one of these options of [general] stands, as file:line; sip.conf
// where none does.
func (s *Settings) Line(names ...string) string { return s.line(names...) }

// line is where one of these options of [general] stands, sip.conf where none
// does.
func (s *Settings) line(names ...string) string {
	for _, n := range names {
		if at := s.lines[n]; at != "" {
			return at
		}
	}
	return "sip.conf"
}

// cutLine reads file:line.
func cutLine(s string) (file string, line int, ok bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return "", 0, false
	}
	line, err := strconv.Atoi(s[i+1:])
	return s[:i], line, err == nil
}
