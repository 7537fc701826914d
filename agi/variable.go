package agi

import (
	"strconv"
	"strings"
)

func variableCommands() []command {
	return []command{
		{words: "GET FULL VARIABLE", args: "<expression> [<channel name>]", dead: true, synopsis: "Fills in an expression such as ${CALLERID(num)}.",
			about: "result=1 (value), or 0 where there is no such channel.", run: getFull},
		{words: "GET VARIABLE", args: "<variablename>", dead: true, synopsis: "Returns the value of a variable or a function.",
			about: "result=1 (value), or 0 where it is not set.", run: getVariable},
		{words: "SET VARIABLE", args: "<variablename> <value>", dead: true, synopsis: "Sets a variable, or writes a function.", run: setVariable},
		{words: "VERBOSE", args: "<message> [<level>]", dead: true, synopsis: "Shows a message on consoles of at least that verbosity.", run: verbose},
	}
}

// value is a value in a reply: what is behind a line end would be a reply of its
// own.
func value(v string) string { return "result=1 (" + oneLine(v) + ")" }

func getVariable(s *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	name := args[0]
	if open := strings.IndexByte(name, '('); open > 0 && strings.HasSuffix(name, ")") {
		v, err := s.x.Call(name[:open], name[open+1:len(name)-1])
		if err != nil {
			s.x.Warn(err.Error())
			return "result=0", nil
		}
		return value(v), nil
	}
	v, ok := s.x.Lookup(name)
	if !ok {
		return "result=0", nil
	}
	return value(v), nil
}

func getFull(s *session, args []string) (string, error) {
	x := s.x
	switch len(args) {
	case 1:
	case 2:
		ch := s.x.PBX().Registry().Find(args[1])
		if ch == nil {
			return "result=0", nil
		}
		if ch != s.ch {
			x = s.x.Elsewhere(ch)
		}
	default:
		return "", errUsage
	}
	return value(x.Expand(args[0])), nil
}

func setVariable(s *session, args []string) (string, error) {
	if len(args) != 2 {
		return "", errUsage
	}
	if err := s.x.Assign(args[0], args[1]); err != nil {
		s.x.Warn(err.Error())
	}
	return "result=1", nil
}

func verbose(s *session, args []string) (string, error) {
	if len(args) < 1 {
		return "", errUsage
	}
	level := 0
	if len(args) > 1 {
		level, _ = strconv.Atoi(args[1])
	}
	s.x.Verbose(level, s.args[0]+": "+args[0])
	return "result=1", nil
}
