package manual

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"obelus/cmd/obelus/simulate"
	"obelus/conf"
	"obelus/dialplan/syntax"
)

func TestZZ(t *testing.T) {
	for file, p := range pages(t) {
		if !strings.Contains(file, "app/sound/") || len(p.Examples) == 0 {
			continue
		}
		e := p.Examples[0]
		var out bytes.Buffer
		synctest.Test(t, func(t *testing.T) {
			s := func(n, o string) string {
				if v, ok := e.Settings[n]; ok {
					return v
				}
				return o
			}
			c := simulate.Call{Context: "default", Exten: "s", CallerID: s("callerid", "100"), Keys: s("keys", ""), Dial: "answer", Vars: map[string]string{}, Out: &out, Log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))}
			text := e.Dialplan
			if !strings.HasPrefix(text, "[") {
				text = "[default]\n" + text
			}
			f, _, _ := new(conf.Loader).Parse("extensions.conf", []byte(text))
			c.Plan, _ = syntax.Read(f)
			c.Run()
		})
		b, _ := os.ReadFile(file)
		steps := out.String()
		if i := strings.LastIndex(strings.TrimRight(steps, "\n"), "\n"); i >= 0 {
			steps = steps[:i+1]
		}
		if !strings.Contains(string(b), "```steps") {
			os.WriteFile(file, []byte(strings.TrimRight(string(b), "\n")+"\n```steps\n"+steps+"```\n"), 0o644)
		}
		fmt.Printf("== %s\n%s", file, out.String())
	}
}
