package dial

import (
	"context"
	"fmt"
	"strings"

	"obelus/call"
	"obelus/prompt"
)

// screening is what the called party is asked before it is connected: options p and P. nil asks nothing.
type screening struct {
	family string // of the database, "" for option p, which remembers nothing
	caller string // under which the caller is remembered
	intro  string // the recording of the caller's name, "" where there is none
}

// The answers that the database remembers.
const (
	privAllow   = "ALLOW"
	privDeny    = "DENY"
	privKill    = "KILL"
	privTorture = "TORTURE"
)

// privacy is what options p and P do before anybody is called. A status ends the Dial.
func (g *dialling) privacy(ctx context.Context) (s *screening, status string, err error) {
	family, private := g.opts.Get('P')
	if !private && !g.opts.Has('p') {
		return nil, "", nil
	}
	caller := g.ch.Identity().Caller
	if g.opts.Has('N') && caller.Number != "" {
		return nil, "", nil // known by his number
	}
	s = &screening{caller: digits(caller.Number)}
	if s.caller == "" {
		exten := g.x.Place().Exten
		s.caller = "NOCALLERID_" + strings.ReplaceAll(exten+g.ch.Name(), "/", "=")
	}
	if private {
		if s.family = family; s.family == "" {
			s.family = g.x.Place().Exten
		}
		switch verdict := g.remembered(s); verdict {
		case privAllow:
			return nil, "", nil
		case privDeny:
			g.x.Verbose(3, "Privacy DB reports PRIVACY_DENY for this callerid. Dial reports unavailable")
			return nil, "NOANSWER", nil
		case privKill:
			return nil, "DONTCALL", nil
		case privTorture:
			return nil, "TORTURE", nil
		}
	}
	return s, "", g.record(ctx, s)
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, s)
}

// remembered is what the database says of the caller.
func (g *dialling) remembered(s *screening) string {
	if g.d.DB == nil {
		return ""
	}
	v, _ := g.d.DB.Get("privacy", s.family+"/"+s.caller)
	switch strings.ToLower(v) {
	case "allow":
		return privAllow
	case "deny":
		return privDeny
	case "kill":
		return privKill
	case "torture":
		return privTorture
	}
	return ""
}

// remember writes the called party's answer down.
func (g *dialling) remember(s *screening, verdict string) {
	if s.family == "" || g.d.DB == nil {
		return
	}
	if err := g.d.DB.Put("privacy", s.family+"/"+s.caller, strings.ToLower(verdict)); err != nil {
		g.x.Warnf("Dial: what the called party wants of %s could not be kept: %v", s.caller, err)
	}
}

// record has the caller say a name, unless it has been recorded before, or nothing can be recorded here.
func (g *dialling) record(ctx context.Context, s *screening) error {
	intro := "priv-callerintros/" + s.caller
	known := g.d.Voice.Sounds.Exists(intro, g.ch.Language())
	if _, can := g.x.PBX().Application("Record"); !known && can {
		if err := g.ch.Answer(nil); err != nil {
			return err
		}
		if _, err := g.d.Voice.Play(ctx, g.ch, "", "priv-recordintro"); ctx.Err() != nil {
			return err
		}
		place := g.ch.Place()
		err := g.x.Application(ctx, "Record", intro+":sln,2,4,q")
		g.ch.SetStep(place, "Dial", "")
		if ctx.Err() != nil {
			return err
		}
		known = err == nil
	}
	if known {
		s.intro = intro
	}
	if _, err := g.d.Voice.Play(ctx, g.ch, "", "vm-dialout"); ctx.Err() != nil {
		return err
	}
	return nil
}

// ask asks the called party, by that one's goroutine, whether it wants the call. A status is why it does not.
func (s *screening) ask(ctx context.Context, g *dialling, peer *call.Channel) (status string) {
	if s == nil {
		return ""
	}
	answer := make(chan byte, 1)
	order := func(ctx context.Context, ch *call.Channel) call.Order {
		answer <- s.hear(ctx, g.d.Voice, ch)
		return call.Await
	}
	stop := g.waiting()
	defer stop()
	if err := peer.Do(order); err != nil {
		return "NOANSWER"
	}
	select {
	case key := <-answer:
		return s.heed(g, key)
	case <-ctx.Done():
		return "CANCEL"
	}
}

// waiting lets the caller hear that it rings, or music, while the called party is asked.
func (g *dialling) waiting() (stop func()) {
	if m := g.d.music(g.ch); m != nil && g.opts.Has('m') {
		class, _ := g.opts.Get('m')
		return behind(g.ch, func(ctx context.Context) error { return m.Play(ctx, g.ch, class) })
	}
	g.ringing = false
	if g.ch.State() != call.StateUp {
		g.ring()
	}
	return func() {}
}

// hear puts the question up to three times and returns the key of the answer, 0 for none.
func (s *screening) hear(ctx context.Context, v *prompt.Voice, ch *call.Channel) byte {
	options, keys := "screen-callee-options", "1234"
	if s.family != "" {
		options, keys = "priv-callee-options", "12345"
	}
	for range 3 {
		key, err := v.Play(ctx, ch, keys, "priv-callpending", s.intro, options)
		if ctx.Err() != nil {
			return 0
		}
		_ = err // a missing prompt is logged; the question stands
		if key == 0 {
			key, err = prompt.Key(ctx, ch, questionTime)
			if err != nil {
				return 0
			}
		}
		if key != 0 && strings.IndexByte(keys, key) >= 0 {
			return key
		}
		if _, err := v.Play(ctx, ch, "", "vm-sorry"); err != nil && ctx.Err() != nil {
			return 0
		}
	}
	return 0
}

// heed follows the answer.
func (s *screening) heed(g *dialling, key byte) (status string) {
	switch key {
	case '1':
		g.remember(s, privAllow)
		return ""
	case '2':
		g.remember(s, privDeny)
		return "NOANSWER"
	case '3':
		g.remember(s, privTorture)
		return "TORTURE"
	case '4':
		g.remember(s, privKill)
		return "DONTCALL"
	case '5':
		g.remember(s, privAllow)
		return "NOANSWER"
	}
	g.x.Verbose(3, fmt.Sprintf("The called party of %s has not said whether it wants the call: sending it to voicemail", g.ch.Name()))
	return "NOANSWER"
}
