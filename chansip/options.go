package chansip

import "obelus/sip"

// options serves an OPTIONS: 200 where the extension exists in the context that
// its sender's calls would begin in, else 404, as in the original.
func (r *request) options() {
	if r.m.ToTag() != "" {
		if l := r.legOf(); l != nil {
			if l.inOrder(r) {
				r.answer(200, "", acceptSDP)
			}
			return
		}
		r.answer(481, "Call leg/transaction does not exist", nil)
		return
	}
	if r.set.General.AuthOptions {
		if v := r.identify(); v != known && v != guest {
			return
		}
	} else if p := r.account(); p != nil {
		r.peer = p
	}
	exten := r.requestUser()
	if exten == "" {
		exten = "s"
	}
	if r.d.stopping.Load() {
		r.answer(503, "", acceptSDP)
		return
	}
	if !r.d.cfg.Exists(r.settingsOf().Context, exten, r.fromUser()) {
		r.answer(404, "", acceptSDP)
		return
	}
	r.answer(200, "", acceptSDP)
}

func acceptSDP(b *sip.Builder) { b.Add(sip.HeaderAccept, "application/sdp") }
