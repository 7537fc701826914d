//go:build !windows

package agi

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/app/apptest"
	"obelus/call"
	"obelus/pbx"
)

// scripted makes a house whose scripts are in a directory: names and texts.
func scripted(t *testing.T, plan string, scripts map[string]string) (*apptest.House, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range scripts {
		mode := os.FileMode(0o755)
		if name == "plain" {
			mode = 0o644
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	return apptest.New(t, apptest.Config{Plan: "[c]\n" + plan + "\n", Applications: func(h *apptest.House) []pbx.Application {
		return slices.Concat(few(), Table(&Deps{Voice: h.Voice, Dirs: []string{"/nonexistent", dir}, Env: []string{"AST_AGI_DIR=" + dir}, Sounds: dir}))
	}}), dir
}

// reading is the beginning of a script: it reads what it is told first.
const reading = `#!/bin/sh
while read line && [ -n "$line" ]; do
	case $line in agi_arg_1:*) one=${line#*: };; esac
done
say() { echo "$*"; read reply; }
`

// TestScripts starts programs.
func TestScripts(t *testing.T) {
	before := openFiles(t)
	for name, c := range map[string]struct {
		text   string
		status string
		vars   string // name=value of the channel
	}{
		"good":    {reading + `say SET VARIABLE X "\"$one $1 $(basename $0) $AST_AGI_DIR\""`, "SUCCESS", "X=two words two words good DIR"},
		"bad":     {reading + "say NOOP; exit 3", "FAILURE", ""},
		"dies":    {reading + "kill -9 $$", "FAILURE", ""},
		"no":      {"#!/nonexistent\n", "FAILURE", ""},
		"plain":   {reading, "FAILURE", ""},
		"deaf":    {"#!/bin/sh\nexit 0\n", "SUCCESS", ""},
		"silent":  {"#!/bin/sh\nexec >&-\nsleep 0.1\n", "SUCCESS", ""},
		"unended": {reading + `printf "SET VARIABLE X 7"`, "SUCCESS", "X=7"},
		"floods":  {reading + `i=0; while [ $i -lt 3000 ]; do echo NOOP; i=$((i+1)); done; say SET VARIABLE X 1`, "SUCCESS", "X=1"},
	} {
		t.Run(name, func(t *testing.T) {
			h, dir := scripted(t, "exten => s,1,AGI("+name+",two words)\nexten => s,2,NoOp(${AGISTATUS})", map[string]string{name: c.text})
			h.Call()
			if got := strings.Join(h.Steps[1:], " "); got != "s,2:NoOp("+c.status+")" {
				t.Errorf("%s, want %s\n%s", got, c.status, h.Log.String())
			}
			if name, want, ok := strings.Cut(c.vars, "="); ok && strings.ReplaceAll(h.Vars[name], dir, "DIR") != want {
				t.Errorf("%s is %q, want %q", name, h.Vars[name], want)
			}
		})
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d files are open, %d were", after, before)
	}
}

// openFiles is how many files this process has open; 0 where the system does not
// say.
func openFiles(t *testing.T) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(names)
}

// TestScriptHangup: a script is told by a signal, and may still do what needs no
// channel.
func TestScriptHangup(t *testing.T) {
	h, dir := scripted(t, "exten => s,1,AGI(waits)\nexten => h,1,NoOp(${AGISTATUS} ${X})", map[string]string{
		"waits": reading + `trap 'say SET VARIABLE X told; touch told; exit 0' HUP
touch ready
while :; do sleep 0.05; done
`})
	ch := h.Incoming()
	dirOf := func(name string) bool { _, err := os.Stat(filepath.Join(dir, name)); return err == nil }
	t.Chdir(dir)
	go func() {
		for !dirOf("ready") {
			time.Sleep(10 * time.Millisecond)
		}
		ch.Gone(call.CauseNormalClearing)
	}()
	h.Call()
	if got := strings.Join(h.Steps[1:], " "); got != "h,1:NoOp(HANGUP told)" || !dirOf("told") {
		t.Errorf("%s, told: %v", got, dirOf("told"))
	}
}

// TestFastAGI: a server on a real connection, and one that is not there.
func TestFastAGI(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	v := &server{says: []string{"SET VARIABLE X 1", "GET VARIABLE EXTEN"}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c, err := ln.Accept(); err == nil {
			v.serve(c)
		}
	}()
	h, _ := scripted(t, "exten => s,1,AGI(agi://"+ln.Addr().String()+"/x)\nexten => s,2,NoOp(${AGISTATUS} ${X})\nexten => s,3,AGI(agi://127.0.0.1:1)\nexten => s,4,NoOp(${AGISTATUS})", nil)
	h.Call()
	<-done
	if got := strings.Join(h.Steps[1:], " "); got != "s,2:NoOp(SUCCESS 1) s,3:AGI(agi://127.0.0.1:1) s,4:NoOp(FAILURE)" || v.heard() != "200 result=1|200 result=1 (s)" {
		t.Errorf("%s, %s", got, v.heard())
	}
	if !strings.Contains(h.Log.String(), "Connecting to '127.0.0.1:1' failed for url 'agi://127.0.0.1:1'") {
		t.Error(h.Log.String())
	}
}

// loud is a phone that says the same for ever.
type loud struct{}

func (loud) Rate() int { return 8000 }
func (loud) Read(f []int16) (int, error) {
	for i := range f {
		f[i] = 0x4142
	}
	return len(f), nil
}

// TestEAGI: a script hears the caller on descriptor 3.
func TestEAGI(t *testing.T) {
	h, _ := scripted(t, "exten => s,1,EAGI(ear)\nexten => s,2,NoOp(${AGISTATUS} ${X})", map[string]string{
		"ear": reading + `say SET VARIABLE X "$(dd bs=1 count=8 <&3 2>/dev/null)"`})
	h.Incoming()
	h.Caller.Sound.Source = loud{}
	h.Call()
	if got := strings.Join(h.Steps[1:], " "); got != "s,2:NoOp(SUCCESS BABABABA)" {
		t.Errorf("%s\n%s", got, h.Log.String())
	}
}

// TestEAGIDeaf: a script that does not listen is no burden.
func TestEAGIDeaf(t *testing.T) {
	h, _ := scripted(t, "exten => s,1,EAGI(ear)\nexten => s,2,EAGI(agi://host)\nexten => s,3,NoOp(${AGISTATUS})", map[string]string{"ear": reading + "say NOOP"})
	h.Incoming()
	h.Ch.Vars.Set("EAGI_AUDIO_FORMAT", "g726")
	h.Caller.Sound.Source = loud{}
	h.Call()
	if got := strings.Join(h.Steps[2:], " "); got != "s,3:NoOp(FAILURE)" || !strings.Contains(h.Log.String(), "Could not find requested format: g726") {
		t.Errorf("%s\n%s", got, h.Log.String())
	}
}

// TestRecord records what the phone of the test says.
func TestRecord(t *testing.T) {
	for name, c := range map[string]struct {
		say, reply string // what the reply begins with
		keys       string
		silent     bool
		min, max   int64 // bytes of the file
	}{
		"for a time":        {`RECORD FILE rec ulaw "#" 300`, "200 result=0 (timeout) endpos=2", "", false, 2000, 2880},
		"until a key":       {`RECORD FILE rec ulaw "#" -1`, "200 result=35 (dtmf) endpos=", "1#", false, 160, 4000},
		"until it is quiet": {`RECORD FILE rec ulaw "#" 5000 s=2`, "200 result=0 (timeout) endpos=8", "", true, 7500, 8500},
		"with a beep":       {`RECORD FILE rec ulaw "#" 5000 BEEP`, "200 result=35 (randomerror) endpos=0", "#", false, -1, 0},
		"in no format":      {`RECORD FILE rec nosuch "#" 5000`, "200 result=-1 (writefile)", "", false, -1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, dir := scripted(t, "exten => s,1,AGI(rec)\nexten => s,2,NoOp(${X})", map[string]string{"rec": reading + "say '" + c.say + "'\nsay SET VARIABLE X \"\\\"$reply\\\"\""})
			h.Incoming()
			if !c.silent {
				h.Caller.Sound.Source = loud{}
			}
			if c.keys != "" {
				h.Press(400*time.Millisecond, c.keys)
			}
			h.Call()
			if got := strings.Join(h.Steps[1:], " "); !strings.HasPrefix(got, "s,2:NoOp("+c.reply) {
				t.Errorf("%s, want %s", got, c.reply)
			}
			size := int64(-1)
			if info, err := os.Stat(filepath.Join(dir, "rec.ulaw")); err == nil {
				size = info.Size()
			}
			if size < c.min || size > c.max {
				t.Errorf("%d bytes", size)
			}
		})
	}
}

func TestReadWish(t *testing.T) {
	for line, want := range map[string]wish{
		"a wav # 1000":             {name: "a", format: "wav", stop: "#", most: time.Second},
		"a wav # -1 8000 BEEP s=3": {name: "a", format: "wav", stop: "#", onward: true, beep: true, silence: 3 * time.Second},
		"a wav # 0 beep":           {name: "a", format: "wav", stop: "#", beep: true},
		"a wav # 0 0 s=x":          {name: "a", format: "wav", stop: "#"},
	} {
		if got, ok := readWish(strings.Fields(line)); got != want || !ok {
			t.Errorf("%s: %+v, %v", line, got, ok)
		}
	}
	for _, line := range []string{"a", "a wav #", "a wav # x"} {
		if _, ok := readWish(strings.Fields(line)); ok {
			t.Errorf("%s is taken", line)
		}
	}
}
