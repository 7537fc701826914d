package watch

import (
	"strings"

	"obelus/chansip/sipconf"
	"obelus/sip"
)

// format is a way of writing a state down.
type format struct {
	contentType string
	write       func(s *subscription, set *sipconf.Settings) []byte
	word        string // of sip show subscriptions
}

func (f *format) typeOf(set *sipconf.Settings) string {
	if f == messageSummary {
		return set.General.Lamps.MWIType
	}
	return f.contentType
}

// The formats. They never change.
var (
	pidf           = &format{"application/pidf+xml", writePIDF, "pidf+xml"}
	xpidf          = &format{"application/xpidf+xml", writeXPIDF, "xpidf+xml"}
	cpimPIDF       = &format{"application/cpim-pidf+xml", writeXPIDF, "cpim-pidf+xml"} // the same text, as in the original
	dialogInfo     = &format{"application/dialog-info+xml", writeDialogInfo, "dialog-info+xml"}
	messageSummary = &format{mwiType, writeMessageSummary, "mwi"}
)

const mwiType = "application/simple-message-summary"

// formatOf is the format that a SUBSCRIBE accepts, by the original's order of
// preference, whatever the event; without Accept that of the event (RFC 6665 section
// 4.1.2.1, where the original refuses). nil comes with the reason of a 489.
func formatOf(m *sip.Message, event string) (f *format, why string) {
	if !m.Has(sip.HeaderAccept) {
		if strings.EqualFold(event, "dialog") {
			return dialogInfo, ""
		}
		return pidf, ""
	}
	for _, f := range []*format{pidf, dialogInfo, cpimPIDF, xpidf} {
		if accepts(m, f.contentType) {
			if f == pidf && strings.Contains(m.Value(sip.HeaderUserAgent), "Polycom") {
				return xpidf, "" // as in the original: the lamps of Polycom know no other
			}
			return f, ""
		}
	}
	return nil, "Bad Event (format " + m.Value(sip.HeaderAccept) + ")"
}

// accepts says whether a type is among those that a request accepts.
func accepts(m *sip.Message, contentType string) bool {
	for v := range m.List(sip.HeaderAccept) {
		if strings.EqualFold(sip.ParseValued(v).Value, contentType) {
			return true
		}
	}
	return false
}

// appendXML adds a text as XML has it, without what XML can't hold.
func appendXML(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r == '\'':
			b = append(b, "&apos;"...)
		case r < ' ' && r != '\t', r == 0xFFFE, r == 0xFFFF:
			b = append(b, ' ')
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}

// writer writes XML: what is text is escaped.
type writer struct{ b []byte }

// put adds markup and texts by turns, markup first.
func (w *writer) put(parts ...string) {
	for i, p := range parts {
		if i%2 == 0 {
			w.b = append(w.b, p...)
		} else {
			w.b = appendXML(w.b, p)
		}
	}
}
