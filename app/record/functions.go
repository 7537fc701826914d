package record

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/event"
	"obelus/media"
	"obelus/pbx"
	"obelus/prompt/record"
)

// Functions lists the functions.
func Functions(k *Desk) []pbx.Function {
	folder, err := fs.Sub(pages, "functions")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return pbx.DescribeFunctions(folder, []pbx.Function{audiohookInherit(), mixMonitorFunction(k), talkDetect(k), volumeFunction(k)})
}

// audiohookInherit is there because dialplans of old have it: what records a channel
// stays with it, as in the original since its release 13.
func audiohookInherit() pbx.Function {
	return pbx.Function{Name: "AUDIOHOOK_INHERIT", Write: func(*pbx.Exec, string, string) error { return nil }}
}

// volume is how loud a channel is.
type volume struct {
	mu         sync.Mutex
	said, sent float64 // as the function has them: below 0 the sound is divided
	unwatch    func()  // ends heeding keys; nil: they are not
}

func volumeFunction(k *Desk) pbx.Function {
	return pbx.Function{
		Name: "VOLUME",
		Write: func(x *pbx.Exec, args, value string) error {
			list := expand.Args(args, 2)
			n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return fmt.Errorf("invalid volume '%s': it is a number", value)
			}
			v := k.volumeOf(x.Channel())
			v.mu.Lock()
			defer v.mu.Unlock()
			switch strings.ToLower(expand.Arg(list, 0)) {
			case "rx":
				v.said = n
			case "tx":
				v.sent = n
			default:
				return fmt.Errorf("invalid direction '%s': it is TX or RX", expand.Arg(list, 0))
			}
			v.heed(x.Channel(), strings.Contains(expand.Arg(list, 1), "p"))
			return v.apply(x.Channel())
		},
	}
}

// volumeOf is the channel's volume, made where there was none.
func (k *Desk) volumeOf(ch *call.Channel) *volume {
	k.mu.Lock()
	defer k.mu.Unlock()
	v := k.loud[ch]
	if v == nil {
		v = &volume{}
		k.loud[ch] = v
		ch.AtEnd(func() {
			k.mu.Lock()
			delete(k.loud, ch)
			k.mu.Unlock()
		})
	}
	return v
}

// heed has the party change the volume with * and #, or not; v.mu is held.
func (v *volume) heed(ch *call.Channel, yes bool) {
	if v.unwatch != nil {
		v.unwatch()
		v.unwatch = nil
	}
	if !yes {
		return
	}
	v.unwatch = ch.Watch(func(e call.Event) {
		d, ok := e.Indication.(call.Digit)
		if !ok || e.Kind != call.EventDigit {
			return
		}
		more := map[byte]float64{'*': 1, '#': -1}[d.Key]
		if more == 0 {
			return
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.said += more
		v.sent += more
		if err := v.apply(ch); err != nil {
			ch.Log().Debug("the volume could not be changed", "why", err)
		}
	})
}

// apply has the media plane do it; v.mu is held.
func (v *volume) apply(ch *call.Channel) error {
	m, ok := ch.Media().(call.Loudness)
	if !ok {
		return fmt.Errorf("the sound of %s can't be made louder", ch.Name())
	}
	m.SetGain(factor(v.said), factor(v.sent))
	return nil
}

// factor is what samples are multiplied by.
func factor(n float64) float64 {
	switch {
	case n > 0:
		return n
	case n < 0:
		return -1 / n
	}
	return 1
}

// talkDetect is TALK_DETECT(set) and TALK_DETECT(remove).
func talkDetect(k *Desk) pbx.Function {
	return pbx.Function{
		Name: "TALK_DETECT",
		Write: func(x *pbx.Exec, args, value string) error {
			switch strings.ToLower(strings.TrimSpace(args)) {
			case "set":
				list := expand.Args(value, 2)
				return k.followTalk(x.Channel(), milliseconds(expand.Arg(list, 0), 2500*time.Millisecond), number(expand.Arg(list, 1), k.settings.Load().SilenceThreshold))
			case "remove":
				k.followNoTalk(x.Channel())
				return nil
			}
			return fmt.Errorf("TALK_DETECT(%s): it is set or remove", args)
		},
	}
}

// followTalk tells observers when the channel's party begins to talk, and when it has
// been silent for so long.
func (k *Desk) followTalk(ch *call.Channel, silence time.Duration, threshold int) error {
	k.followNoTalk(ch)
	m := record.Meter{Threshold: threshold}
	var talks, lasted time.Duration
	stop, err := record.Listen(ch, listenRate, func(in, _ []int16) {
		silent := m.Hear(in, media.Frame)
		switch {
		case !silent && talks == 0:
			k.tellTalk(ch, true, 0)
			fallthrough
		case talks > 0:
			talks += media.Frame
		}
		if !silent {
			lasted = talks
		}
		if talks > 0 && m.Silent >= silence {
			k.tellTalk(ch, false, lasted)
			talks = 0
		}
	})
	if err != nil {
		return err
	}
	k.mu.Lock()
	k.talks[ch] = stop
	k.mu.Unlock()
	ch.AtEnd(func() { k.followNoTalk(ch) })
	return nil
}

func (k *Desk) followNoTalk(ch *call.Channel) {
	k.mu.Lock()
	stop := k.talks[ch]
	delete(k.talks, ch)
	k.mu.Unlock()
	if stop != nil {
		stop()
	}
}

func (k *Desk) tellTalk(ch *call.Channel, talks bool, d time.Duration) {
	event.Publish(k.deps.Bus, event.ChannelTalking{
		Channel: event.Channel{Name: ch.Name(), UniqueID: ch.ID(), LinkedID: ch.LinkedID()}, Talks: talks, Duration: d,
	})
}
