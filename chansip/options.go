package chansip

import (
	"obelus/chansip/door"
	"obelus/sip"
)

// options serves an OPTIONS: within a call it is answered 200, else 200 or 404 by
// whether the extension exists where the sender's calls would begin. Without
// auth_options_requests=yes nobody proves who they are, so that is where a
// stranger's calls begin, as in the original: an account's own extensions are not
// told to everybody who knows its name.
func (r *request) options() {
	if r.M.ToTag() != "" {
		r.optionsWithin()
		return
	}
	if r.Set.General.AuthOptions {
		if v := r.Identify(); v != door.Known && v != door.Guest {
			return
		}
	}
	exten := r.RequestUser()
	if exten == "" {
		exten = "s"
	}
	switch {
	case r.d.stopping.Load():
		r.Answer(503, "", acceptSDP)
	case r.d.cfg.Exists(r.settingsOf().Context, exten, r.FromUser()):
		r.Answer(200, "", acceptSDP)
	default:
		r.Answer(404, "", acceptSDP)
	}
}

func (r *request) optionsWithin() {
	l := r.legOf()
	if l == nil {
		r.Answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if l.inOrder(r) {
		r.Answer(200, "", acceptSDP)
	}
}

func acceptSDP(b *sip.Builder) { b.Add(sip.HeaderAccept, "application/sdp") }
