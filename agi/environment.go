package agi

import (
	"fmt"
	"strings"
)

// environment is what a script is told first: lines "name: value", ended by an
// empty one.
func (s *session) environment() string {
	var b strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&b, "agi_%s: %s\n", name, oneLine(fmt.Sprint(value))) }
	known := func(name, value string) {
		if value == "" {
			value = "unknown"
		}
		line(name, value)
	}
	b.WriteString(s.link.network)
	id, at := s.ch.Identity(), s.x.Place()
	tech, _, _ := strings.Cut(s.ch.Name(), "/")
	line("request", s.args[0])
	line("channel", s.ch.Name())
	line("language", s.ch.Language())
	line("type", tech)
	line("uniqueid", s.ch.ID())
	line("version", s.d.Version)
	known("callerid", id.Caller.Number)
	known("calleridname", id.Caller.Name)
	line("callingpres", s.x.Get("CALLINGPRES"))
	line("callingani2", s.x.Get("CALLINGANI2"))
	line("callington", s.x.Get("CALLINGTON"))
	line("callingtns", s.x.Get("CALLINGTNS"))
	known("dnid", id.DNID)
	known("rdnis", id.Redirecting.Number)
	line("context", at.Context)
	line("extension", at.Exten)
	line("priority", at.Priority)
	enhanced := "0.0"
	if s.enhanced {
		enhanced = "1.0"
	}
	line("enhanced", enhanced)
	line("accountcode", s.ch.Account())
	line("threadid", s.threadID())
	for i, a := range s.args[1:] {
		line(fmt.Sprintf("arg_%d", i+1), a)
	}
	b.WriteString("\n")
	return b.String()
}

// threadID is a number that is this channel's alone: the original's is that of
// the thread that runs it.
func (s *session) threadID() string {
	_, serial, _ := strings.Cut(s.ch.ID(), ".")
	if serial == "" {
		return "0"
	}
	return serial
}
