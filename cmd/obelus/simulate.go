package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"

	"obelus/cmd/obelus/simulate"
)

func runSimulate(args []string) int {
	set := flags("simulate")
	config := set.String("config", "", "directory of extensions.conf")
	s := simulate.Call{Out: os.Stdout, Vars: make(map[string]string)}
	set.StringVar(&s.CallerID, "callerid", "", "number of the caller")
	set.StringVar(&s.Keys, "dtmf", "", "keys pressed a second after the start; those behind a comma a second later")
	set.StringVar(&s.Dial, "dial", "answer", "what phones do that are dialled: answer, busy, noanswer, unavailable")
	set.Func("text", "a text message instead of a call", func(body string) error { s.Text = &body; return nil })
	set.Func("set", "NAME=VALUE, a channel variable; may be given several times", func(v string) error { return setVariable(s.Vars, v) })
	words, code, ok := parse(set, args, 2, 2)
	if !ok {
		return code
	}
	if !slices.Contains(simulate.Answers(), s.Dial) {
		fmt.Fprintf(os.Stderr, "obelus: --dial %s: it is not one of answer, busy, noanswer, unavailable\n", s.Dial)
		return 2
	}
	c, err := readFrom(*config)
	if err != nil {
		failed(err)
		return 2
	}
	s.Voicemail = c.Voicemail
	s.Plan, s.Context, s.Exten = c.Plan, words[0], words[1]
	s.Log = slog.New(newLogHandler(os.Stderr, slog.LevelWarn))
	if s.Plan.Context(s.Context) == nil {
		return failed(fmt.Errorf("there is no context '%s' in extensions.conf", s.Context))
	}
	s.Run()
	return 0
}

// setVariable takes one --set.
func setVariable(vars map[string]string, v string) error {
	name, value, ok := strings.Cut(v, "=")
	if !ok || name == "" {
		return errors.New("it is not of the form NAME=VALUE")
	}
	vars[name] = value
	return nil
}
