package agi

import (
	"strconv"
	"time"

	"obelus/prompt/say"
)

func sayCommands() []command {
	const until = "<escape digits>"
	return []command{
		{words: "SAY ALPHA", args: "<text> " + until, synopsis: "Spells a text.", run: spell(say.Alpha)},
		{words: "SAY DATE", args: "<date> " + until, synopsis: "Says a date, given in seconds since 1970.", run: sayWhen("ABdY")},
		{words: "SAY DATETIME", args: "<time> " + until + " [<format>] [<timezone>]", synopsis: "Says a time as the format says.",
			about: "The letters of the format are those of zonemessages in voicemail.conf;\nABdY 'digits/at' IMp where none is given.", run: sayDateTime},
		{words: "SAY DIGITS", args: "<number> " + until, synopsis: "Says a number digit by digit.", run: sayDigits},
		{words: "SAY NUMBER", args: "<number> " + until + " [<gender>]", synopsis: "Says a number.", run: sayNumber},
		{words: "SAY PHONETIC", args: "<string> " + until, synopsis: "Spells a text with the alphabet of pilots.", run: spell(say.Phonetic)},
		{words: "SAY TIME", args: "<time> " + until, synopsis: "Says a time of the day, given in seconds since 1970.", run: sayWhen("IMp")},
	}
}

// say says names until one of the keys.
func (s *session) say(stop string, names []string) (string, error) {
	s.ch.Unhold()
	return s.keyResult(s.d.Voice.Play(s.ctx, s.ch, stop, names...))
}

func spell(names func(language, text string) []string) func(*session, []string) (string, error) {
	return func(s *session, args []string) (string, error) {
		if len(args) != 2 {
			return "", errUsage
		}
		return s.say(args[1], names(s.ch.Language(), args[0]))
	}
}

func sayDigits(s *session, args []string) (string, error) {
	if len(args) != 2 {
		return "", errUsage
	}
	if _, ok := leadingInt(args[0]); !ok {
		return "", errUsage
	}
	return s.say(args[1], say.Digits(s.ch.Language(), args[0]))
}

func sayNumber(s *session, args []string) (string, error) {
	if len(args) < 2 || len(args) > 3 {
		return "", errUsage
	}
	n, ok := leadingInt(args[0])
	if !ok {
		return "", errUsage
	}
	gender := ""
	if len(args) == 3 {
		gender = args[2]
	}
	return s.say(args[1], say.Number(s.ch.Language(), n, gender))
}

func sayWhen(format string) func(*session, []string) (string, error) {
	return func(s *session, args []string) (string, error) {
		if len(args) != 2 {
			return "", errUsage
		}
		n, ok := leadingInt(args[0])
		if !ok {
			return "", errUsage
		}
		return s.say(args[1], say.Time(s.ch.Language(), time.Unix(n, 0), format))
	}
}

func sayDateTime(s *session, args []string) (string, error) {
	if len(args) < 2 || len(args) > 4 {
		return "", errUsage
	}
	n, ok := leadingInt(args[0])
	if !ok {
		return "", errUsage
	}
	at, format := time.Unix(n, 0), "ABdY 'digits/at' IMp"
	if s.ch.Language() == "de" {
		format = "A dBY HMS"
	}
	if len(args) > 2 && args[2] != "" {
		format = args[2]
	}
	if len(args) > 3 && args[3] != "" {
		zone, err := time.LoadLocation(args[3])
		if err != nil {
			s.x.Warnf("SAY DATETIME: there is no time zone %q: the server's is said", args[3])
		} else {
			at = at.In(zone)
		}
	}
	return s.say(args[1], say.Time(s.ch.Language(), at, format))
}

// leadingInt reads the number that a text begins with, as scanf does.
func leadingInt(s string) (int64, bool) {
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || end == 0 && (s[0] == '-' || s[0] == '+')) {
		end++
	}
	n, err := strconv.ParseInt(s[:end], 10, 64)
	return n, err == nil
}
