package check

import (
	"regexp"
	"strings"

	"obelus/chansip/dialstring"
	"obelus/chansip/sipconf"
	"obelus/conf"
)

// dial checks whom a Dial calls.
func (p *planChecker) dial(s *step) {
	whom, _, _ := cutOutside(s.data, ',')
	for rest, more := whom, true; more; {
		var one string
		one, rest, more = cutOutside(rest, '&')
		tech, target, ok := strings.Cut(strings.TrimSpace(one), "/")
		if !ok || strings.Contains(tech, "$") {
			continue
		}
		switch strings.ToUpper(tech) {
		case "SIP":
			p.dialSIP(s, target)
		case "LOCAL":
			p.dialLocal(s, target)
		default:
			p.say(s.at, conf.Warning, p.insteadOf(tech, target), "there is no channel type '%s'", tech)
			p.lack("channel type " + tech)
		}
	}
}

// insteadOf says what becomes of a call by a technology that is not there, and what to
// write.
func (p *planChecker) insteadOf(tech, target string) string {
	const fails = "DIALSTATUS becomes CHANUNAVAIL, as in the original without its module"
	switch strings.ToUpper(tech) {
	case "PJSIP":
		if t := dialstring.Parse(target); t.Host != "" && p.sip.Peer(t.Host) != nil {
			return fails + ": sip.conf has '" + t.Host + "', write SIP/" + target
		}
		return fails + ": accounts are those of sip.conf, reached by SIP/; pjsip.conf is not read"
	case "ZAP", "DAHDI", "MISDN", "KHOMP", "DONGLE", "CONSOLE", "ALSA", "OSS":
		return fails + ": there is no driver for telephone cards, modems and sound cards; a gateway that speaks SIP is called by SIP/"
	}
	return fails
}

// dialSIP checks one SIP/name, SIP/number@name or SIP/name/number.
func (p *planChecker) dialSIP(s *step, target string) {
	if strings.Contains(target, "$") {
		p.openDoor(s, target)
		return
	}
	named := dialstring.Parse(target)
	if named.Odd != "" {
		p.say(s.at, conf.Warning, "UDP is used, as in the original", "%s", named.Odd)
	}
	name := named.Host
	peer := p.sip.Peer(name)
	switch {
	case peer != nil && peer.Type&sipconf.TypePeer == 0:
		p.say(s.at, conf.Warning, "DIALSTATUS becomes CHANUNAVAIL", "account '%s' is of type user, which can't be called: type=friend can", name)
	case peer != nil || name == "" || p.sip.General.AutoCreate || strings.ContainsAny(name, ".:["):
	default:
		var names []string
		for _, peer := range p.sip.Peers {
			names = append(names, peer.Name)
		}
		p.say(s.at, conf.Warning, orMeant("it is taken for the name of a host", name, names), "sip.conf has no account '%s'", name)
	}
}

// openDoor warns of a Dial that lets guests choose whom to call: SIP/a&SIP/b, or
// number@host, dialled as an extension. A pattern of a fixed length takes nothing
// but what it says.
func (p *planChecker) openDoor(s *step, target string) {
	name := s.exten.Name
	if !p.guests[s.context.Name] || !isPattern(s.exten) || !strings.ContainsAny(name, ".!") {
		return
	}
	if strings.Contains(filtered().ReplaceAllString(target, ""), "${EXTEN") {
		p.say(s.at, conf.Warning, "write ${FILTER(0-9,${EXTEN})}, or allowguest=no in sip.conf",
			"anybody reaches this Dial, and ${EXTEN} may be all that a guest writes")
	}
}

// filtered is a FILTER() of the extension.
func filtered() *regexp.Regexp { return regexp.MustCompile(`\$\{FILTER\([^,]*,\$\{EXTEN[^}]*\}\)\}`) }

// dialLocal checks one Local/extension@context.
func (p *planChecker) dialLocal(s *step, target string) {
	if strings.Contains(target, "$") {
		return
	}
	target, options, _ := strings.Cut(target, "/")
	for _, o := range options {
		switch o {
		case 'n', 'm': // the pair always stays, and always tells the other side of hold
		case 'j', 'b':
			p.say(s.at, conf.Note, "it does nothing", "Local option %c: sound does not pass through Local channels here, so there is nothing to buffer or to bridge", o)
		default:
			p.say(s.at, conf.Note, "it is passed over", "Local has no option %c", o)
		}
	}
	exten, context, ok := strings.Cut(target, "@")
	if !ok {
		context = "default"
	}
	if c := p.plan.Context(context); c == nil {
		p.say(s.at, conf.Warning, "DIALSTATUS becomes CHANUNAVAIL", "Dial leads to context '%s', which does not exist", context)
	} else if e, _ := p.plan.FindExtension(context, exten, "", p.now); e == nil && !p.sometimes(c) {
		p.say(s.at, conf.Warning, "DIALSTATUS becomes CHANUNAVAIL", "Dial leads to extension '%s' of context '%s', which does not exist", exten, context)
	}
}
