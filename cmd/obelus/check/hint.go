package check

import (
	"strings"

	"obelus/chansip/sipconf"
	"obelus/conf"
	"obelus/dialplan/syntax"
)

// unlit is what comes of a device that there is not.
const unlit = "the lamp shows it as unavailable"

// hint checks what a hint names, as far as it is written out.
func (p *planChecker) hint(c *syntax.Context, e *syntax.Extension) {
	s := &step{context: c, exten: e, at: e.Hint.Pos, app: "hint", data: e.Hint.App}
	p.functionsIn(s)
	text := s.data
	if !strings.Contains(text, "$") {
		text, _, _ = strings.Cut(text, "(")
	}
	devices, presence, has := cutOutside(text, ',')
	for rest, more := devices, strings.TrimSpace(devices) != ""; more; {
		var one string
		one, rest, more = cutOutside(rest, '&')
		p.device(s, strings.TrimSpace(one))
	}
	if kind, _, ok := strings.Cut(strings.TrimSpace(presence), ":"); has && !strings.Contains(presence, "$") && (!ok || !strings.EqualFold(kind, "CustomPresence")) {
		p.say(s.at, conf.Warning, "write CustomPresence:name", "the presence '%s' of a hint is not known", strings.TrimSpace(presence))
	}
}

// device checks one device of a hint.
func (p *planChecker) device(s *step, device string) {
	i := strings.IndexAny(device, "/:")
	if strings.HasPrefix(device, "$") || i > 0 && strings.Contains(device[:i], "$") || i < 0 && strings.Contains(device, "$") {
		return
	}
	if i <= 0 {
		p.say(s.at, conf.Warning, unlit, "'%s' of a hint is no device: write SIP/%s or Custom:%s", device, device, device)
		return
	}
	name := device[i+1:]
	if strings.Contains(name, "$") {
		name = ""
	}
	switch strings.ToLower(device[:i]) {
	case "custom", "mwi":
	case "sip":
		p.lampSIP(s, name)
	case "local":
		p.lampLocal(s, name)
	default:
		p.say(s.at, conf.Warning, unlit, "devices of kind %s are not supported yet", device[:i])
	}
}

// lampSIP checks a phone of a hint; "" for one that is not written out.
func (p *planChecker) lampSIP(s *step, name string) {
	if name == "" {
		return
	}
	peer := p.sip.Peer(name)
	switch {
	case peer == nil && p.sip.General.AutoCreate:
	case peer == nil:
		var names []string
		for _, peer := range p.sip.Peers {
			names = append(names, peer.Name)
		}
		p.say(s.at, conf.Warning, orMeant(unlit, name, names), "sip.conf has no account '%s', which a hint names", name)
	case peer.Type&sipconf.TypePeer == 0:
		p.say(s.at, conf.Warning, unlit, "account '%s', which a hint names, is of type user: it has no state", name)
	case !peer.CallCounter && peer.CallLimit == 0 && !p.uncounted[name]:
		if p.uncounted == nil {
			p.uncounted = make(map[string]bool)
		}
		p.uncounted[name] = true
		p.say(s.at, conf.Note, "write callcounter=yes in sip.conf, in [general] or for the account", "the lamp of account '%s' shows no calls", name)
	}
}

// lampLocal checks an extension that a hint names by Local/extension@context.
func (p *planChecker) lampLocal(s *step, target string) {
	target, _, _ = strings.Cut(target, "/")
	exten, context, ok := strings.Cut(target, "@")
	if target == "" {
		return
	}
	c := p.plan.Context(context)
	if e, _ := p.plan.FindExtension(context, exten, "", p.now); !ok || c == nil || e == nil && !p.sometimes(c) {
		p.say(s.at, conf.Warning, unlit, "there is no extension '%s' that a hint names by Local", target)
	}
}
