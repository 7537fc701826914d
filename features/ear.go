package features

import (
	"strings"
	"time"

	"obelus/call"
	"obelus/pbx"
)

// May says what a party may begin, by Dial's options and their like.
type May struct {
	Transfer  bool // t T
	HangUp    bool // h H
	Record    bool // w W
	MixRecord bool // x X
	Caller    bool // the party is who called
}

// any says whether the options allow anything.
func (m May) any() bool { return m.Transfer || m.HangUp || m.Record || m.MixRecord }

// Ear is who listens to a party, nil where it may begin nothing: what goes nowhere costs nothing.
func (d *Desk) Ear(p *pbx.PBX, ch *call.Channel, may May) call.Ear {
	names, _ := ch.Vars.Get("DYNAMIC_FEATURES")
	if names == "" {
		names, _ = p.Globals.Get("DYNAMIC_FEATURES")
	}
	if !may.any() && names == "" {
		return nil
	}
	c := d.of(ch)
	e := &ear{ch: ch, gap: max(c.FeatureDigitTimeout, time.Millisecond)}
	if may.Transfer {
		e.add(c.Map["blindxfer"], d.blind(p))
		e.add(c.Map["atxfer"], d.attended(p))
	}
	if may.HangUp {
		e.add(c.Map["disconnect"], hangUp)
	}
	if may.Record {
		e.add(c.Map["automon"], d.record(p, monitor()))
	}
	if may.MixRecord {
		e.add(c.Map["automixmon"], d.record(p, mixMonitor()))
	}
	for _, f := range c.dynamic(names) {
		if may.Caller && f.ByCaller || !may.Caller && f.ByCallee {
			e.add(f.Keys, d.run(p, f))
		}
	}
	if len(e.codes) == 0 {
		return nil
	}
	return e
}

// dynamic are the features, and those of the groups, that names holds, with # between them.
func (c *Config) dynamic(names string) []Dynamic {
	var out []Dynamic
	for name := range strings.SplitSeq(names, "#") {
		name = strings.ToLower(strings.TrimSpace(name))
		if f, ok := c.Dynamic[name]; ok {
			out = append(out, f)
			continue
		}
		for _, m := range c.Groups[name] {
			f := c.Dynamic[m.Name]
			if m.Keys != "" {
				f.Keys = m.Keys
			}
			out = append(out, f)
		}
	}
	return out
}

// ear holds keys back that may begin something. It belongs to the party's goroutine.
type ear struct {
	ch    *call.Channel
	gap   time.Duration // how long the next key is waited for
	codes []code

	keys  string
	kept  []call.Event
	timer *time.Timer
}

type code struct {
	keys string
	do   call.Act
}

// add has keys begin something; what has none, or keys that are taken, begins nothing.
func (e *ear) add(keys string, do call.Act) {
	if keys == "" {
		return
	}
	for _, c := range e.codes {
		if c.keys == keys {
			return
		}
	}
	e.codes = append(e.codes, code{keys, do})
}

// Hear takes a key. One that may begin something is kept; what turns out to be nothing is passed on, in order.
func (e *ear) Hear(what call.Event) (bool, call.Act) {
	d, ok := what.Indication.(call.Digit)
	if !ok || what.Kind != call.EventDigit {
		return false, nil
	}
	e.keys += string(d.Key)
	e.kept = append(e.kept, what)
	for e.keys != "" {
		do, may := e.match()
		if do != nil {
			e.forget()
			return true, do
		}
		if may {
			e.wait()
			return true, nil
		}
		e.pass(1)
	}
	e.forget()
	return true, nil
}

// match finds what the keys begin, or may begin with more of them.
func (e *ear) match() (do call.Act, may bool) {
	for _, c := range e.codes {
		if c.keys == e.keys {
			return c.do, true
		}
		may = may || strings.HasPrefix(c.keys, e.keys)
	}
	return nil, may
}

func (e *ear) wait() {
	if e.timer != nil {
		e.timer.Stop()
	}
	e.timer = time.NewTimer(e.gap)
}

// pass gives the first n keys to the other party.
func (e *ear) pass(n int) {
	if b := e.ch.Bridge(); b != nil {
		for _, k := range e.kept[:n] {
			b.Pass(k)
		}
	}
	e.keys, e.kept = e.keys[n:], e.kept[n:]
}

func (e *ear) forget() {
	if e.timer != nil {
		e.timer.Stop()
	}
	e.keys, e.kept, e.timer = "", nil, nil
}

// Due is when nothing more is waited for.
func (e *ear) Due() <-chan time.Time {
	if e.timer == nil {
		return nil
	}
	return e.timer.C
}

// Overdue passes on what was kept.
func (e *ear) Overdue() call.Act {
	e.pass(len(e.kept))
	e.forget()
	return nil
}
