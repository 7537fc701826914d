package nat

import (
	"fmt"
	"sync/atomic"
	"testing"

	"obelus/scenario/netns"
)

// Lab is a public network of its own: one bridge, to which hosts and NATs are
// attached. It is gone when the test ends.
type Lab struct {
	t    testing.TB
	name string // of this lab, in the names of its namespaces
	wan  string // the namespace of the bridge
	made int
}

// Numbers gives each lab of a process a number of its own.
type Numbers struct{ last atomic.Int64 }

// Host is a place where a program can run.
type Host struct {
	Netns string
	Addr  string
}

// The public network, and the private one: every NAT has the same inside.
const (
	publicNet    = "203.0.113."
	publicServer = publicNet + "10"
	publicOther  = publicNet + "11" // the server's second address
	publicBits   = "/24"
	privateNet   = "192.168.1."
	privateGate  = privateNet + "1"
	privateHost  = privateNet + "20"
	privateBits  = "/24"
)

// NewLab makes the public network.
func NewLab(t testing.TB, numbers *Numbers) *Lab {
	t.Helper()
	l := &Lab{t: t, name: fmt.Sprint(numbers.last.Add(1))}
	l.wan = l.place("wan")
	l.must(netns.Run(l.wan, "", "ip", "link", "add", "br0", "type", "bridge"))
	l.must(netns.Run(l.wan, "", "ip", "link", "set", "br0", "up"))
	return l
}

// place makes a namespace that is deleted when the test ends.
func (l *Lab) place(what string) string {
	l.t.Helper()
	name := netns.Name(l.name + "-" + what)
	l.must(netns.Add(name))
	l.t.Cleanup(func() {
		if err := netns.Delete(name); err != nil {
			l.t.Errorf("clean up: %v", err)
		}
	})
	return name
}

func (l *Lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatalf("build the laboratory: %v", err)
	}
}

// Public attaches a host with public addresses; the first is its own.
func (l *Lab) Public(what string, addrs ...string) Host {
	l.t.Helper()
	name := l.place(what)
	l.attach(name, "wan", addrs...)
	return Host{name, addrs[0]}
}

// attach joins a namespace to the bridge by an interface of that name.
func (l *Lab) attach(name, iface string, addrs ...string) {
	l.t.Helper()
	l.made++
	port := fmt.Sprintf("port%d", l.made)
	l.must(netns.Run(l.wan, "", "ip", "link", "add", port, "type", "veth", "peer", "name", iface, "netns", name))
	l.must(netns.Run(l.wan, "", "ip", "link", "set", port, "master", "br0", "up"))
	l.must(up(name, iface, publicBits, addrs...))
}

// up gives an interface its addresses and takes it into service.
func up(name, iface, bits string, addrs ...string) error {
	for _, addr := range addrs {
		if err := netns.Run(name, "", "ip", "addr", "add", addr+bits, "dev", iface); err != nil {
			return err
		}
	}
	return netns.Run(name, "", "ip", "link", "set", iface, "up")
}
