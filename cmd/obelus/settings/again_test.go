package settings

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"obelus/internal/filetree"
)

// TestAgain: a server that runs reads only what it is asked to, and does not believe that a file which has vanished is empty.
func TestAgain(t *testing.T) {
	dir := filetree.Write(t, map[string]string{
		"sip.conf":        "[general]\nudpbindaddr=127.0.0.1:5070\n[alice]\ntype=friend\nhost=dynamic\n",
		"extensions.conf": "[a]\nexten => s,1,NoOp\n",
	})
	d := Dirs{Config: dir}
	first, _, err := Read(d, "x")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sip.conf", "[general\n")
	write("extensions.conf", "[b]\nexten => s,1,NoOp\n")
	plan, _, err := Again(d, "x", first, "extensions.conf")
	if err != nil || plan.Plan.Contexts[0].Name != "b" || plan.SIP != first.SIP {
		t.Errorf("extensions.conf alone: %v", err)
	}
	if c, _, err := Again(d, "x", first); err == nil || c != nil || !strings.HasPrefix(err.Error(), "sip.conf:1: parse error") {
		t.Errorf("all: %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "sip.conf")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Again(d, "x", plan); err == nil || !strings.Contains(err.Error(), fs.ErrNotExist.Error()) && !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a file that has vanished: %v", err)
	}
	write("rtp.conf", "[general]\nrtpstart=5000\nrtpend=6000\n")
	write("sip.conf", "[bob]\ntype=friend\nhost=dynamic\n")
	all, _, err := Again(d, "x", plan)
	if err != nil || all.SIP.Peer("alice") != nil || all.SIP.Peer("bob") == nil || all.RTP.Start != 5000 || first.SIP.Peer("alice") == nil {
		t.Errorf("all, whole again: %v", err)
	}
	if os.Remove(filepath.Join(dir, "rtp.conf")) != nil {
		t.Fatal("rtp.conf can't be removed")
	}
	if _, _, err := Again(d, "x", first); err != nil {
		t.Errorf("a file that was not there before either: %v", err)
	}
}

func TestAfterRestart(t *testing.T) {
	read := func(sip, own string) *Files {
		t.Helper()
		f, _, err := Read(Dirs{Config: filetree.Write(t, map[string]string{"sip.conf": sip, "obelus.conf": own})}, "x")
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	const after = " has changed: it holds after a restart (core restart when convenient)"
	plain := read("[general]\nudpbindaddr=127.0.0.1:5070\n", "")
	for _, c := range []struct {
		sip, own string
		want     []string
	}{
		{"[general]\nudpbindaddr=127.0.0.1:5070\nallowguest=no\n[a]\ntype=friend\n", "", nil},
		{"[general]\nallowguest=no\nudpbindaddr=127.0.0.1:5071\n", "", []string{"sip.conf:3: udpbindaddr"}},
		{"[general]\n", "", []string{"sip.conf: udpbindaddr"}},
		{"[general]\nudpbindaddr=127.0.0.1:5070\ntlsenable=yes\ntlsbindaddr=127.0.0.1:5061\ntcpenable=yes\ntcpauthlimit=7\n", "",
			[]string{"sip.conf:5: tcpenable", "sip.conf: tcpbindaddr", "sip.conf:3: tlsenable", "sip.conf:4: tlsbindaddr", "sip.conf:6: tcpauthlimit"}},
		{"[general]\nudpbindaddr=127.0.0.1:5070\n", "[store]\nengine=memory\n[stun]\nenable=no\n[media]\nopus=no\n",
			[]string{"obelus.conf: [store]", "obelus.conf: [stun]", "obelus.conf: [media]"}},
	} {
		want := slices.Clone(c.want)
		for i := range want {
			want[i] += after
		}
		if got := AfterRestart(plain, read(c.sip, c.own)); !slices.Equal(got, want) {
			t.Errorf("%s%s:\n%s\nwant\n%s", c.sip, c.own, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
