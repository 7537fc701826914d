package chansip

import "obelus/chansip/show"

// Tell answers CHANNEL(item), SIP_HEADER(name) and SIP_HEADERS(prefix).
func (l *leg) Tell(item string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := show.Facts{Call: l.facts(), From: l.dlg.Remote, Said: l.said, Secure: l.flow.Transport.Secure(), Formats: l.peer.Formats}
	if l.request != nil {
		f.Request = l.request.M
	}
	if l.talk != nil {
		f.Here, f.Port = l.talk.Addr(), l.talk.Session().Audio().Local().Port()
		if len(f.Agreed) > 0 {
			f.Formats = f.Agreed
		}
	}
	return f.Tell(item)
}
