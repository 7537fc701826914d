package features

import (
	"context"
	"fmt"
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
)

// recorder is one of the two ways of recording a call at the press of a key.
type recorder struct {
	prefix     string // of its variables: TOUCH_MONITOR
	begin, end string // its applications
	file       func(format, name string) string
	options    string
	output     string // variable that says where the recording is
}

func monitor() recorder {
	return recorder{prefix: "TOUCH_MONITOR", begin: "Monitor", end: "StopMonitor", output: "TOUCH_MONITOR_OUTPUT",
		file: func(format, name string) string { return format + "," + name }, options: ",m"}
}

func mixMonitor() recorder {
	return recorder{prefix: "TOUCH_MIXMONITOR", begin: "MixMonitor", end: "StopMixMonitor", output: "TOUCH_MIXMONITOR_OUTPUT",
		file: func(format, name string) string { return name + "." + format }, options: ",b"}
}

// record begins to record the call, or ends it: automon, automixmon. The other party's channel is recorded, as in the original.
func (d *Desk) record(p *pbx.PBX, r recorder) call.Act {
	return func(ctx context.Context, ch *call.Channel) error {
		b := ch.Bridge()
		if b == nil {
			return nil
		}
		other := b.Other(ch)
		if other == nil {
			return nil
		}
		if err := d.play(ctx, ch, d.of(ch).CourtesyTone); err != nil {
			return err
		}
		if on, _ := ch.Vars.Get(r.output); on != "" {
			ch.Vars.Unset(r.output)
			other.Vars.Unset(r.output)
			d.play(ctx, ch, value(p, ch, r.prefix+"_MESSAGE_STOP"))
			return b.Have(other, func(ctx context.Context, peer *call.Channel) error { return Application(ctx, p, peer, r.end, "") })
		}
		if _, ok := p.Application(r.begin); !ok {
			ch.Log().Warn(fmt.Sprintf("Cannot record the call. The %s application is disabled.", strings.ToLower(r.begin)))
			return d.play(ctx, ch, d.of(ch).RecordingFailSound)
		}
		name, format := r.name(p, ch, other), value(p, ch, r.prefix+"_FORMAT")
		if format == "" {
			format = "wav"
		}
		ch.Vars.Set(r.output, name)
		other.Vars.Set(r.output, name)
		if err := b.Have(other, func(ctx context.Context, peer *call.Channel) error {
			return Application(ctx, p, peer, r.begin, r.file(format, name)+r.options)
		}); err != nil {
			return nil // it leaves
		}
		return d.play(ctx, ch, value(p, ch, r.prefix+"_MESSAGE_START"))
	}
}

// name is the recording's file: auto-TIME-CALLER-CALLED, or as TOUCH_MONITOR says.
func (r recorder) name(p *pbx.PBX, ch, other *call.Channel) string {
	prefix := value(p, ch, r.prefix+"_PREFIX")
	if prefix == "" {
		prefix = "auto"
	}
	if v := value(p, ch, r.prefix); v != "" {
		return fmt.Sprintf("%s-%d-%s", prefix, time.Now().Unix(), plainName(v))
	}
	return fmt.Sprintf("%s-%d-%s-%s", prefix, time.Now().Unix(), plainName(party(ch)), plainName(party(other)))
}

// party is who a channel belongs to, for the name of a file.
func party(ch *call.Channel) string {
	if n := ch.Identity().Caller.Number; n != "" {
		return n
	}
	return ch.Name()
}

// plainName leaves out of a name what leads elsewhere in the file system, and what would end the argument that it is: a caller's number has no say in
// MixMonitor's other arguments.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\,"()[]{}^$|`, r) {
			return '-'
		}
		return r
	}, s)
}

// value reads a variable of the channel, or a global one.
func value(p *pbx.PBX, ch *call.Channel, name string) string {
	if v, ok := ch.Vars.Get(name); ok {
		return v
	}
	v, _ := p.Globals.Get(name)
	return v
}
