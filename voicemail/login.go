package voicemail

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/voicemail/mailbox"
)

// errNotIn says that somebody could not prove that a mailbox is his, or went elsewhere instead.
var errNotIn = errors.New("not logged in")

// login is how somebody gets into a mailbox.
type login struct {
	box      *mailbox.Box // nil: it is asked for
	context  string       // of the mailbox that is asked for
	prefix   string       // put before what is typed
	free     bool         // no password is asked for, of a mailbox that the dialplan names: whoever types one has to prove that it is his
	quiet    bool         // the first prompt is left out
	assisted bool         // * led to extension a
}

// enter asks for mailbox and password as often as maxlogins allows. errNotIn says that it was in vain.
func (l *line) enter(ctx context.Context, in *login) (*mailbox.Box, error) {
	if in.box != nil && in.free {
		return in.box, nil
	}
	for tries := 0; ; {
		b, err := l.attempt(ctx, in, tries == 0)
		if err != nil || b != nil {
			return b, err
		}
		tries++
		if in.box != nil || tries >= l.general().MaxLogins {
			sounds := []string{"vm-incorrect"}
			if in.box == nil {
				sounds = append(sounds, "vm-goodbye")
			}
			if _, err := l.play(ctx, "", sounds...); err != nil {
				return nil, err
			}
			return nil, errNotIn
		}
		if in.box == nil {
			if _, err := l.play(ctx, "", "vm-incorrect-mailbox"); err != nil {
				return nil, err
			}
		}
	}
}

// attempt asks once. Neither a mailbox nor an error means that it was wrong. That a mailbox does not exist is not told: its password is asked for all the same.
func (l *line) attempt(ctx context.Context, in *login, first bool) (*mailbox.Box, error) {
	b := in.box
	if b == nil {
		name, err := l.which(ctx, in, first)
		if err != nil {
			return nil, err
		}
		b = l.Boxes.Find(atContext(in.prefix+name, in.context))
	}
	secret := ""
	if b != nil {
		secret = strings.TrimPrefix(l.Boxes.Secret(b), "-")
		if secret == "" {
			return b, nil
		}
	}
	typed, err := l.typed(ctx, 0, l.general().Prompts.Password)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(typed, "*") && l.assist(in) {
		return nil, errNotIn
	}
	if b == nil || typed != secret {
		l.x.Verbose(3, fmt.Sprintf("Incorrect password for user '%s'", boxName(b)))
		return nil, nil
	}
	return b, nil
}

func boxName(b *mailbox.Box) string {
	if b == nil {
		return "<any>"
	}
	return b.ID()
}

// which asks for the mailbox. Who types nothing means that of his own number.
func (l *line) which(ctx context.Context, in *login, first bool) (string, error) {
	var sounds []string
	if first && !in.quiet {
		sounds = []string{l.general().Prompts.Login}
	}
	name, err := l.typed(ctx, 0, sounds...)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(name, "*") && l.assist(in) {
		return "", errNotIn
	}
	if name == "" {
		if name = l.ch.Identity().Caller.Number; name == "" {
			l.x.Verbose(3, "Username not entered")
			return "", errNotIn
		}
	}
	return name, nil
}

// assist goes to extension a, where * leads while somebody logs in.
func (l *line) assist(in *login) bool {
	for _, c := range []string{in.context, l.x.Place().Context} {
		if l.hasExten(c, "a") {
			l.x.Jump(call.Place{Context: c, Exten: "a", Priority: 1})
			in.assisted = true
			return true
		}
	}
	return false
}

func authenticate(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "VMAuthenticate",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			l := d.line(x)
			args := expand.Args(data, 2)
			if err := l.answer(); err != nil {
				return err
			}
			name, where, _ := strings.Cut(expand.Arg(args, 0), "@")
			in := &login{context: where, quiet: strings.Contains(expand.Arg(args, 1), "s")}
			if name != "" {
				in.box = d.Boxes.Find(expand.Arg(args, 0))
				if in.box == nil {
					x.Warnf("No entry in voicemail config file for '%s'", expand.Arg(args, 0))
				}
			}
			b, err := l.enter(ctx, in)
			if errors.Is(err, errNotIn) {
				if in.assisted {
					return nil
				}
				return pbx.ErrHangup
			}
			if err != nil {
				return err
			}
			x.Set("AUTH_MAILBOX", b.Name)
			x.Set("AUTH_CONTEXT", b.Context)
			_, err = l.play(ctx, "", "auth-thankyou")
			return err
		},
		Check: func(data string) []string { return unknownOptions("VMAuthenticate", data, "s") },
	}
}
