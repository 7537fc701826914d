package sound

import (
	"cmp"
	"context"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
)

func background(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "BackGround",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 4)
			if expand.Arg(args, 0) == "" {
				x.Warn("BackGround requires an argument (filename)")
				return pbx.ErrHangup
			}
			opts, err := pbx.ParseOptions(expand.Arg(args, 1), "snmp")
			if err != nil {
				x.Warnf("BackGround: %v", err)
			}
			if skip, err := admit(x, opts.Has('s'), opts.Has('n')); err != nil || skip {
				x.Set("BACKGROUNDSTATUS", status(err != nil))
				return err
			}
			b := menu{d: d, x: x, context: expand.Arg(args, 3)}
			if b.context == "" {
				b.context = cmp.Or(x.Get("MACRO_CONTEXT"), x.Place().Context)
			}
			switch {
			case opts.Has('p'):
			case opts.Has('m'):
				b.stop = b.single()
			default:
				b.stop = prompt.AnyKey
			}
			in(x.Channel(), expand.Arg(args, 2), func() { err = b.play(ctx, names(args[0])) })
			return err
		},
		Check: unknown("BackGround", 1, "snmp"),
	}
}

// menu is sound during which the caller may dial an extension of a context.
type menu struct {
	d       *Deps
	x       *pbx.Exec
	context string
	stop    string // keys that end the sound
}

// play plays sounds until a key ends them, and goes where that leads.
func (b *menu) play(ctx context.Context, sounds []string) error {
	for _, name := range sounds {
		key, missing, err := b.d.play(ctx, b.x, b.stop, name)
		if err != nil {
			b.x.Set("BACKGROUNDSTATUS", status(true))
			return err
		}
		if missing {
			b.x.Warnf("ast_streamfile failed on %s for %s", b.x.Channel().Name(), name)
			b.x.Set("BACKGROUNDSTATUS", status(true))
			return nil
		}
		if key != 0 {
			b.x.Set("BACKGROUNDSTATUS", status(false))
			return b.dialled(key)
		}
	}
	b.x.Set("BACKGROUNDSTATUS", status(false))
	return nil
}

// dialled goes to an extension of one digit that can't be longer at once; more
// digits are collected where the channel is.
func (b *menu) dialled(key byte) error {
	exten := string(key)
	if canMatch(b.x, b.context, exten) && !matchMore(b.x, b.context, exten) {
		b.x.Jump(call.Place{Context: b.context, Exten: exten, Priority: 1})
		return nil
	}
	return &pbx.Dialled{Digits: exten}
}

// single is the keys that are extensions by themselves: option m heeds no others.
func (b *menu) single() (keys string) {
	for i := range len(prompt.AnyKey) {
		if key := prompt.AnyKey[i : i+1]; exists(b.x, b.context, key) {
			keys += key
		}
	}
	return keys
}
