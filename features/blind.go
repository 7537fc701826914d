package features

import (
	"context"
	"strings"

	"obelus/call"
	"obelus/pbx"
)

// hangUp ends the talk.
func hangUp(_ context.Context, ch *call.Channel) error {
	if b := ch.Bridge(); b != nil {
		b.Close()
	}
	return call.ErrLeft
}

// blind sends the other party to an extension that this one dials: the original's blindxfer.
func (d *Desk) blind(p *pbx.PBX) call.Act {
	return func(ctx context.Context, ch *call.Channel) error {
		b := ch.Bridge()
		if b == nil || b.Other(ch) == nil {
			return nil
		}
		back := d.aside(b, ch, "")
		defer back()
		asking, cancel := b.During(ctx)
		defer cancel()
		exten, where, ok := d.whom(asking, p, ch)
		if !ok {
			return nil
		}
		if err := d.Blind(p, ch, exten, where); err != nil {
			ch.Log().Info("a transfer was not made", "to", exten, "context", where, "why", err)
			d.play(asking, ch, d.of(ch).FailSound)
			return nil
		}
		return call.ErrLeft
	}
}

// Blind sends the party that ch talks with to an extension, which is looked for when it gets there. ch goes on where GOTO_ON_BLINDXFR says.
func (d *Desk) Blind(p *pbx.PBX, ch *call.Channel, exten, where string) error {
	other, err := call.TransferOther(ch, p.Run(where, exten, 1), func(o *call.Channel) { transferred(ch, o, "BLINDTRANSFER") })
	if err != nil {
		return err
	}
	ch.Log().Info("transferred", "who", other.Name(), "to", exten, "context", where)
	d.goOn(p, ch)
	return nil
}

// transferred notes on both parties who has transferred whom.
func transferred(who, whom *call.Channel, name string) {
	for _, n := range []string{"BLINDTRANSFER", "ATTENDEDTRANSFER"} {
		whom.Vars.Unset(n)
		who.Vars.Unset(n)
	}
	whom.Vars.Set(name, who.Name())
	who.Vars.Set(name, whom.Name())
}

// goOn has whoever has transferred go on in the dialplan where GOTO_ON_BLINDXFR says.
func (d *Desk) goOn(p *pbx.PBX, ch *call.Channel) {
	target, _ := ch.Vars.Get("GOTO_ON_BLINDXFR")
	if target == "" {
		return
	}
	x := p.NewExec(ch, ch.Place())
	to, err := x.Target(strings.ReplaceAll(target, "^", ","))
	if err == nil {
		err = ch.Do(p.Run(to.Context, to.Exten, to.Priority))
	}
	if err != nil {
		x.Warnf("GOTO_ON_BLINDXFR=%s: %v", target, err)
	}
}
