package phones

import (
	"strings"
	"testing"
)

// TestPictures has two real phones send each other pictures through the server,
// and one of them none: then the call goes on with sound alone.
func TestPictures(t *testing.T) {
	binary := BuildServer(t)
	for _, c := range []struct {
		name     string
		pictures bool // of the called phone
	}{{"both", true}, {"the called phone has none", false}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			addr := loopback(LeasePorts(t) + sipPort)
			files := serverConfig(t, addr)
			files["sip.conf"] = strings.Replace(files["sip.conf"], "[general]\n", "[general]\nvideosupport=yes\ndirectmedia=no\ndisallow=all\nallow=ulaw,vp8\n", 1)
			s := StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
			a, b := setups(t, s, false)
			a.Video, b.Video = true, c.pictures
			one, two := StartBaresip(t, a), StartBaresip(t, b)
			caller := Line{one, a.User, s.Number(a.User, false), a.Tone}
			callee := Line{two, b.User, s.Number(b.User, false), b.Tone}
			caller.WaitRegistered()
			callee.WaitRegistered()
			Connect(caller, callee)
			HearEachOther(caller, callee)
			if c.pictures {
				one.expect(0, `receiving with resolution 176 x 144`)
				two.expect(0, `receiving with resolution 176 x 144`)
			}
			Part(caller, callee)
		})
	}
}
