package phones

import (
	"fmt"
	"strings"
	"testing"
)

// TestTranslated has two real phones that share no codec call each other both
// ways: each hears the other's tone, through the server's translation.
func TestTranslated(t *testing.T) {
	binary := BuildServer(t)
	for _, c := range []struct{ linphone, baresip string }{{"alaw", "g722"}, {"ulaw", "gsm"}, {"alaw", "ulaw"}} {
		t.Run(c.linphone+" and "+c.baresip, func(t *testing.T) {
			t.Parallel()
			addr := loopback(LeasePorts(t) + sipPort)
			files := serverConfig(t, addr)
			for account, codec := range map[string]string{"1001": c.linphone, "1002": c.baresip} {
				head := "[" + account + "]\n"
				files["sip.conf"] = strings.Replace(files["sip.conf"], head, fmt.Sprintf("%sdisallow=all\nallow=%s\n", head, codec), 1)
			}
			s := StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
			a, b := setups(t, s, false)
			if c.baresip != "ulaw" {
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
