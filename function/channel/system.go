package channel

import (
	"strings"

	"obelus/dialplan/expr"
	"obelus/function/argument"
	"obelus/pbx"
)

func systemFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "VERSION",
			Read: argument.Pure(version),
		}, {
			Name: "CHANNELS",
			Read: channelList,
		}, {
			Name: "SYSINFO",
			Read: sysInfo,
		},
	}
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
