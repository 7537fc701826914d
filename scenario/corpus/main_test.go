package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestReport looks at three configurations: one whole, one that lacks something, one
// that is refused.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"whole/extensions.conf":              "[a]\nexten => s,1,NoOp()\n same => n,Hangup()\n",
		"lacks/etc/asterisk/extensions.conf": "[a]\nexten => s,1,AlarmReceiver()\n same => n,Rpt(1)\n same => n,Dial(DAHDI/1)\n same => n,NoOp()\n",
		"refused/sip.conf":                   "[general\n",
		"nothing/readme":                     "",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := report(&out, dir); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"steps 2, supported 2 of 2 (100.0 %)\n", "REFUSED: ", "steps 4, supported 1 of 4 (25.0 %), not the original's either 1; for hardware\n",
		"3 configurations, 2 load; whole: 1 of 3 (33.3 %)\n", "steps: 6, supported 3 of 6 (50.0 %); of those that Asterisk 20 has 3 of 5 (60.0 %)\n",
		"not for hardware: 2 configurations, whole 1 of 2 (50.0 %); steps that Asterisk 20 has: supported 2 of 2 (100.0 %)\n",
		"1 (1) application AlarmReceiver\n", "1 (1) channel type DAHDI\n", "1 (1) foreign application Rpt\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
	if err := report(&out, filepath.Join(dir, "nothing")); err == nil {
		t.Error("a folder without configurations is no error")
	}
}

// TestTestdata reads configurations such as people have. The file report of each holds
// what is said of it, but for warnings and notes: some are of what the machine has.
func TestTestdata(t *testing.T) {
	names, err := filepath.Glob("testdata/*")
	if err != nil || len(names) == 0 {
		t.Fatal(err, names)
	}
	counts := regexp.MustCompile(`\d+ warnings, \d+ notes; `)
	for _, dir := range names {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join(dir, "report"))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			look(filepath.Base(dir), dir).print(&out)
			if got := counts.ReplaceAllString(out.String(), ""); got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
