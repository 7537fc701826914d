package mailbox

import (
	"errors"
	"strings"
	"time"
)

// generalOptions are those of [general] alone, by their names.
func generalOptions() map[string]func(*General, string) error {
	all := map[string]func(*General, string) error{
		"format":              func(g *General, v string) error { return g.setFormats(v) },
		"charset":             put(func(g *General) *string { return &g.Charset }),
		"mailcmd":             put(func(g *General) *string { return &g.MailCmd }),
		"emaildateformat":     put(func(g *General) *string { return &g.DateFormat }),
		"pagerdateformat":     put(func(g *General) *string { return &g.PagerDate }),
		"pagerfromstring":     put(func(g *General) *string { return &g.PagerFrom }),
		"pagersubject":        func(g *General, v string) error { g.PagerSubject = unescape(v); return nil },
		"pagerbody":           func(g *General, v string) error { g.PagerBody = unescape(v); return nil },
		"directoryintro":      put(func(g *General) *string { return &g.DirectoryIntro }),
		"aliasescontext":      put(func(g *General) *string { return &g.AliasContext }),
		"externnotify":        put(func(g *General) *string { return &g.Notify }),
		"externpass":          put(func(g *General) *string { return &g.Pass }),
		"externpassnotify":    put(func(g *General) *string { return &g.PassNotify }),
		"externpasscheck":     put(func(g *General) *string { return &g.PassCheck }),
		"pbxskip":             turn(func(g *General) *bool { return &g.PBXSkip }),
		"usedirectory":        turn(func(g *General) *bool { return &g.UseDirectory }),
		"forward_urgent_auto": turn(func(g *General) *bool { return &g.ForwardUrgent }),
		"searchcontexts":      turn(func(g *General) *bool { return &g.SearchContexts }),
		"pollmailboxes":       turn(func(g *General) *bool { return &g.Poll }),
		"silencethreshold":    whole(0, 32767, func(g *General) *int { return &g.SilenceLevel }),
		"maxlogins":           whole(1, 1000, func(g *General) *int { return &g.MaxLogins }),
		"minpassword":         whole(0, 80, func(g *General) *int { return &g.MinPassword }),
		"maxsilence":          span(time.Second, 0, func(g *General) *time.Duration { return &g.MaxSilence }),
		"maxgreet":            span(time.Second, 0, func(g *General) *time.Duration { return &g.MaxGreet }),
		"pollfreq":            span(time.Second, 1, func(g *General) *time.Duration { return &g.PollEvery }),
		"skipms":              span(time.Millisecond, 1, func(g *General) *time.Duration { return &g.Skip }),
		"cidinternalcontexts": func(g *General, v string) error {
			g.Internal = nil
			for c := range strings.SplitSeq(v, ",") {
				if c = strings.TrimSpace(c); c != "" {
					g.Internal = append(g.Internal, c)
				}
			}
			return nil
		},
	}
	for name, at := range promptOptions() {
		all[name] = put(at)
	}
	for name, at := range map[string]func(*Keys) *string{
		"listen-control-forward-key": func(k *Keys) *string { return &k.Forward }, "listen-control-reverse-key": func(k *Keys) *string { return &k.Reverse },
		"listen-control-pause-key": func(k *Keys) *string { return &k.Pause }, "listen-control-restart-key": func(k *Keys) *string { return &k.Restart },
		"listen-control-stop-key": func(k *Keys) *string { return &k.Stop },
	} {
		all[name] = func(g *General, v string) error {
			if strings.Trim(v, "0123456789*#") != "" {
				return errors.New("it is to be keys: 0-9, * and #")
			}
			*at(&g.Keys) = v
			return nil
		}
	}
	return all
}

// promptOptions are the prompts that may have other names.
func promptOptions() map[string]func(*General) *string {
	return map[string]func(*General) *string{
		"vm-login": func(g *General) *string { return &g.Prompts.Login }, "vm-newuser": func(g *General) *string { return &g.Prompts.NewUser },
		"vm-password": func(g *General) *string { return &g.Prompts.Password }, "vm-newpassword": func(g *General) *string { return &g.Prompts.NewPassword },
		"vm-passchanged": func(g *General) *string { return &g.Prompts.PassChanged }, "vm-reenterpassword": func(g *General) *string { return &g.Prompts.ReenterPassword },
		"vm-mismatch": func(g *General) *string { return &g.Prompts.Mismatch }, "vm-invalid-password": func(g *General) *string { return &g.Prompts.InvalidPassword },
		"vm-invalidpassword": func(g *General) *string { return &g.Prompts.InvalidPassword },
		"vm-pls-try-again":   func(g *General) *string { return &g.Prompts.TryAgain }, "vm-prepend-timeout": func(g *General) *string { return &g.Prompts.PrependTimeout },
	}
}

func put(at func(*General) *string) func(*General, string) error {
	return func(g *General, v string) error { *at(g) = v; return nil }
}

func turn(at func(*General) *bool) func(*General, string) error {
	return func(g *General, v string) error { *at(g) = yes(v); return nil }
}

func whole(least, most int, at func(*General) *int) func(*General, string) error {
	return func(g *General, v string) error {
		n, err := count(v, least, most)
		if err == nil {
			*at(g) = n
		}
		return err
	}
}

func span(unit time.Duration, least int, at func(*General) *time.Duration) func(*General, string) error {
	return func(g *General, v string) error {
		n, err := count(v, least, 1e9)
		if err == nil {
			*at(g) = time.Duration(n) * unit
		}
		return err
	}
}

// setFormats reads wav49|gsm|wav. The names of files end otherwise for one of them: that of wav49 is WAV.
func (g *General) setFormats(v string) error {
	var all []string
	for f := range strings.SplitSeq(v, "|") {
		if f = strings.TrimSpace(f); f != "" {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return errors.New("it names no format")
	}
	g.Formats = all
	return nil
}
