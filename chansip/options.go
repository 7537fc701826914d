package chansip

import "obelus/sip"

// options serves an OPTIONS: within a call it is answered 200, else 200 or 404 by
// whether the extension exists where the sender's calls would begin. Without
// auth_options_requests=yes nobody proves who they are, so that is where a
// stranger's calls begin, as in the original: an account's own extensions are not
// told to everybody who knows its name.
func (r *request) options() {
	if r.m.ToTag() != "" {
		r.optionsWithin()
		return
	}
	if r.set.General.AuthOptions {
		if v := r.identify(); v != known && v != guest {
			return
		}
	}
	exten := r.requestUser()
	if exten == "" {
		exten = "s"
	}
	switch {
	case r.d.stopping.Load():
		r.answer(503, "", acceptSDP)
	case r.d.cfg.Exists(r.settingsOf().Context, exten, r.fromUser()):
		r.answer(200, "", acceptSDP)
	default:
		r.answer(404, "", acceptSDP)
	}
}

func (r *request) optionsWithin() {
	l := r.legOf()
	if l == nil {
		r.answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if l.inOrder(r) {
		r.answer(200, "", acceptSDP)
	}
}

func acceptSDP(b *sip.Builder) { b.Add(sip.HeaderAccept, "application/sdp") }
