package sound

import (
	"strconv"
	"strings"
	"time"

	"obelus/prompt/say"
)

// spell names the prompts for what Playback's option say has: by say.conf, or as
// its example file has it where there is no rule.
func (d *Deps) spell(language, text string) ([]string, bool) {
	if names, ok := d.rules().Spell(language, text); ok {
		return names, true
	}
	kind, rest, ok := strings.Cut(text, ":")
	if !ok {
		return []string{text}, true // a file after all
	}
	switch strings.ToLower(kind) {
	case "digit", "digits":
		return say.Digits(language, rest), true
	case "char", "alpha":
		return say.Alpha(language, rest), true
	case "phonetic":
		return say.Phonetic(language, rest), true
	case "num", "enum":
		return spellNumber(language, kind, rest)
	case "money":
		names, err := say.Money(language, rest)
		return names, err == nil
	case "datetime", "date", "time":
		return spellTime(language, strings.ToLower(kind), rest)
	}
	return nil, false
}

func spellNumber(language, kind, text string) ([]string, bool) {
	digits, gender, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return nil, false
	}
	if strings.EqualFold(kind, "enum") {
		return say.Ordinal(language, n, gender), true
	}
	return say.Number(language, n, gender), true
}

// spellTime reads FORMAT:SECONDS, or the seconds alone.
func spellTime(language, kind, text string) ([]string, bool) {
	format, seconds := "", text
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		format, seconds = text[:i], text[i+1:]
	}
	n, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return nil, false
	}
	if format == "" {
		format = map[string]string{"date": "ABdY", "time": "IMp"}[kind]
	}
	return say.Time(language, time.Unix(n, 0), format), true
}
