package sound

import (
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
	"obelus/prompt/say"
)

// complaint is an error in the original's words, which operators look for.
type complaint string

func (c complaint) Error() string { return string(c) }

// Functions lists the functions that belong to the applications.
func Functions(d *Deps) []pbx.Function {
	return pbx.DescribeFunctions(pages, []pbx.Function{{Name: "SAYFILES", Read: d.sayFiles}})
}

// sayFiles is the sounds that would say something, as Playback takes them.
func (d *Deps) sayFiles(x *pbx.Exec, data string) (string, error) {
	args := expand.Args(data, 2)
	value, language := expand.Arg(args, 0), x.Channel().Language()
	if value == "" {
		return "", complaint("SAYFILES requires an argument")
	}
	var names []string
	kind := strings.ToLower(expand.Arg(args, 1))
	switch kind {
	case "", "alpha":
		names = say.Alpha(language, value)
	case "digits":
		names = say.Digits(language, value)
	case "phonetic":
		names = say.Phonetic(language, value)
	case "money":
		var err error
		if names, err = say.Money(language, value); err != nil {
			return "", err
		}
	case "number", "ordinal":
		spelt, ok := spellNumber(language, map[string]string{"number": "num", "ordinal": "enum"}[kind], value)
		if !ok {
			return "", complaint("Invalid numeric argument: " + value)
		}
		names = spelt
	default:
		return "", complaint("Invalid say type specified: " + kind)
	}
	return strings.Join(names, "&"), nil
}
