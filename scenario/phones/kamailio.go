package phones

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Kamailio is a Kamailio process as a telephone provider, with the provider.cfg of
// testdata: it registers its customers, whose secrets are pw and their name, asks
// whoever calls for a proof and relays the call.
type Kamailio struct {
	*process
	addr string // host:port
	dir  string
}

// StartKamailio starts it on a port of loopback, and returns when it answers.
func StartKamailio(t testing.TB) *Kamailio {
	t.Helper()
	k := &Kamailio{addr: loopback(LeasePorts(t) + sipPort), dir: t.TempDir()}
	config := strings.Replace(testFile(t, "provider.cfg"), "CONTROL", "unix:"+filepath.Join(k.dir, "ctl"), 1)
	write(t, filepath.Join(k.dir, "provider.cfg"), config)
	k.start(t)
	return k
}

func (k *Kamailio) start(t testing.TB) {
	t.Helper()
	k.process = start(t, "kamailio", exec.Command("/usr/sbin/kamailio", "-f", filepath.Join(k.dir, "provider.cfg"),
		"-l", "udp:"+k.addr, "-m", "32", "-M", "4", "-DD", "-E", "-Y", k.dir), nil)
	k.waitAnswers(t)
}

// Restart ends it and starts it again: it has forgotten who was registered.
func (k *Kamailio) Restart(t testing.TB) {
	t.Helper()
	k.stop(nil)
	k.start(t)
}

// waitAnswers asks by OPTIONS until it answers.
func (k *Kamailio) waitAnswers(t testing.TB) {
	t.Helper()
	c, err := net.Dial("udp4", k.addr)
	if err != nil {
		t.Fatalf("ask Kamailio: %v", err)
	}
	defer c.Close()
	waitUntil(t, "kamailio answers", func() bool {
		_, err := fmt.Fprintf(c, "OPTIONS sip:%[1]s SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bK1\r\nFrom: <sip:t@t>;tag=t\r\nTo: <sip:%[1]s>\r\n"+
			"Call-ID: t\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n", k.addr, c.LocalAddr())
		if err != nil {
			return false // it does not listen yet, as the answer to the one before says
		}
		return heardWithin(c)
	})
}

// WaitCustomer waits until a customer is registered, or is not.
func (k *Kamailio) WaitCustomer(t testing.TB, name string, there bool) {
	t.Helper()
	waitUntil(t, fmt.Sprintf("customer %s is registered: %t", name, there), func() bool {
		out, err := exec.Command("/usr/sbin/kamcmd", "-s", "unix:"+filepath.Join(k.dir, "ctl"), "ul.lookup", "location", "s:"+name).CombinedOutput()
		return err == nil && strings.Contains(string(out), "Address: sip:") == there || err != nil && !there
	})
}
