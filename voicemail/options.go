package voicemail

import (
	"context"
	"errors"
)

// options is the menu 0: greetings, the name and the password.
func (o *owner) options(ctx context.Context) (byte, error) {
	key := byte(0)
	for tries := 0; ; {
		var err error
		switch key {
		case '1':
			key, err = o.rerecord(ctx, "unavail", "vm-rec-unv")
		case '2':
			key, err = o.rerecord(ctx, "busy", "vm-rec-busy")
		case '3':
			key, err = o.rerecord(ctx, "greet", "vm-rec-name")
		case '4':
			key, err = o.temporary(ctx)
		case '5':
			_, key, err = o.changePassword(ctx)
		case '*':
			return 0, nil
		default:
			sound := "vm-options"
			if o.there(o.greeting(o.box, "temp")) {
				sound = "vm-tmpexists"
			}
			if key, err = o.tell(ctx, sound); key == 0 && err == nil {
				key, err = o.key(ctx, menuKey)
			}
			if key == 0 {
				tries++
			}
		}
		if err != nil || tries > 3 {
			return 0, err
		}
		if key == timedOut {
			key = 0
		}
	}
}

// rerecord lets the owner record a greeting.
func (o *owner) rerecord(ctx context.Context, name, prompt string) (byte, error) {
	_, err := o.greet(ctx, o.box, name, prompt, o.gain)
	if err != nil && ctx.Err() == nil {
		o.x.Warnf("a greeting of mailbox %s: %v", o.box.ID(), err)
		return o.tell(ctx, "vm-sorry")
	}
	return 0, err
}

// temporary records the temporary greeting, or takes it away.
func (o *owner) temporary(ctx context.Context) (byte, error) {
	temp := o.greeting(o.box, "temp")
	if !o.there(temp) {
		return o.rerecord(ctx, "temp", "vm-rec-temp")
	}
	for range 4 {
		key, err := o.tell(ctx, "vm-tempgreeting2")
		if key == 0 && err == nil {
			key, err = o.key(ctx, menuKey)
		}
		switch {
		case err != nil:
			return 0, err
		case key == '1':
			return o.rerecord(ctx, "temp", "vm-rec-temp")
		case key == '2':
			if err := o.removeSound(temp); err != nil {
				o.x.Warnf("a greeting of mailbox %s: %v", o.box.ID(), err)
				return o.tell(ctx, "vm-sorry")
			}
			_, err := o.play(ctx, "", "vm-tempremoved")
			return 0, err
		case key == '*':
			return 0, nil
		}
	}
	return 0, nil
}

// changePassword asks for a new password twice. done says that it holds; the key is one that was pressed while the answer was said, or timedOut.
func (o *owner) changePassword(ctx context.Context) (done bool, key byte, err error) {
	p := &o.general().Prompts
	if old := o.Boxes.Secret(o.box); len(old) > 0 && old[0] == '-' {
		key, err = o.tell(ctx, "vm-no")
		return false, key, err
	}
	first, err := o.typed(ctx, 0, p.NewPassword)
	if err != nil {
		return false, 0, err
	}
	if !o.Boxes.GoodPassword(ctx, o.box, first) {
		o.ch.Log().Info("Invalid password for user "+o.box.ID(), "length", len(first))
		return o.refused(ctx, first, p.InvalidPassword, p.TryAgain)
	}
	second, err := o.typed(ctx, 0, p.ReenterPassword)
	if err != nil {
		return false, 0, err
	}
	if first != second {
		o.ch.Log().Info("Password mismatch for user " + o.box.ID())
		return o.refused(ctx, first+second, p.Mismatch, p.TryAgain)
	}
	if first == "" {
		return o.refused(ctx, first, p.InvalidPassword)
	}
	if err := o.Boxes.ChangePassword(ctx, o.box, first); err != nil && !errors.Is(err, context.Cause(ctx)) {
		o.ch.Log().Error("a voicemail password", "why", err)
	}
	key, err = o.tell(ctx, p.PassChanged)
	return true, key, err
}

// refused says why a password is not taken; who types nothing at all has gone.
func (o *owner) refused(ctx context.Context, typed string, sounds ...string) (bool, byte, error) {
	key, err := o.tell(ctx, sounds...)
	if typed == "" && key == 0 {
		key = timedOut
	}
	return false, key, err
}
