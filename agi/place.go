package agi

import (
	"context"
	"fmt"
	"strconv"

	"obelus/call"
	"obelus/dialplan/expand"
)

func placeCommands() []command {
	return []command{
		{words: "GOSUB", args: "<context> <extension> <priority> [<optional-argument>]", synopsis: "Runs a subroutine of the dialplan until it returns.", run: gosub},
		{words: "SET CONTEXT", args: "<desired context>", synopsis: "Sets the context in which the dialplan goes on.", run: setContext},
		{words: "SET EXTENSION", args: "<new extension>", synopsis: "Sets the extension in which the dialplan goes on.", run: setExtension},
		{words: "SET PRIORITY", args: "<priority>", synopsis: "Sets the priority, a number or a label, with which the dialplan goes on.", run: setPriority},
	}
}

// next is where the dialplan goes on when the script has ended.
func (s *session) next() call.Place {
	p := s.x.Place()
	if !s.x.Jumped() {
		p.Priority++
	}
	return p
}

func setContext(s *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	to := s.next()
	to.Context = args[0]
	s.x.Jump(to)
	return "result=0", nil
}

func setExtension(s *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	to := s.next()
	to.Exten = args[0]
	s.x.Jump(to)
	return "result=0", nil
}

func setPriority(s *session, args []string) (string, error) {
	if len(args) != 1 {
		return "", errUsage
	}
	to := s.next()
	n, ok := s.priority(to, args[0])
	if !ok {
		return "", errUsage
	}
	to.Priority = n
	s.x.Jump(to)
	return "result=0", nil
}

// priority reads a priority of an extension: a number or a label.
func (s *session) priority(at call.Place, text string) (int, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, n > 0
	}
	return s.x.Plan().FindLabel(at.Context, at.Exten, s.x.CallerNumber(), text, s.x.Now())
}

func gosub(s *session, args []string) (string, error) {
	if len(args) < 3 || len(args) > 4 {
		return "", errUsage
	}
	to := call.Place{Context: args[0], Exten: args[1]}
	n, ok := s.priority(to, args[2])
	to.Priority = n
	if !ok || s.x.Find(to) == nil {
		s.ch.Log().Error(fmt.Sprintf("Priority '%s' not found in '%s@%s'", args[2], args[1], args[0]))
		return "result=-1 Gosub label not found", errFailed
	}
	var given []string
	if len(args) == 4 {
		given = expand.Args(args[3], maxArgs)
	}
	back, depth := s.next(), s.x.Depth()
	if !s.x.Push(back, given) {
		return "result=-1 Gosub failed", nil
	}
	err := s.x.Within(s.ctx, to, func() bool { return s.x.Depth() <= depth })
	for s.x.Depth() > depth {
		s.x.Pop() // it has ended without Return
	}
	s.x.Jump(back)
	if err != nil && context.Cause(s.ctx) != nil {
		return "result=-1 Gosub failed", errFailed
	}
	return "result=0 Gosub complete", nil
}
