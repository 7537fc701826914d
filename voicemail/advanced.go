package voicemail

import (
	"context"
	"errors"
	"fmt"

	"obelus/call"
	"obelus/pbx"
	"obelus/voicemail/mailbox"
)

// advanced is the menu 3. It ends after what it does.
func (o *owner) advanced(ctx context.Context) (byte, error) {
	for range 4 {
		key, err := o.tell(ctx, o.advancedChoices()...)
		if key == 0 && err == nil {
			key, err = o.key(ctx, menuKey)
		}
		if err != nil {
			return 0, err
		}
		heard := o.entry()
		if o.starting {
			heard = nil
		}
		switch {
		case key == 0:
			continue
		case key == '1' && heard != nil:
			return o.reply(ctx, heard.Message)
		case key == '2' && heard != nil && o.box.Callback != "":
			return o.callBack(ctx, heard.Message)
		case key == '3' && heard != nil:
			return o.envelope(ctx, heard)
		case key == '4' && o.box.DialOut != "":
			return o.dialOut(ctx, "", o.box.DialOut)
		case key == '5' && o.box.SendVoicemail:
			return o.send(ctx)
		case key == '*' || key == '#':
			return 0, nil
		case key >= '1' && key <= '5':
			return o.tell(ctx, "vm-sorry")
		}
	}
	return 0, nil
}

func (o *owner) advancedChoices() []string {
	var sounds []string
	add := func(yes bool, name string) {
		if yes {
			sounds = append(sounds, name)
		}
	}
	add(!o.starting, "vm-toreply")
	add(!o.starting && o.box.Callback != "", "vm-tocallback")
	add(!o.starting, "vm-tohearenv")
	add(o.box.DialOut != "", "vm-tomakecall")
	add(o.box.SendVoicemail, "vm-leavemsg")
	return append(sounds, "vm-starmain")
}

// envelope says when a message came and from whom, whatever is said of messages otherwise, and plays it again.
func (o *owner) envelope(ctx context.Context, e *mailbox.Entry) (byte, error) {
	key, err := o.tell(ctx, append(o.date(e.Message), o.caller(e.Message, false)...)...)
	if key != 0 || err != nil {
		return key, err
	}
	if stem := o.folder.Stem(e); stem != "" {
		return o.controlled(ctx, stem)
	}
	return 0, nil
}

// reply leaves a message for who left this one, where he has a mailbox.
func (o *owner) reply(ctx context.Context, m *mailbox.Message) (byte, error) {
	_, num := m.SplitCaller()
	if num == "" {
		return o.tell(ctx, "vm-unknown-caller")
	}
	b := o.Boxes.Find(num + "@" + o.box.Context)
	if b == nil {
		return o.tell(ctx, "vm-nobox")
	}
	return o.leaveFor(ctx, b.ID())
}

// leaveFor leaves a message for other mailboxes, as a caller would.
func (o *owner) leaveFor(ctx context.Context, names string) (byte, error) {
	err := o.leave(ctx, names, pbx.Options{})
	var elsewhere *pbx.Dialled
	if errors.As(err, &elsewhere) || o.x.Jumped() {
		return dialsOut, nil
	}
	return 0, err
}

// callBack calls who left the message, or somebody else.
func (o *owner) callBack(ctx context.Context, m *mailbox.Message) (byte, error) {
	_, num := m.SplitCaller()
	for range 4 {
		sounds := []string{"vm-nonumber"}
		if num != "" {
			sounds = append(append([]string{"vm-num-i-have"}, o.caller(m, true)...), "vm-tocallnum")
		}
		if o.box.DialOut != "" {
			sounds = append(sounds, map[bool]string{true: "vm-calldiffnum", false: "vm-toenternumber"}[num != ""])
		}
		key, err := o.tell(ctx, append(sounds, "vm-star-cancel")...)
		if key == 0 && err == nil {
			key, err = o.key(ctx, menuKey)
		}
		switch {
		case err != nil:
			return 0, err
		case key == '1' && num != "":
			return o.dialOut(ctx, num, o.box.Callback)
		case (key == '1' || key == '2') && o.box.DialOut != "":
			return o.dialOut(ctx, "", o.box.DialOut)
		case key == '2':
			o.x.Verbose(3, "Caller can not specify callback number - no dialout context available")
			return o.tell(ctx, "vm-sorry")
		case key == '*':
			return 0, nil
		case key != 0:
			if _, err := o.play(ctx, "", "vm-sorry"); err != nil {
				return 0, err
			}
		}
	}
	return 0, nil
}

// dialOut sends the caller to an extension of a context, which he types where it is "".
func (o *owner) dialOut(ctx context.Context, exten, where string) (byte, error) {
	for range 3 {
		if exten != "" {
			break
		}
		key, err := o.tell(ctx, "vm-enter-num-to-call", "vm-then-pound", "vm-star-cancel")
		if key == 0 && err == nil {
			key, err = o.key(ctx, menuKey)
		}
		if err != nil || key == '*' {
			return 0, err
		}
		if key != 0 {
			if exten, err = o.typed(ctx, key); err != nil {
				return 0, err
			}
		}
	}
	if exten == "" || exten[len(exten)-1] == '*' {
		return 0, nil
	}
	o.x.Verbose(3, fmt.Sprintf("Placing outgoing call to extension '%s' in context '%s' from context '%s'", exten, where, o.x.Place().Context))
	o.x.Jump(call.Place{Context: where, Exten: exten, Priority: 1})
	return dialsOut, nil
}
