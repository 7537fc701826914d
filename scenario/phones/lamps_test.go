package phones

import (
	"strings"
	"testing"
)

// TestLamps has baresip watch linphonec and ask for its messages.
func TestLamps(t *testing.T) {
	binary := BuildServer(t)
	addr := loopback(LeasePorts(t) + sipPort)
	files := serverConfig(t, addr)
	files["sip.conf"] = strings.Replace(files["sip.conf"], "[general]\n", "[general]\ncallcounter=yes\n", 1)
	files["sip.conf"] = strings.Replace(files["sip.conf"], "[1002]\n", "[1002]\nmailbox=1002\n", 1)
	files["extensions.conf"] += "\n[my]\nexten => 1001,hint,SIP/1001\n"
	files["voicemail.conf"] = "[default]\n1002 => 1,Ann\n"
	s := StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
	one, two := setups(t, s, false)
	two.Lamps = true
	b := StartBaresip(t, two)
	b.WaitRegistered()
	s.WaitSays("sip show subscriptions", `1001@my +Unavailable +pidf`)
	s.WaitSays("sip show subscriptions", `mwi +1002`)
	b.expect(0, `Messages-Waiting: no`)
	b.Sees("Offline")
	a := StartLinphone(t, one)
	a.WaitRegistered()
	s.WaitSays("core show hints", `1001@my .*State:Idle .*Watchers +1`)
	b.Sees("Online")
	a.Dial(s.Number("1002", false))
	b.WaitIncoming()
	s.WaitSays("core show hints", `1001@my .*State:InUse .*Watchers +1`)
	s.WaitSays("sip show inuse", `1001 +1/0/0`)
	b.Reject()
	a.WaitOver()
	s.WaitSays("core show hints", `1001@my .*State:Idle .*Watchers +1`)
	a.Unregister()
	s.WaitSays("core show hints", `1001@my .*State:Unavailable .*Watchers +1`)
	b.Sees("Offline")
}
