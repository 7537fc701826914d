package show

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"obelus/media"
	"obelus/sip"
)

// Facts are what a leg knows of its call, for the dialplan.
type Facts struct {
	Call
	From    string       // who is at the other end: the URI
	Request *sip.Message // the INVITE that came; nil for a call that we made
	Said    string       // the last answer to our INVITE: SIP 486 Busy Here
	Secure  bool         // what is signalled goes under TLS
	Here    netip.Addr   // our address, where sound comes in
	Port    uint16       // ... and its port
	Formats []media.Format
}

// Tell answers CHANNEL(item), SIP_HEADER(name) and SIP_HEADERS(prefix); items of more
// words have commas.
func (f *Facts) Tell(item string) (string, bool) {
	switch item {
	case "peerip", "recvip":
		return f.host(), true
	case "recvport":
		return strconv.Itoa(int(f.Remote.Port())), true
	case "peername":
		return f.Account, true
	case "useragent":
		if f.Request == nil {
			return "", true
		}
		return strings.Clone(f.Request.Value(sip.HeaderUserAgent)), true
	case "from":
		return f.From, true
	case "uri":
		return f.Target, true
	case "secure_signaling":
		return oneIf(f.Secure), true
	case "secure_media":
		return oneIf(f.Stats.Suite != ""), true
	case "channeltype":
		return "SIP", true
	case "hangupcause":
		return f.Said, true
	case "callid":
		return f.CallID, true
	case "audionativeformat", "audioreadformat", "audiowriteformat":
		if len(f.Formats) > 0 {
			return f.Formats[0].String(), true
		}
	case "t38passthrough":
		if f.Peer != nil && f.Peer.T38.On {
			return "1", true
		}
		return "0", true
	}
	if v, ok := f.sound(item); ok {
		return v, true
	}
	return f.header(item)
}

// sound are the items about the stream of sound: rtpqos,audio,X and rtpdest, rtpsource.
func (f *Facts) sound(item string) (string, bool) {
	words := strings.Split(item, ",")
	kind := "audio"
	if len(words) > 1 && words[1] != "" {
		kind = strings.TrimSpace(words[1])
	}
	if kind != "audio" || !f.HasMedia {
		return "", false
	}
	switch words[0] {
	case "rtpdest":
		if !f.Stats.Learned.IsValid() {
			return "", true
		}
		return f.Stats.Learned.String(), true
	case "rtpsource":
		return netip.AddrPortFrom(f.Here, f.Port).String(), true
	case "rtpqos":
		what := "all"
		if len(words) > 2 && words[2] != "" {
			what = strings.TrimSpace(words[2])
		}
		return f.Quality(what)
	}
	return "", false
}

// header reads SIP_HEADER:name,number and SIP_HEADERS:prefix.
func (f *Facts) header(item string) (string, bool) {
	if prefix, ok := strings.CutPrefix(item, "SIP_HEADERS:"); ok && f.Request != nil {
		var names []string
		for h := range f.Request.Headers() {
			name := strings.Clone(h.Name)
			if len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix) && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
				names = append(names, name)
			}
		}
		return strings.Join(names, ","), true
	}
	name, ok := strings.CutPrefix(item, "SIP_HEADER:")
	if !ok || f.Request == nil {
		return "", false
	}
	name, nth, _ := strings.Cut(name, ",")
	n, err := strconv.Atoi(strings.TrimSpace(nth))
	if err != nil || n < 1 {
		n = 1
	}
	for v := range f.Request.HeaderValues(name) {
		if n--; n == 0 {
			return strings.Clone(v), true
		}
	}
	return "", false
}

// oneIf is 1 for yes and nothing for no, as the original answers.
func oneIf(yes bool) string {
	if yes {
		return "1"
	}
	return ""
}
