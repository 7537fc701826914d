// Package sound holds the applications that play, say and ask: Playback,
// BackGround, Read, SayNumber, PlayTones, Authenticate and their like. [Table]
// lists them.
package sound

import (
	"context"
	"embed"
	"errors"
	"strings"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/prompt/say"
)

// pages are the manual, one page an application.
//
//go:embed *.md
var pages embed.FS

// Deps are what the applications reach the world by.
type Deps struct {
	Voice    *prompt.Voice
	Tones    Tones                     // the tones of the countries; nil: none has a name
	Rules    Rules                     // nil: there is no say.conf
	DB       Database                  // for Authenticate's option d; nil: nothing is in it
	Privacy  func() Privacy            // what privacy.conf says; nil: there is none
	Messages func(mailbox string) bool // whether a mailbox has new messages, for DISA; may be nil
}

// Tones knows the tones of indications.conf.
type Tones interface {
	// Tone returns a tone of a country, "" for the country of the house, as
	// indications.conf writes tones.
	Tone(country, name string) (spec string, ok bool)
}

// Rules are what say.conf says now.
type Rules func() *say.Rules

// Database is the dialplan's database, as far as the applications use it.
type Database interface {
	Get(family, key string) (value string, ok bool)
	Delete(family, key string) (found bool, err error)
}

// Privacy is what privacy.conf says.
type Privacy struct{ MaxRetries, MinLength int }

// Table lists the applications.
func Table(d *Deps) []pbx.Application {
	return pbx.Describe(pages, []pbx.Application{
		authenticate(d), background(d), controlPlayback(d), sayTime(d, "DateTime"), disa(d), milliwatt(), morsecode(), playback(d), playTones(d),
		privacyManager(d), read(d), readExten(d), receiveText(), sayAlpha(d), sayAlphaCase(d), sayCountedAdj(d), sayCountedNoun(d), sayDigits(d),
		sayMoney(d), sayNumber(d), sayOrdinal(d), sayPhonetic(d), sayTime(d, "SayUnixTime"), sendDTMF(), stopPlayTones(), storeDTMF(), waitDigit(), waitExten(), zapateller(),
	})
}

// answered answers the channel if nobody has yet.
func answered(x *pbx.Exec) error { return x.Channel().Answer(nil) }

// opened lets sound reach a caller who was not answered.
func opened(x *pbx.Exec) error {
	if ch := x.Channel(); ch.State() != call.StateUp {
		return ch.Leg().Progress(nil)
	}
	return nil
}

// rules are those of say.conf, nil where there is none.
func (d *Deps) rules() *say.Rules {
	if d.Rules == nil {
		return nil
	}
	return d.Rules()
}

// names takes sounds apart that have & between them.
func names(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "&")
}

// play plays sounds; that one is missing is no error here.
func (d *Deps) play(ctx context.Context, x *pbx.Exec, stop string, sounds ...string) (key byte, missing bool, err error) {
	key, err = d.Voice.Play(ctx, x.Channel(), stop, sounds...)
	if errors.Is(err, prompt.ErrMissing) && ctx.Err() == nil {
		return key, true, nil
	}
	return key, false, err
}

// in has f run in another language than the channel's, where one is given.
func in(ch *call.Channel, language string, f func()) {
	if language == "" {
		f()
		return
	}
	own := ch.Language()
	ch.SetLanguage(language)
	defer ch.SetLanguage(own)
	f()
}

// rawArgs splits data that was not filled in yet, for checks.
func rawArgs(data string) []string { return expand.RawArgs(data, 64) }

// unknown is what Check says of option letters that an application lacks.
func unknown(app string, argument int, known string) func(data string) []string {
	return func(data string) (out []string) {
		s := expand.Arg(rawArgs(data), argument)
		if strings.Contains(s, "${") {
			return nil
		}
		for i := 0; i < len(s); i++ {
			if strings.IndexByte(known, s[i]) < 0 {
				out = append(out, app+" has no option "+s[i:i+1])
			}
			if i+1 < len(s) && s[i+1] == '(' {
				end := pbx.ClosingParenthesis(s, i+1)
				if end < 0 {
					return append(out, app+" option "+s[i:i+1]+" lacks its closing parenthesis")
				}
				i = end
			}
		}
		return out
	}
}

// canMatch says whether an extension exists or could with more digits; matchMore,
// whether it could with more.
func canMatch(x *pbx.Exec, context, exten string) bool {
	return x.Plan().CanMatch(context, exten, x.CallerNumber(), x.Now())
}

func matchMore(x *pbx.Exec, context, exten string) bool {
	return x.Plan().MatchMore(context, exten, x.CallerNumber(), x.Now())
}

func exists(x *pbx.Exec, context, exten string) bool {
	return x.Find(call.Place{Context: context, Exten: exten, Priority: 1}) != nil
}
