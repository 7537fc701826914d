package chansip

import (
	"io"

	"obelus/chansip/direct"
	"obelus/chansip/show"
	"obelus/sip/sdp"
)

// ShowChannels prints sip show channels.
func (d *Driver) ShowChannels(w io.Writer) { show.Channels(w, d.shownCalls()) }

// ShowChannelStats prints sip show channelstats.
func (d *Driver) ShowChannelStats(w io.Writer) { show.ChannelStats(w, d.shownCalls()) }

// ShowChannel prints sip show channel ID; false where there is none.
func (d *Driver) ShowChannel(w io.Writer, id string) bool {
	return show.Channel(w, d.shownCalls(), id)
}

// ChannelIDs lists the Call-IDs there are, for completion.
func (d *Driver) ChannelIDs() []string {
	var out []string
	for _, c := range d.shownCalls() {
		out = append(out, show.Plain(c.CallID))
	}
	return out
}

func (d *Driver) shownCalls() []show.Call {
	var out []show.Call
	for _, l := range d.calls.all() {
		out = append(out, l.shown())
	}
	return out
}

// shown is the leg as the console shows it. Its time runs from its beginning, as
// in the original.
func (l *leg) shown() show.Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	id := l.dlg.ID
	c := show.Call{
		Incoming: l.incoming, Up: l.state == legUp, Gone: l.state == legGone, Account: l.name, CallID: id.CallID, Ours: id.Local, Theirs: id.Remote,
		Target: l.dlg.Target, Remote: l.flow.Remote, Transport: l.flow.Transport.String(), AtSource: l.atSource, Timed: l.session.Interval > 0, Peer: l.peer,
	}
	if ch := l.told.Load(); ch != nil {
		c.Channel, c.Lasted = ch.Name(), now().Sub(ch.Created())
	}
	if l.talk != nil {
		audio := l.talk.Session().Audio()
		c.HasMedia, c.Held, c.Faxing, c.Agreed = true, l.talk.Held(), l.talk.Faxing(), l.talk.Agreed()
		c.Events, c.Stats, c.Sound = audio.HasEvents(), audio.Stats(), l.pointsAt()
	}
	return c
}

// pointsAt is where the phone is told to send its sound, and why: in a bridge what
// became of direct media; l.mu is held.
func (l *leg) pointsAt() string {
	if told := l.point.told; told != nil {
		return direct.Audio(told).String() + " (Outside bridge)"
	}
	ours := sdp.ConnectionTo(l.talk.Addr()).Address + " (local)"
	if p := l.point.pair.Load(); p != nil && !p.Over() {
		ours += "; " + p.String()
	} else if why := l.point.held.Load(); why != nil {
		ours += "; no direct media: " + *why
	}
	return ours
}
