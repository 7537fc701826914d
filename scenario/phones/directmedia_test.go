package phones

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDirectMedia has two real phones of accounts that are behind no NAT: once they
// talk they send sound to each other, which is heard at both ends while not a
// packet more comes to the server; and to the server again where the account says
// directmedia=no.
func TestDirectMedia(t *testing.T) {
	binary := BuildServer(t)
	for _, c := range []struct {
		option string
		passes bool // through the server
	}{{"canreinvite=yes", false}, {"directmedia=update,nonat", false}, {"directrtpsetup=yes", false}, {"directmedia=no", true}} {
		for _, byLinphone := range []bool{true, false} {
			t.Run(c.option+map[bool]string{true: " from linphonec", false: " from baresip"}[byLinphone], func(t *testing.T) {
				t.Parallel()
				addr := loopback(LeasePorts(t) + sipPort)
				files := serverConfig(t, addr)
				files["sip.conf"] = strings.ReplaceAll(files["sip.conf"], "nat=yes\n", "nat=no\n")
				files["sip.conf"] = strings.Replace(files["sip.conf"], "[general]\n", "[general]\n"+c.option+"\n", 1)
				s := StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
				a, b := setups(t, s, false)
				b.Bare = true
				caller, callee := registeredAs(t, s, a, b)
				if !byLinphone {
					caller, callee = callee, caller
				}
				Connect(caller, callee)
				if !c.passes {
					s.waitConsole("sip show channels", `2 active SIP dialogs`)
					s.waitQuiet()
				}
				before := s.heard()
				HearEachOther(caller, callee)
				after := s.heard()
				if passes := !slices.Equal(before, after); passes != c.passes {
					t.Errorf("the server has heard %v packets, and then %v", before, after)
				}
				if !c.passes {
					callee.Hold()
					callee.Resume()
					s.waitQuiet()
					HearEachOther(caller, callee)
				}
				Part(callee, caller)
			})
		}
	}
}

// heard is how many packets of sound the server has had from each phone that is in
// a call.
func (s *Server) heard() []string {
	s.t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`(?m)^127\.0\.0\.1 +\S+ +\S+ +(\d+) `).FindAllStringSubmatch(s.ask("sip show channelstats"), -1) {
		out = append(out, m[1])
	}
	if len(out) != 2 {
		s.t.Fatalf("sip show channelstats has %d calls:\n%s", len(out), s.ask("sip show channelstats"))
	}
	return out
}

// waitQuiet waits until no packet has come for half a second.
func (s *Server) waitQuiet() {
	s.t.Helper()
	look := time.NewTicker(500 * time.Millisecond)
	defer look.Stop()
	last := s.heard()
	for range patience / (500 * time.Millisecond) {
		<-look.C
		now := s.heard()
		if slices.Equal(now, last) {
			return
		}
		last = now
	}
	s.t.Fatalf("the phones go on sending to the server: %v packets", last)
}
