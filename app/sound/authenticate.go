package sound

import (
	"bufio"
	"context"
	"crypto/md5" // #nosec: the original's password files hold it
	"crypto/subtle"
	"encoding/hex"
	"os"
	"strconv"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
)

func authenticate(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "Authenticate",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 4)
			if expand.Arg(args, 0) == "" {
				x.Warn("Authenticate requires an argument(password)")
				return pbx.ErrHangup
			}
			opts, err := pbx.ParseOptions(expand.Arg(args, 1), "adjmr")
			if err != nil {
				x.Warnf("Authenticate: %v", err)
			}
			if err := answered(x); err != nil {
				return err
			}
			max := 254
			if n, err := strconv.Atoi(expand.Arg(args, 2)); err == nil && n > 0 && n < max {
				max = n
			}
			a := gate{d: d, x: x, password: args[0], opts: opts, max: max, prompt: expand.Arg(args, 3)}
			return a.run(ctx)
		},
		Check: unknown("Authenticate", 1, "adjmr"),
	}
}

// gate asks for a password.
type gate struct {
	d        *Deps
	x        *pbx.Exec
	password string // or where the passwords are
	opts     pbx.Options
	max      int
	prompt   string
}

// attempts is how often a password is asked for.
const attempts = 3

func (g *gate) run(ctx context.Context) error {
	sounds := names(g.prompt)
	if len(sounds) == 0 {
		sounds = []string{"agent-pass"}
	}
	next, first := g.x.Waits()
	for range attempts {
		r, err := g.d.Voice.Ask(ctx, g.x.Channel(), prompt.Question{Sounds: sounds, Max: g.max, First: first, Next: next, End: "#"})
		if err != nil {
			return err
		}
		if account, ok := g.knows(r.Digits); ok {
			if g.opts.Has('a') && account != "" {
				g.x.Channel().SetAccount(account)
			}
			_, _, err := g.d.play(ctx, g.x, "", "auth-thankyou")
			return err
		}
		sounds = []string{"auth-incorrect"}
	}
	if g.opts.Has('j') {
		to := g.x.Place()
		if to.Priority += 101; g.x.Find(to) != nil {
			g.x.Jump(to)
			return nil
		}
	}
	if _, _, err := g.d.play(ctx, g.x, "", "vm-goodbye"); err != nil {
		return err
	}
	return pbx.ErrHangup
}

// knows says whether that is the password, and the account code it stands for.
func (g *gate) knows(typed string) (account string, ok bool) {
	switch {
	case g.password[0] != '/':
		return typed, same(typed, g.password)
	case g.opts.Has('d'):
		return typed, typed != "" && g.inDB(typed)
	}
	return g.inFile(typed)
}

// same compares two passwords, in the same time wherever they differ.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// inDB looks for a key of the family that the password names.
func (g *gate) inDB(typed string) bool {
	if g.d.DB == nil {
		return false
	}
	// A path of several words is family/keys, as the database's own keys are.
	family, rest, _ := strings.Cut(strings.Trim(g.password, "/"), "/")
	key := typed
	if rest != "" {
		key = rest + "/" + typed
	}
	_, ok := g.d.DB.Get(family, key)
	if ok && g.opts.Has('r') {
		if _, err := g.d.DB.Delete(family, key); err != nil {
			g.x.Warnf("the used password could not be removed: %v", err)
		}
	}
	return ok
}

// inFile looks into a file: a password a line, or with option m account:md5 of it.
func (g *gate) inFile(typed string) (account string, ok bool) {
	f, err := os.Open(g.password)
	if err != nil {
		g.x.Warnf("Unable to open file '%s' for authentication: %v", g.password, err)
		return "", false
	}
	defer f.Close()
	sum := md5.Sum([]byte(typed))
	hash := hex.EncodeToString(sum[:])
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimRight(lines.Text(), "\r")
		if line == "" {
			continue
		}
		if !g.opts.Has('m') {
			if same(line, typed) {
				return typed, true
			}
			continue
		}
		if name, its, found := strings.Cut(line, ":"); found && same(strings.ToLower(its), hash) {
			return name, true
		}
	}
	return "", false
}

func privacyManager(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "PrivacyManager",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			if x.CallerNumber() != "" {
				x.Verbose(3, "CallerID number present: Skipping")
				x.Set("PRIVACYMGRSTATUS", "SUCCESS")
				return nil
			}
			args := expand.Args(data, 4)
			if err := answered(x); err != nil {
				return err
			}
			tries, least := d.privacy(x, args)
			context_ := expand.Arg(args, 3)
			number, err := d.askNumber(ctx, x, tries, least, context_)
			if err != nil {
				x.Set("PRIVACYMGRSTATUS", "FAILED")
				return err
			}
			if number == "" {
				x.Set("PRIVACYMGRSTATUS", "FAILED")
				return nil
			}
			_, _, err = d.play(ctx, x, "", "privacy-thankyou")
			x.Channel().ChangeIdentity(func(i *call.Identity) {
				i.Caller.Name, i.Caller.Number, i.Caller.NumPres, i.Caller.NamePres = "Privacy Manager", number, call.PresAllowed, call.PresAllowed
			})
			x.Set("PRIVACYMGRSTATUS", "SUCCESS")
			return err
		},
	}
}

// privacy is how often a number is asked for, and how many digits it needs.
func (d *Deps) privacy(x *pbx.Exec, args []string) (tries, least int) {
	if d.Privacy != nil {
		p := d.Privacy()
		tries, least = p.MaxRetries, p.MinLength
	}
	if tries <= 0 {
		tries = 3
	}
	if least <= 0 {
		least = 10
	}
	for i, to := range []*int{&tries, &least} {
		s := expand.Arg(args, i)
		if s == "" {
			continue
		}
		if n, err := strconv.Atoi(s); err == nil && n > 0 {
			*to = n
		} else {
			x.Warnf("Invalid value '%s' to PrivacyManager", s)
		}
	}
	return tries, least
}

// askNumber asks the caller for a number; "" where none was long enough.
func (d *Deps) askNumber(ctx context.Context, x *pbx.Exec, tries, least int, context_ string) (string, error) {
	if _, _, err := d.play(ctx, x, "", "privacy-unident"); err != nil {
		return "", err
	}
	for range tries {
		r, err := d.Voice.Ask(ctx, x.Channel(), prompt.Question{Sounds: []string{"privacy-prompt"}, Max: 29, First: 5 * second, Next: 3200 * milli, End: "#"})
		if err != nil {
			return "", err
		}
		if len(r.Digits) >= least && (context_ == "" || exists(x, context_, r.Digits)) {
			return r.Digits, nil
		}
		if _, _, err := d.play(ctx, x, "", "privacy-incorrect"); err != nil {
			return "", err
		}
	}
	return "", nil
}
