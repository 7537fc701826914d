// Package features is what the parties of a call can begin by keys while they talk, by features.conf: transfers, hanging up, recording and
// applications of the dialplan; and picking calls up.
//
// A [Desk] makes the [call.Ear] that listens to a party. What a key sequence begins is done by that party's goroutine, in its bridge, which the
// party leaves for a while: the other stays there and waits.
package features

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// Config is what features.conf says. It is not changed once it is made.
type Config struct {
	TransferDigitTimeout time.Duration // for each digit of whom to transfer to
	FeatureDigitTimeout  time.Duration // for the next key of a sequence
	NoAnswer             time.Duration // how long an attended transfer rings; 0 for ever
	DropCall             bool          // who hangs up before the target has answered ends all
	LoopDelay            time.Duration // before the target is called again
	CallbackRetries      int           // how often whoever transfers and the target are called back
	DialAttempts         int           // how often whom to transfer to may be dialled wrongly

	CourtesyTone, TransferSound, FailSound                      string
	AnnounceSound, RetrySound, InvalidSound, RecordingFailSound string
	AbortKeys, CompleteKeys, ThreeWayKeys, SwapKeys             string
	PickupExten, PickupSound, PickupFailSound                   string
	Map                                                         map[string]string // [featuremap]: keys by feature
	Dynamic                                                     map[string]Dynamic
	Groups                                                      map[string][]Member
}

// Dynamic is a line of [applicationmap]: keys that run an application.
type Dynamic struct {
	Name, Keys string
	OnPeer     bool // it runs on the other party
	ByCaller   bool // who calls may begin it
	ByCallee   bool
	App, Args  string
	Music      string // class, for whoever waits
}

// Member is a feature of a group, with keys of its own where they are not "".
type Member struct{ Name, Keys string }

// Defaults are the original's settings where there is no features.conf.
func Defaults() *Config {
	return &Config{
		TransferDigitTimeout: 3 * time.Second, FeatureDigitTimeout: time.Second, NoAnswer: 15 * time.Second, LoopDelay: 10 * time.Second,
		CallbackRetries: 2, DialAttempts: 3, TransferSound: "beep", FailSound: "beeperr", AnnounceSound: "pbx-transfer", RetrySound: "pbx-invalid",
		InvalidSound: "privacy-incorrect", AbortKeys: "*1", CompleteKeys: "*2", ThreeWayKeys: "*3", SwapKeys: "*4", PickupExten: "*8",
		Map: map[string]string{"blindxfer": "#", "disconnect": "*", "automon": "", "atxfer": "", "parkcall": "", "automixmon": ""},
	}
}

// clone is a copy that may be changed.
func (c *Config) clone() *Config {
	out := *c
	out.Map = maps.Clone(c.Map)
	return &out
}

// item is an option of [general], as FEATURE() has it, too.
type item struct {
	get func() string
	set func(string) error
}

func text(p *string) item {
	return item{func() string { return *p }, func(v string) error { *p = v; return nil }}
}

func number(p *int) item {
	return item{func() string { return strconv.Itoa(*p) }, func(v string) error {
		n, err := strconv.Atoi(strings.TrimSpace(v))
		if err != nil || n < 0 {
			return fmt.Errorf("%q is no number", v)
		}
		*p = n
		return nil
	}}
}

func span(p *time.Duration, unit time.Duration) item {
	return item{func() string { return strconv.FormatInt(int64(*p/unit), 10) }, func(v string) error {
		n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 32)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is no time", v)
		}
		*p = time.Duration(n) * unit
		return nil
	}}
}

func flag(p *bool) item {
	return item{func() string {
		if *p {
			return "1"
		}
		return "0"
	}, func(v string) error {
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "yes", "true", "y", "t", "1", "on":
			*p = true
		default:
			*p = false
		}
		return nil
	}}
}

// keys is a sequence that may be switched off by being empty.
func keys(p *string) item {
	return item{func() string { return *p }, func(v string) error {
		if err := sequence(v); err != nil {
			return err
		}
		*p = v
		return nil
	}}
}

// sequence says what is wrong with keys of a feature.
func sequence(v string) error {
	if strings.Trim(v, "0123456789*#ABCD") != "" {
		return fmt.Errorf("%q are no keys of a telephone", v)
	}
	return nil
}

// item returns the option of that name.
func (c *Config) item(name string) (item, bool) {
	switch name {
	case "transferdigittimeout":
		return span(&c.TransferDigitTimeout, time.Second), true
	case "featuredigittimeout":
		return span(&c.FeatureDigitTimeout, time.Millisecond), true
	case "atxfernoanswertimeout":
		return span(&c.NoAnswer, time.Second), true
	case "atxferdropcall":
		return flag(&c.DropCall), true
	case "atxferloopdelay":
		return span(&c.LoopDelay, time.Second), true
	case "atxfercallbackretries":
		return number(&c.CallbackRetries), true
	case "transferdialattempts":
		return number(&c.DialAttempts), true
	}
	if p := c.sound(name); p != nil {
		return text(p), true
	}
	if p := c.sequence(name); p != nil {
		return keys(p), true
	}
	return item{}, false
}

func (c *Config) sound(name string) *string {
	switch name {
	case "courtesytone":
		return &c.CourtesyTone
	case "xfersound":
		return &c.TransferSound
	case "xferfailsound":
		return &c.FailSound
	case "transferannouncesound":
		return &c.AnnounceSound
	case "transferretrysound":
		return &c.RetrySound
	case "transferinvalidsound":
		return &c.InvalidSound
	case "recordingfailsound":
		return &c.RecordingFailSound
	case "pickupsound":
		return &c.PickupSound
	case "pickupfailsound":
		return &c.PickupFailSound
	case "pickupexten":
		return &c.PickupExten
	}
	return nil
}

func (c *Config) sequence(name string) *string {
	switch name {
	case "atxferabort":
		return &c.AbortKeys
	case "atxfercomplete":
		return &c.CompleteKeys
	case "atxferthreeway":
		return &c.ThreeWayKeys
	case "atxferswap":
		return &c.SwapKeys
	}
	return nil
}
