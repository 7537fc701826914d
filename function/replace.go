package function

import (
	"strings"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

func replaceFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "REPLACE",
			Read: replaceChars,
		}, {
			Name: "STRREPLACE",
			Read: replaceString,
		},
	}
}

func replaceChars(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	if len(a) < 2 || a[0] == "" || a[1] == "" {
		return "", complaint("Usage: REPLACE(<varname>,<search-chars>[,<replace-char>])")
	}
	s, err := valueOf(x, a[0])
	if err != nil {
		return "", err
	}
	find := encodedText(a[1])
	var out []byte
	for i := range len(s) {
		switch {
		case strings.IndexByte(find, s[i]) < 0:
			out = append(out, s[i])
		case expand.Arg(a, 2) != "":
			c, _ := encodedChar(a[2])
			out = append(out, c)
		}
	}
	return string(out), nil
}

func replaceString(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 4)
	if len(a) < 2 || a[0] == "" {
		return "", complaint("Usage: STRREPLACE(<varname>,<find-string>[,<replace-string>,[<max-replacements>]])")
	}
	if a[1] == "" {
		return "", complaint("No <find-string> specified")
	}
	most := -1
	if n, _, ok := scanInt(expand.Arg(a, 3)); ok && n > 0 {
		most = n
	}
	s, err := valueOf(x, a[0])
	if err != nil {
		return "", err
	}
	with := expand.Arg(a, 2)
	if grown := len(s) + strings.Count(s, a[1])*(len(with)-len(a[1])); grown > maxText {
		return "", complain("STRREPLACE would make %d bytes, more than %d", grown, maxText)
	}
	return strings.Replace(s, a[1], with, most), nil
}

// maxText bounds what a function makes that can make much of little.
const maxText = expand.MaxValue
