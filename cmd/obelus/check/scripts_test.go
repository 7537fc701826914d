package check

import (
	"strings"
	"testing"

	"obelus/cmd/obelus/settings"
	"obelus/internal/filetree"
)

// TestScripts: scripts that are not there are named once, with where they belong.
func TestScripts(t *testing.T) {
	dir := filetree.Write(t, map[string]string{
		"sip.conf": goodSIP, "extensions.conf": "[in]\nexten => s,1,AGI(a.pl,1)\nexten => s,2,AGI(agi://host)\nexten => s,3,EAGI(/nonexistent/b)\nexten => s,4,AGI(${X})\n" +
			"exten => s,5,AGI(there)\nexten => s,6,DeadAGI(a.pl)\nexten => s,7,AGI(agi:async)\nexten => s,8,AGI()\n",
		"agi/there": "#!/bin/sh\n",
	})
	dirs, _, err := settings.Find(dir, "", "")
	if err != nil {
		t.Fatal(err)
	}
	dirs.AGI = dir + "/agi"
	c, _, err := settings.Read(dirs, "test")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range checkScripts(dirs, c) {
		got = append(got, strings.ReplaceAll(d.Message+" | "+d.Hint, dir, "DIR"))
	}
	want := "AGI scripts that are not there: DIR/agi/a.pl, /nonexistent/b | AGISTATUS becomes NOTFOUND; scripts without a whole path belong into DIR/agi (astagidir of asterisk.conf)\n" +
		"AGI scripts that can't be run: DIR/agi/there | chmod +x; AGISTATUS becomes FAILURE"
	if all := strings.Join(got, "\n"); all != want {
		t.Errorf("%s\nwant\n%s", all, want)
	}
}
