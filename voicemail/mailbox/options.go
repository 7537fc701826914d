package mailbox

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// setter gives one option its value.
type setter func(o *Options, v string) error

// flag is an option that is yes or no.
func flag(at func(o *Options) *bool) setter {
	return func(o *Options, v string) error { *at(o) = yes(v); return nil }
}

// words is an option that is a text.
func words(at func(o *Options) *string) setter {
	return func(o *Options, v string) error { *at(o) = v; return nil }
}

// number is an option that is a number from least up.
func number(least, most int, at func(o *Options) *int) setter {
	return func(o *Options, v string) error {
		n, err := count(v, least, most)
		if err == nil {
			*at(o) = n
		}
		return err
	}
}

// seconds is an option that is a time in seconds.
func seconds(at func(o *Options) *time.Duration) setter {
	return func(o *Options, v string) error {
		n, err := count(v, 0, 1e9)
		if err == nil {
			*at(o) = time.Duration(n) * time.Second
		}
		return err
	}
}

// count reads a whole number.
func count(v string, least, most int) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is no whole number from %d to %d", v, least, most)
	}
	return n, nil
}

// yes reads a switch as the original does: whatever does not mean yes is no.
func yes(v string) bool {
	for _, w := range []string{"yes", "true", "y", "t", "1", "on"} {
		if strings.EqualFold(strings.TrimSpace(v), w) {
			return true
		}
	}
	return false
}

// options are those that a mailbox may have of its own, by their names.
func options() map[string]setter {
	maxSecs := seconds(func(o *Options) *time.Duration { return &o.Longest })
	minSecs := seconds(func(o *Options) *time.Duration { return &o.Shortest })
	del := flag(func(o *Options) *bool { return &o.Delete })
	return map[string]setter{
		"attach": flag(func(o *Options) *bool { return &o.Attach }), "delete": del, "deletevoicemail": del,
		"saycid": flag(func(o *Options) *bool { return &o.SayCID }), "sendvoicemail": flag(func(o *Options) *bool { return &o.SendVoicemail }),
		"review": flag(func(o *Options) *bool { return &o.Review }), "tempgreetwarn": flag(func(o *Options) *bool { return &o.TempGreetWarn }),
		"messagewrap": flag(func(o *Options) *bool { return &o.MessageWrap }), "operator": flag(func(o *Options) *bool { return &o.Operator }),
		"envelope": flag(func(o *Options) *bool { return &o.Envelope }), "moveheard": flag(func(o *Options) *bool { return &o.MoveHeard }),
		"sayduration": flag(func(o *Options) *bool { return &o.SayDuration }), "forcename": flag(func(o *Options) *bool { return &o.ForceName }),
		"forcegreetings": flag(func(o *Options) *bool { return &o.ForceGreetings }), "forcegreeting": flag(func(o *Options) *bool { return &o.ForceGreetings }),
		"hidefromdir": flag(func(o *Options) *bool { return &o.HideFromDir }), "nextaftercmd": flag(func(o *Options) *bool { return &o.NextAfterCmd }),
		"leaveurgent": flag(func(o *Options) *bool { return &o.LeaveUrgent }),
		"alias":       words(func(o *Options) *string { return &o.Alias }),
		"attachfmt":   words(func(o *Options) *string { return &o.AttachFormat }), "serveremail": words(func(o *Options) *string { return &o.ServerEmail }),
		"fromstring": words(func(o *Options) *string { return &o.FromString }), "language": words(func(o *Options) *string { return &o.Language }),
		"tz": words(func(o *Options) *string { return &o.TZ }), "locale": words(func(o *Options) *string { return &o.Locale }),
		"callback": words(func(o *Options) *string { return &o.Callback }), "dialout": words(func(o *Options) *string { return &o.DialOut }),
		"exitcontext":  words(func(o *Options) *string { return &o.ExitContext }),
		"emailsubject": func(o *Options, v string) error { o.EmailSubject = unescape(v); return nil },
		"emailbody":    func(o *Options, v string) error { o.EmailBody = unescape(v); return nil },
		"saydurationm": number(0, 1e6, func(o *Options) *int { return &o.SayDurationMin }),
		"maxmsg":       number(0, maxMessages, func(o *Options) *int { return &o.MaxMsg }),
		"backupdeleted": func(o *Options, v string) error {
			if _, err := strconv.Atoi(v); err != nil { // a switch then
				v = map[bool]string{true: "100", false: "0"}[yes(v)]
			}
			return number(0, maxMessages, func(o *Options) *int { return &o.BackupDeleted })(o, v)
		},
		"minsecs": minSecs, "minmessage": minSecs, "maxsecs": maxSecs, "maxmessage": maxSecs,
		"volgain": func(o *Options, v string) (err error) {
			var gain float64
			if gain, err = strconv.ParseFloat(strings.TrimSpace(v), 64); err == nil && (gain < -100 || gain > 100) {
				err = errors.New("it is not between -100 and 100 dB")
			}
			if err == nil {
				o.VolGain = gain
			}
			return err
		},
		"passwordlocation": func(o *Options, v string) error {
			o.SecretInSpool = strings.EqualFold(v, "spooldir")
			if !o.SecretInSpool && !strings.EqualFold(v, "voicemail.conf") {
				return fmt.Errorf("%q is neither spooldir nor voicemail.conf", v)
			}
			return nil
		},
	}
}

// unescape reads \n, \r and \t of a mail's text.
func unescape(v string) string {
	return strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t").Replace(v)
}

// parseBox reads the value of a mailbox's line: password,name,email,pager,options. What of it can't be used is told by say.
func (s *Settings) parseBox(context, name, value string, set map[string]setter, say func(format string, a ...any)) *Box {
	fields := strings.SplitN(value, ",", 5)
	field := func(i int) string {
		if i < len(fields) {
			return strings.Trim(fields[i], " \t")
		}
		return ""
	}
	b := &Box{Context: context, Name: name, Password: field(0), FullName: field(1), Email: field(2), Pager: field(3), Options: s.General.Options}
	if strings.HasPrefix(b.Password, "*") {
		say("Invalid password detected for mailbox %s.  The password must be reset in voicemail.conf.", name)
	}
	for opt := range strings.SplitSeq(field(4), "|") {
		if key, v, ok := strings.Cut(opt, "="); ok {
			s.apply(b, strings.TrimSpace(key), strings.TrimSpace(v), set, say)
		} else if strings.TrimSpace(opt) != "" {
			say("option %q of mailbox %s has no value", opt, name)
		}
	}
	return b
}

func (s *Settings) apply(b *Box, key, v string, set map[string]setter, say func(format string, a ...any)) {
	put, ok := set[strings.ToLower(key)]
	if !ok {
		if why := unsupported(key); why != "" {
			say("%s of mailbox %s is not supported: %s", key, b.Name, why)
		} else {
			say("there is no option '%s' of a mailbox", key)
		}
		return
	}
	if err := put(&b.Options, v); err != nil {
		say("%s of mailbox %s: %v", key, b.Name, err)
	}
}

// unsupported says why an option of the original's does nothing here; "" for one that is none of its.
func unsupported(key string) string {
	key = strings.ToLower(key)
	switch {
	case strings.HasPrefix(key, "imap"), key == "authuser", key == "authpassword", key == "expungeonhangup", key == "pollimap", strings.HasSuffix(key, "timeout") && strings.HasPrefix(key, "imap"),
		key == "greetingsfolder":
		return "messages are kept in files, on no IMAP server"
	case strings.HasPrefix(key, "odbc"):
		return "messages are kept in files, in no database"
	case strings.HasPrefix(key, "adsi"):
		return "there are no ADSI telephones over SIP"
	case strings.HasPrefix(key, "smdi"):
		return "there is no SMDI line"
	}
	return ""
}
