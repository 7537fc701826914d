package chansip

import (
	"context"
	"errors"
	"sync"

	"obelus/call"
	"obelus/chansip/talk"
	"obelus/media"
	"obelus/media/rtp"
)

// legMedia is a leg's [call.Media]: an RTP session.
type legMedia struct {
	s   *rtp.Session
	leg *leg
}

// Join connects two RTP sessions; what is none joins from its own side.
func (m legMedia) Join(other call.Media) error {
	o, ok := other.(legMedia)
	m.unpair(o.leg)
	if !ok {
		return other.Join(m)
	}
	o.unpair(m.leg)
	m.leg.meets(o.leg)
	o.leg.meets(m.leg)
	return rtp.Connect(m.s, o.s)
}

// Part ends what Join began.
func (m legMedia) Part() {
	m.unpair(nil)
	m.leg.point.held.Store(nil)
	m.s.Part()
}

// Echo sends what the phone says back to it.
func (m legMedia) Echo(on bool) {
	if m.leg.echoes.Swap(on) != on {
		m.busy(map[bool]int{true: 1, false: -1}[on])
	}
	m.s.Echo(on)
}

// Play plays to the phone.
func (m legMedia) Play(ctx context.Context, src media.Source) error {
	m.busy(1)
	defer m.busy(-1)
	return m.s.Play(ctx, src)
}

// HoldKeys keeps the phone's keys from the other phone.
func (m legMedia) HoldKeys(on bool) { m.s.HoldKeys(on) }

// Hear listens to the phone, and to what it is sent; its sound comes here meanwhile.
func (m legMedia) Hear(rate int, f func(in, out []int16)) (stop func(), err error) {
	unhear, err := m.s.Hear(rate, f)
	if errors.Is(err, rtp.ErrClosed) {
		return nil, call.ErrGone
	}
	if err != nil {
		return nil, err
	}
	m.busy(1)
	return sync.OnceFunc(func() {
		unhear()
		m.busy(-1)
	}), nil
}

// SetGain makes what the phone says, and what it is sent, louder.
func (m legMedia) SetGain(said, sent float64) { m.s.SetGain(said, sent) }

// Digit sends a key in the media stream: as RFC 4733 says, or as its tones.
func (m legMedia) Digit(d call.Digit) error {
	err := m.s.SendDigit(d.Key, d.Duration)
	if errors.Is(err, rtp.ErrClosed) {
		return call.ErrGone
	}
	return err
}

// openTalk takes media ports for a leg, whose flow says how the phone reaches us.
func (d *Driver) openTalk(set *Settings, l *leg) (*talk.Talk, error) {
	var near *rtp.Session
	if l.from != nil {
		near = l.from.mediaSession()
	}
	t, err := talk.Open(talk.Config{
		Plane: d.cfg.Media, General: &set.General, Peer: l.peer, Addr: d.mediaAddr(set, l.flow), Signal: l.flow.Remote.Addr(), Hooks: l.hooks(), Near: near,
	})
	if err != nil {
		return nil, err
	}
	t.Session().SetKeys(rtp.KeyRules{Mode: talk.KeyMode(l.dtmf()), Relaxed: set.General.RelaxDTMF, Compensate: l.peer.CompensateDTMF})
	return t, nil
}

// mediaSession is the leg's media; nil where it has none.
func (l *leg) mediaSession() *rtp.Session {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.talk == nil {
		return nil
	}
	return l.talk.Session()
}
