package phones

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTranslated has two real phones that share no codec call each other both
// ways: each hears the other's tone, through the server's translation.
func TestTranslated(t *testing.T) {
	binary := BuildServer(t)
	for _, c := range []struct{ linphone, baresip string }{{"alaw", "g722"}, {"ulaw", "gsm"}, {"alaw", "ulaw"}, {"opus", "alaw"}} {
		t.Run(c.linphone+" and "+c.baresip, func(t *testing.T) {
			t.Parallel()
			addr := loopback(LeasePorts(t) + sipPort)
			files := serverConfig(t, addr)
			for account, codec := range map[string]string{"1001": c.linphone, "1002": c.baresip} {
				head := "[" + account + "]\n"
				files["sip.conf"] = strings.Replace(files["sip.conf"], head, fmt.Sprintf("%sdisallow=all\nallow=%s\n", head, codec), 1)
			}
			files["obelus.conf"] += "[media]\nopus=" + opusModule(t) + "\n"
			s := StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
			a, b := setups(t, s, false)
			if c.linphone == "opus" {
				a.Codecs = []string{c.linphone}
			}
			if c.baresip != "ulaw" && c.baresip != "alaw" {
				b.Codecs = []string{c.baresip}
			}
			linphone := Line{StartLinphone(t, a), a.User, s.Number(a.User, false), a.Tone}
			baresip := Line{StartBaresip(t, b), b.User, s.Number(b.User, false), b.Tone}
			linphone.WaitRegistered()
			baresip.WaitRegistered()
			PlayCall(linphone, baresip)
			PlayCall(baresip, linphone)
		})
	}
}

// opusModule is where opus.wasm is, which makes Opus: where OBELUS_OPUS says, or
// at the top of this tree, where make opus puts it.
func opusModule(t testing.TB) string {
	t.Helper()
	p, err := filepath.Abs(cmp.Or(os.Getenv("OBELUS_OPUS"), "../../opus.wasm"))
	if err == nil {
		_, err = os.Stat(p)
	}
	if err != nil {
		t.Fatalf("calls with Opus need opus.wasm, which make opus fetches: %v", err)
	}
	return p
}
