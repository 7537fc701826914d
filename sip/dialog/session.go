package dialog

import (
	"time"

	"obelus/sip"
)

// SessionPolicy is what one side wants of session timers (RFC 4028).
type SessionPolicy struct {
	Refuse    bool          // none at all
	Originate bool          // ask for one, too
	Expires   time.Duration // how long a session lives without a refresh
	Min       time.Duration // the least that is accepted
	ByUAC     bool          // who calls is to refresh, where the other side leaves it open
}

// Session is the agreed session timer.
type Session struct {
	Interval time.Duration // 0: none
	We       bool          // we refresh
}

// Refresh is when the one who refreshes does: after half the interval.
func (s Session) Refresh() time.Duration { return s.Interval / 2 }

// Deadline is when the one who waits gives up: before the end by a third of the
// interval, at most 32 seconds (RFC 4028 section 10).
func (s Session) Deadline() time.Duration {
	return s.Interval - min(32*time.Second, s.Interval/3)
}

// Answer settles the timer for an INVITE or UPDATE that has come. tooSmall asks
// for a 422 with our Min-SE.
func (p SessionPolicy) Answer(req *sip.Message) (s Session, tooSmall bool) {
	if p.Refuse {
		return Session{}, false
	}
	theyCan := req.HasToken(sip.HeaderSupported, "timer") || req.HasToken(sip.HeaderRequire, "timer")
	interval, refresher := p.Expires, ""
	if se, ok := req.SessionExpires(); ok {
		asked := time.Duration(se.Seconds) * time.Second
		if asked < p.Min && theyCan {
			return Session{}, true
		}
		interval, refresher = min(max(asked, p.Min), max(p.Expires, p.Min)), se.Refresher
		if se.Seconds == 0 {
			return Session{}, false
		}
	} else if !p.Originate {
		return Session{}, false
	}
	if m, ok := req.Number(sip.HeaderMinSE); ok {
		interval = max(interval, time.Duration(m)*time.Second)
	}
	switch {
	case !theyCan || refresher == "uas":
		return Session{interval, true}, false
	case refresher == "uac":
		return Session{interval, false}, false
	}
	return Session{interval, !p.ByUAC}, false
}

// shortest is the least that RFC 4028 section 4 allows a session to live. A phone
// that answers less, whatever our Min-SE said, does not have us refresh without
// pause.
const shortest = 90 * time.Second

// floor is the least that we live by: shortest, unless we were told to take less.
func (p SessionPolicy) floor() time.Duration {
	if p.Min > 0 {
		return min(p.Min, shortest)
	}
	return shortest
}

// Settle reads the timer out of the 2xx to our INVITE or UPDATE. asked is what
// we asked for, 0 for nothing.
func (p SessionPolicy) Settle(resp *sip.Message, asked time.Duration) Session {
	se, ok := resp.SessionExpires()
	switch {
	case p.Refuse, ok && se.Seconds == 0:
		return Session{}
	case ok:
		return Session{max(time.Duration(se.Seconds)*time.Second, p.floor()), se.Refresher != "uas"}
	case asked > 0:
		return Session{asked, true} // the other side knows no timers: we refresh
	}
	return Session{}
}

// Refresher is the word of the Session-Expires header of a response (uas is the
// one who answers) or of a request.
func (s Session) Refresher(answering bool) string {
	if s.We == answering {
		return "uas"
	}
	return "uac"
}
