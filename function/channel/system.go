package channel

import (
	"fmt"
	"os"
	"strings"

	"obelus/dialplan/expr"
	"obelus/function/argument"
	"obelus/pbx"
)

func systemFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "ENV",
			Read: argument.Plain(os.Getenv), Write: envWrite,
		}, {
			Name: "VERSION",
			Read: argument.Pure(version),
		}, {
			Name: "CHANNELS",
			Read: channelList,
		},
	}
}

func envWrite(_ *pbx.Exec, name, value string) error {
	if name == "" || strings.ContainsAny(name, "=\x00") {
		return argument.Complain("'%s' can't be the name of an environment variable", name)
	}
	if value == "" {
		return os.Unsetenv(name)
	}
	if err := os.Setenv(name, value); err != nil {
		return fmt.Errorf("ENV(%s): %w", name, err)
	}
	return nil
}

// version answers dialplans that ask in order to decide what they can use.
func version(info string) (string, error) {
	switch info {
	case "":
		return "20.20.1", nil
	case "ASTERISK_VERSION_NUM":
		return "202001", nil
	}
	return "", argument.Complain("VERSION(%s) is not known here: VERSION() and VERSION(ASTERISK_VERSION_NUM) are", info)
}

func channelList(x *pbx.Exec, pattern string) (string, error) {
	re, err := expr.CompilePOSIX(pattern)
	if err != nil {
		return "", argument.Complain("Error compiling regular expression for CHANNELS(): %v", err)
	}
	var names []string
	for _, ch := range x.Channel().Registry().All() {
		if re.MatchString(ch.Name()) {
			names = append(names, ch.Name())
		}
	}
	return strings.Join(names, " "), nil
}
