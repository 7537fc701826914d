package phones

import (
	"fmt"
	"strings"
	"testing"
)

// customer is the configuration of an obelus whose provider is at an address: the lines
// that docs/trunks.md gives.
func customer(t *testing.T, addr, provider string) map[string]string {
	host, port, _ := strings.Cut(provider, ":")
	files := serverConfig(t, addr)
	files["sip.conf"] += fmt.Sprintf(`
[provider]
type=peer
host=%s
port=%s
defaultuser=48221
remotesecret=pw48221
fromuser=48221
fromdomain=provider.example
callbackextension=100
insecure=invite
sendrpid=pai
trustrpid=yes
context=from-provider
qualify=yes
`, host, port)
	files["sip.conf"] = strings.Replace(files["sip.conf"], "[general]\n", "[general]\ndefaultexpiry=5\nregistertimeout=2\n", 1)
	files["extensions.conf"] = `[my]
exten => _9X.,1,Dial(SIP/provider/${EXTEN:1},30)
exten => _XXXX,1,Dial(SIP/${EXTEN},30)
[from-provider]
exten => 100,1,Dial(SIP/1002,30)
`
	return files
}

// TestProvider has obelus be the customer of Kamailio: it registers, calls and is
// called, with sound both ways, is there again when Kamailio has forgotten it, and
// takes its registration back when it ends.
func TestProvider(t *testing.T) {
	binary := BuildServer(t)
	kamailio := StartKamailio(t)
	addr := loopback(LeasePorts(t) + sipPort)
	server := StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: customer(t, addr, kamailio.addr)})
	kamailio.WaitCustomer(t, "48221", true)
	server.WaitSays("sip show registry", `(?m)^`+kamailio.addr+` +N +48221 +\d+ +Registered +\w{3}, `)
	server.WaitSays("sip show peers", `(?m)^provider/48221 .* OK \(\d+ ms\)`)

	setup := Setup{User: "1002", Password: "1002", Tone: HighTone, Ports: LeasePorts(t), Server: server.Host(), Friend: server.Number("1001", false)}
	ours := Line{StartBaresip(t, setup), "1002", "sip:48221@" + kamailio.addr, HighTone}
	far := Setup{User: "600", Password: "pw600", Tone: LowTone, Ports: LeasePorts(t), Server: kamailio.addr, Friend: "sip:48221@" + kamailio.addr}
	theirs := Line{StartBaresip(t, far), "600", server.Number("9600", false), LowTone}
	ours.WaitRegistered()
	theirs.WaitRegistered()
	PlayCall(ours, theirs)
	PlayCall(theirs, ours)

	kamailio.Restart(t)
	kamailio.WaitCustomer(t, "48221", true)
	ours.Dial("sip:9700@" + server.Host())
	if why := ours.WaitOver(); !strings.Contains(why, "503") {
		t.Errorf("a number that the provider has not: %q", why)
	}
	endGroup(server.cmd, false)
	kamailio.WaitCustomer(t, "48221", false)
}
