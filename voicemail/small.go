package voicemail

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

func sayName(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "VMSayName",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			l := d.line(x)
			name, where, _ := strings.Cut(data, "@")
			if name == "" {
				x.Warn("VMSayName requires argument mailbox@context")
				return pbx.ErrHangup
			}
			if err := l.answer(); err != nil {
				return err
			}
			sounds := l.digits(name)
			if b := d.Boxes.Find(atContext(name, where)); b != nil {
				sounds = l.nameOf(b)
			}
			_, err := l.play(ctx, "", sounds...)
			return err
		},
	}
}

func playMessage(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "VoiceMailPlayMsg",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			l := d.line(x)
			args := expand.Args(data, 2)
			if expand.Arg(args, 0) == "" || expand.Arg(args, 1) == "" {
				x.Warn("VoiceMailPlayMsg requires arguments mailbox@context and msg_id")
				return pbx.ErrHangup
			}
			x.Set("VOICEMAIL_PLAYBACKSTATUS", "FAILED")
			b := d.Boxes.Find(args[0])
			if b == nil {
				x.Warnf("No entry in voicemail config file for '%s'", args[0])
				return nil
			}
			if err := l.answer(); err != nil {
				return err
			}
			stem, _ := d.Boxes.Message(b, args[1])
			if stem == "" {
				x.Warnf("there is no message %s in mailbox %s", args[1], b.ID())
				return nil
			}
			if _, err := l.controlled(ctx, stem); err != nil {
				return err
			}
			x.Set("VOICEMAIL_PLAYBACKSTATUS", "SUCCESS")
			return nil
		},
	}
}

func mailboxExists(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "MailboxExists",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 2)
			if expand.Arg(args, 0) == "" {
				x.Warn("MailboxExists requires an argument: (vmbox[@context][|options])")
				return pbx.ErrHangup
			}
			status := "FAILED"
			if d.Boxes.Find(args[0]) != nil {
				status = "SUCCESS"
			}
			x.Set("VMBOXEXISTSSTATUS", status)
			return nil
		},
	}
}

func existsFunction(d *Deps) pbx.Function {
	return pbx.Function{Name: "MAILBOX_EXISTS", Read: func(_ *pbx.Exec, args string) (string, error) {
		if strings.TrimSpace(args) == "" {
			return "0", fmt.Errorf("MAILBOX_EXISTS requires an argument (<mailbox>[@<context>])")
		}
		return exists(d, args), nil
	}}
}

func exists(d *Deps, name string) string {
	if d.Boxes.Find(strings.TrimSpace(name)) != nil {
		return "1"
	}
	return "0"
}

func countFunction(d *Deps) pbx.Function {
	return pbx.Function{Name: "VMCOUNT", Read: func(_ *pbx.Exec, args string) (string, error) {
		a := expand.Args(args, 2)
		if expand.Arg(a, 0) == "" {
			return "0", fmt.Errorf("VMCOUNT requires an argument: mailbox[@context][,folder]")
		}
		return strconv.Itoa(d.Boxes.CountIn(a[0], folderOr(expand.Arg(a, 1), "INBOX"))), nil
	}}
}

func folderOr(name, other string) string {
	if name == "" {
		return other
	}
	return name
}

func infoFunction(d *Deps) pbx.Function {
	return pbx.Function{Name: "VM_INFO", Read: func(x *pbx.Exec, args string) (string, error) {
		a := expand.Args(args, 3)
		name, item := expand.Arg(a, 0), strings.ToLower(expand.Arg(a, 1))
		if name == "" || item == "" || strings.HasPrefix(name, "@") {
			return "", fmt.Errorf("VM_INFO requires an argument: mailbox[@context],attribute[,folder]")
		}
		if item == "exists" {
			return exists(d, name), nil
		}
		b := d.Boxes.Find(name)
		if b == nil {
			return "", nil
		}
		switch item {
		case "password":
			return d.Boxes.Secret(b), nil
		case "fullname":
			return b.FullName, nil
		case "email":
			return b.Email, nil
		case "pager":
			return b.Pager, nil
		case "language":
			return b.Language, nil
		case "locale":
			return b.Locale, nil
		case "tz":
			return b.TZ, nil
		case "count":
			return strconv.Itoa(d.Boxes.CountIn(b.ID(), folderOr(expand.Arg(a, 2), "INBOX"))), nil
		}
		x.Warnf("Unknown attribute '%s' for VM_INFO", item)
		return "", nil
	}}
}
