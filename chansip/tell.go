package chansip

import (
	"strings"

	"obelus/sip"
)

// Tell answers CHANNEL(item) and SIP_HEADER(name).
func (l *leg) Tell(item string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch item {
	case "peerip", "recvip":
		return l.flow.Remote.Addr().Unmap().String(), true
	case "peername":
		return l.name, true
	case "useragent":
		if l.request != nil {
			return strings.Clone(l.request.M.Value(sip.HeaderUserAgent)), true
		}
		return "", true
	case "from":
		return l.dlg.Remote, true
	case "uri":
		return l.dlg.Target, true
	case "audionativeformat", "audioreadformat", "audiowriteformat":
		formats := l.peer.Formats
		if l.talk != nil && len(l.talk.Agreed()) > 0 {
			formats = l.talk.Agreed()
		}
		if len(formats) > 0 {
			return formats[0].String(), true
		}
	case "secure_signaling":
		return oneIf(l.flow.Transport.Secure()), true
	case "secure_media":
		return oneIf(l.talk != nil && l.talk.Session().Audio().Stats().Suite != ""), true
	case "channeltype":
		return "SIP", true
	case "callid":
		return l.dlg.CallID, true
	}
	if name, ok := strings.CutPrefix(item, "SIP_HEADER:"); ok && l.request != nil {
		v, has := l.request.M.Header(name)
		return strings.Clone(v), has
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
