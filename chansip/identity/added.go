package identity

import (
	"slices"
	"strings"

	"obelus/call"
	"obelus/sip"
)

// Add adds the headers of a call out that the dialplan has asked for by
// SIPAddHeader(): variables SIPADDHEADER01, SIPADDHEADER02 ... of the called channel,
// which it has from the one that calls. What can't be a header, or is one that the
// call itself is made of, is said and left out.
func Add(b *sip.Builder, ch *call.Channel) {
	var added []string
	ch.Vars.Each(func(name, value string) bool {
		if strings.HasPrefix(name, "SIPADDHEADER") && value != "" {
			added = append(added, name+" "+value)
		}
		return true
	})
	slices.Sort(added) // by their numbers
	for _, line := range added {
		_, line, _ = strings.Cut(line, " ")
		name, value, ok := strings.Cut(line, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case !ok || !isToken(name) || strings.ContainsFunc(value, isControl):
			ch.Log().Warn("a header that SIPAddHeader asked for is none", "header", line)
		case ours(name):
			ch.Log().Warn("SIPAddHeader can't add a header that the call itself is made of", "header", line)
		default:
			b.Header(name, value)
		}
	}
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// isToken says whether s can name a header (RFC 3261 section 25.1).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}

// ours says whether a header is one that a second of would make the request
// another one, or none: whose call it is, where it goes and how long it is.
func ours(name string) bool {
	switch strings.ToLower(name) {
	case "via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "contact", "m", "max-forwards", "content-length", "l", "content-type", "c",
		"authorization", "proxy-authorization", "record-route":
		return true
	}
	return false
}
