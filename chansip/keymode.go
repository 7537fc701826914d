package chansip

import (
	"fmt"

	"obelus/call"
	"obelus/chansip/sipconf"
	"obelus/chansip/talk"
	"obelus/media/rtp"
)

// setKeyMode has the leg's keys travel another way than the account's dtmfmode says,
// for the rest of the call: SIPDtmfMode().
func (l *leg) setKeyMode(name string) error {
	mode, err := sipconf.ParseDTMF(name)
	if err != nil {
		return fmt.Errorf("%w: %w", call.ErrUnsupported, err)
	}
	l.keysBy.Store(&mode)
	if s := l.mediaSession(); s != nil {
		s.SetKeys(rtp.KeyRules{Mode: talk.KeyMode(mode), Relaxed: l.set.General.RelaxDTMF, Compensate: l.peer.CompensateDTMF})
	}
	return nil
}

// dtmf is how the leg's keys travel.
func (l *leg) dtmf() sipconf.DTMFMode {
	if mode := l.keysBy.Load(); mode != nil {
		return *mode
	}
	return l.peer.DTMF
}
