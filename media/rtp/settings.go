package rtp

import (
	"fmt"
	"log/slog"
	"time"

	"obelus/media/codec"
	"obelus/media/wire"
)

// complete fills in what was left out, and refuses what can't be.
func (o *Options) complete() error {
	if o.Start == 0 && o.End == 0 {
		o.Start, o.End = 10000, 20000
	}
	if o.Start < 1 || o.End > 65535 || wire.EvenUp(o.Start)+1 > o.End {
		return fmt.Errorf("RTP ports %d to %d: no room for an even port and the next (rtpstart, rtpend)", o.Start, o.End)
	}
	if o.Probation <= 0 {
		o.Probation = 4
	}
	if o.Unproven <= 0 {
		o.Unproven = 250
	}
	if o.DigitTimeout <= 0 {
		o.DigitTimeout = 3000
	}
	if o.RTCPInterval <= 0 {
		o.RTCPInterval = reportEvery
	}
	if o.Coalesce == 0 {
		o.Coalesce = time.Millisecond
	}
	o.Coalesce = min(o.Coalesce, maxCoalesce)
	if o.Codecs == nil {
		o.Codecs = codec.NewSet(codec.Options{})
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Set takes what rtp.conf says now; calls that are up keep what they began with,
// but for the interval of reports. It concerns Start, End, Lenient, Probation,
// Unproven, TakeReplays, DigitTimeout, RTCPInterval and NoChecksums; the other
// options stay.
func (p *Plane) Set(o Options) error {
	o.Engine, o.Listen, o.Coalesce, o.Codecs, o.Log = p.options.Engine, p.options.Listen, p.options.Coalesce, p.options.Codecs, p.options.Log
	if err := o.complete(); err != nil {
		return err
	}
	p.ports.Move(o.Start, o.End)
	p.reports.every.Store(int64(o.RTCPInterval))
	p.settings.Store(&o)
	return nil
}

// Settings is what new calls get.
func (p *Plane) Settings() Options { return *p.settings.Load() }
