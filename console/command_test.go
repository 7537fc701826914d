package console

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
)

func table() *Table {
	t := &Table{}
	say := func(what string) func(context.Context, *Session, []string) error {
		return func(_ context.Context, s *Session, args []string) error {
			s.Printf("%s(%s)", what, strings.Join(args, ","))
			return nil
		}
	}
	t.Add(
		Command{Words: "sip show peers", Summary: "List peers", Run: say("peers")},
		Command{Words: "sip show peer", Args: "<name>", Run: say("peer"), Complete: func(args []string) []string {
			if len(args) > 0 {
				return nil
			}
			return []string{"1001", "1002", "2000"}
		}},
		Command{Words: "sip reload", Run: say("reload")},
		Command{Words: "core set {verbose|debug}", Args: "<level>", Run: say("set")},
		Command{Words: "core stop now", Run: func(context.Context, *Session, []string) error { return ErrUsage }},
	)
	return t
}

func TestRun(t *testing.T) {
	for line, want := range map[string]string{
		"sip show peers":        "peers()",
		"sip show peer 1001":    "peer(1001)",
		"SIP Show Peers":        "peers()",
		"sip rel":               "reload()",
		`sip show peer "a b" c`: "peer(a b,c)",
		"core set verbose 3":    "set(3)",
		"core stop now":         "Usage: core stop now\n",
		"":                      "",
		"sip show peerz":        "No such command 'sip show peerz' (type 'core show help sip show' for other possible commands)\n",
		"nonsense":              "No such command 'nonsense' (type 'core show help nonsense' for other possible commands)\n",
		"s show p x":            "No such command",
	} {
		var b bytes.Buffer
		table().Run(t.Context(), &Session{Writer: &b}, line)
		if got := b.String(); got != want && (want != "No such command" || !strings.HasPrefix(got, want)) {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestComplete(t *testing.T) {
	for line, want := range map[string][]string{
		"":                {"core", "sip"},
		"si":              {"sip"},
		"sip ":            {"reload", "show"},
		"sip show p":      {"peer", "peers"},
		"sip show peer ":  {"1001", "1002", "2000"},
		"sip show peer 1": {"1001", "1002"},
		"core set ":       {"debug", "verbose"},
		"x":               {},
	} {
		if got := table().Complete(line); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		` a  b `: {"a", "b"}, `"a b" c`: {"a b", "c"}, `a\ b`: {"a b"}, `""`: {""}, `a"b c"d`: {"ab cd"}, ``: nil,
	} {
		if got := Split(line); !slices.Equal(got, want) {
			t.Errorf("%q: %q", line, got)
		}
	}
}

func FuzzRun(f *testing.F) {
	f.Add("sip show peer 1")
	f.Add(`core set "verbose`)
	f.Fuzz(func(t *testing.T, line string) {
		var b bytes.Buffer
		table().Run(context.Background(), &Session{Writer: &b}, line)
		table().Complete(line)
	})
}
