package settings

import (
	"reflect"
	"slices"

	"obelus/chansip/sipconf"
)

// fixed is something that is settled when the server starts.
type fixed struct {
	file    string
	options []string // that say it
	value   func(f *Files) any
}

func fixedAtStart() []fixed {
	general := func(get func(g *sipconf.General) any) func(f *Files) any {
		return func(f *Files) any { return get(&f.SIP.General) }
	}
	return []fixed{
		{"sip.conf", []string{"udpbindaddr", "bindaddr", "bindport", "port"}, general(func(g *sipconf.General) any { return g.UDPBind })},
		{"sip.conf", []string{"tcpenable"}, general(func(g *sipconf.General) any { return g.TCP })},
		{"sip.conf", []string{"tcpbindaddr"}, general(func(g *sipconf.General) any { return whileOn(g.TCP, g.TCPBind) })},
		{"sip.conf", []string{"tlsenable"}, general(func(g *sipconf.General) any { return g.TLSEnable })},
		{"sip.conf", []string{"tlsbindaddr"}, general(func(g *sipconf.General) any { return whileOn(g.TLSEnable, g.TLSBind) })},
		{"sip.conf", []string{"tos_sip", "cos_sip"}, general(func(g *sipconf.General) any { return g.SIPMarks })},
		{"sip.conf", []string{"tcpauthtimeout"}, general(func(g *sipconf.General) any { return g.TCPAuthTimeout })},
		{"sip.conf", []string{"tcpauthlimit"}, general(func(g *sipconf.General) any { return g.TCPAuthLimit })},
		{"cdr.conf", []string{"ignorestatechanges"}, func(f *Files) any { return f.CDR.IgnoreBridges }},
		{"cdr.conf", []string{"ignoredialchanges"}, func(f *Files) any { return f.CDR.IgnoreDials }},
		{"obelus.conf", []string{"[store]"}, func(f *Files) any { return f.Own.Store }},
		{"obelus.conf", []string{"[stun]"}, func(f *Files) any { return f.Own.STUN }},
		{"obelus.conf", []string{"[mail]"}, func(f *Files) any { return f.Own.Mail }},
		{"obelus.conf", []string{"[media]"}, func(f *Files) any { return []any{f.Own.Opus, f.Own.Media} }},
	}
}

// whileOn is v where something is on, and nothing where it is off: then v does not count.
func whileOn[T any](on bool, v T) any {
	if on {
		return v
	}
	return nil
}

// AfterRestart says, a line each, what the files say otherwise than when the server started and is settled at the start: it holds when the server
// starts again.
func AfterRestart(started, now *Files) []string {
	var out []string
	for _, x := range fixedAtStart() {
		if reflect.DeepEqual(x.value(started), x.value(now)) {
			continue
		}
		name, at := x.options[0], x.file
		if x.file == "sip.conf" {
			// The line that it is on now, or else was: who took it away did that in the same file.
			for _, f := range []*Files{started, now} {
				for _, o := range slices.Backward(x.options) {
					if line := f.SIP.LineOf(o); line != "" {
						name = o
						if f == now {
							at = line
						}
					}
				}
			}
		}
		out = append(out, at+": "+name+" has changed: it holds after a restart (core restart when convenient)")
	}
	return out
}
