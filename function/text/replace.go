package text

import (
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
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
		return "", argument.Complain("Usage: REPLACE(<varname>,<search-chars>[,<replace-char>])")
	}
	s, err := argument.Value(x, a[0])
	if err != nil {
		return "", err
	}
	find := argument.Text(a[1])
	var out []byte
	for i := range len(s) {
		switch {
		case strings.IndexByte(find, s[i]) < 0:
			out = append(out, s[i])
		case expand.Arg(a, 2) != "":
			c, _ := argument.Char(a[2])
			out = append(out, c)
		}
	}
	return string(out), nil
}

func replaceString(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 4)
	if len(a) < 2 || a[0] == "" {
		return "", argument.Complain("Usage: STRREPLACE(<varname>,<find-string>[,<replace-string>,[<max-replacements>]])")
	}
	if a[1] == "" {
		return "", argument.Complain("No <find-string> specified")
	}
	most := -1
	if n, _, ok := argument.Int(expand.Arg(a, 3)); ok && n > 0 {
		most = n
	}
	s, err := argument.Value(x, a[0])
	if err != nil {
		return "", err
	}
	with := expand.Arg(a, 2)
	if grown := len(s) + strings.Count(s, a[1])*(len(with)-len(a[1])); grown > argument.MaxText {
		return "", argument.Complain("STRREPLACE would make %d bytes, more than %d", grown, argument.MaxText)
	}
	return strings.Replace(s, a[1], with, most), nil
}
