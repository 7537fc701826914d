package nat

import (
	"fmt"
	"strings"
	"time"

	"obelus/scenario/netns"
)

// Box is a NAT with a network behind it, on which there is one host at first. Where a kind keeps a public port for a
// private one, that is another number, as with most NATs of life, though the
// host's own number would be free: the ports that phones use are on a list.
type Box struct {
	lab    *Lab
	kind   Kind
	netns  string
	public string
	ports  map[int]int   // the cones' public port of each private one on the list
	memory time.Duration // how long a kind remembers whom it lets in, without a packet
	server string        // host behind it whose ports are forwarded, if any
	Inside Host
}

// Private ports on the cones' list, and how far from them the public ones begin.
const (
	firstPort = 5060
	lastPort  = 5159
	distance  = 20000
)

// longMemory is that of a NAT which no test is about: it must not forget a
// silent phone on a machine that is slow.
const longMemory = 10 * time.Minute

// Behind makes a NAT of a kind with that public address, and a host behind it.
func (l *Lab) Behind(what string, kind Kind, public string) *Box {
	l.t.Helper()
	box := &Box{lab: l, kind: kind, netns: l.place(what + "-nat"), public: public, memory: longMemory}
	box.ports = make(map[int]int)
	for port := firstPort; port <= lastPort; port++ {
		box.ports[port] = port + distance
	}
	l.attach(box.netns, "wan", public)
	l.must(netns.Run(box.netns, "", "ip", "link", "add", "lan", "type", "bridge"))
	l.must(up(box.netns, "lan", privateBits, privateGate))
	l.must(netns.Run(box.netns, "", "sysctl", "-qw", "net.ipv4.ip_forward=1"))
	box.Inside = box.Beside(what, privateHost)
	box.remember()
	return box
}

// Beside puts a host on the network behind the NAT.
func (b *Box) Beside(what, addr string) Host {
	b.lab.t.Helper()
	host := Host{b.lab.place(what), addr}
	b.lab.made++
	port := fmt.Sprintf("port%d", b.lab.made)
	b.lab.must(netns.Run(b.netns, "", "ip", "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", host.Netns))
	b.lab.must(netns.Run(b.netns, "", "ip", "link", "set", port, "master", "lan", "up"))
	b.lab.must(up(host.Netns, "eth0", privateBits, addr))
	b.lab.must(netns.Run(host.Netns, "", "ip", "route", "add", "default", "via", privateGate))
	return host
}

// Forward opens the ports of a SIP server on the network behind the NAT, as
// people do on their router: those of sip.conf and rtp.conf.
func (b *Box) Forward(server Host) {
	b.lab.t.Helper()
	b.server = server.Addr
	b.load()
}

// load puts the rules in force that the kind, the address and the ports ask
// for. What the NAT remembers of present flows stays.
func (b *Box) load() {
	b.lab.t.Helper()
	rules := fmt.Sprintf(ruleset, b.elements("out"), b.elements("back"), int(b.memory.Seconds()), b.mapping(), b.filtering())
	b.lab.must(netns.Run(b.netns, rules, "nft", "-f", "-"))
}

// ruleset is that of all kinds. The set "open" has the ports that the host has
// sent from of late, and "talked" to whom, both with the public port's number.
// A packet from outside that the NAT has no use for is dropped without a word,
// before it leaves a trace that would take the port from a later flow.
const ruleset = `table ip box
delete table ip box
table ip box {
	map out { type inet_service : inet_service; elements = { %[1]s }; }
	map back { type inet_service : inet_service; elements = { %[2]s }; }
	set open { type inet_service; flags dynamic, timeout; timeout %[3]ds; }
	set talked { type ipv4_addr . inet_service; flags dynamic, timeout; timeout %[3]ds; }
	chain mapping {
		type nat hook postrouting priority srcnat;
		%[4]s
	}
	chain sent {
		type filter hook postrouting priority srcnat + 10;
		oifname "wan" meta l4proto udp update @open { udp sport } update @talked { ip daddr . udp sport }
	}
	chain filtering {
		type nat hook prerouting priority dstnat;
		%[5]s
	}
	chain through {
		type filter hook forward priority filter;
		iifname "wan" ct state new ct status & dnat == 0 drop
	}
	chain self {
		type filter hook input priority filter;
		iifname "wan" drop
	}
}
`

// elements are those of the map of private to public ports, or the way back.
func (b *Box) elements(way string) string {
	var pairs []string
	for port := firstPort; port <= lastPort; port++ {
		private, public := port, b.ports[port]
		if way == "back" {
			private, public = public, private
		}
		pairs = append(pairs, fmt.Sprintf("%d : %d", private, public))
	}
	return strings.Join(pairs, ", ")
}

// mapping says which public port a flow gets.
func (b *Box) mapping() string {
	if b.kind == Symmetric {
		return fmt.Sprintf(`oifname "wan" meta l4proto { udp, tcp } snat to %s:30000-60000 fully-random`, b.public)
	}
	forwarded := ""
	if b.server != "" {
		forwarded = fmt.Sprintf("oifname \"wan\" ip saddr %s snat to %s", b.server, b.public)
	}
	return forwarded + fmt.Sprintf(`
		oifname "wan" udp sport %[2]d-%[3]d snat to %[1]s:udp sport map @out
		oifname "wan" snat to %[1]s`, b.public, firstPort, lastPort)
}

// filtering says who else than whom was sent to may send to that port.
func (b *Box) filtering() string {
	switch {
	case b.server != "":
		return `iifname "wan" udp dport { 5060, 10000-20000 } dnat to ` + b.server
	case b.kind == FullCone:
		return `iifname "wan" udp dport @open dnat to ` + b.Inside.Addr + `:udp dport map @back`
	case b.kind == Restricted:
		return `iifname "wan" ip saddr . udp dport @talked dnat to ` + b.Inside.Addr + `:udp dport map @back`
	}
	return ""
}

// Forget makes the NAT forget the flows of private UDP ports between the two,
// as one that has run out of memory does. A symmetric one will give them other
// ports.
func (b *Box) Forget(first, last int) {
	b.lab.t.Helper()
	for port := first; port <= last; port++ {
		b.forget("--orig-port-src", port)  // flows begun inside
		b.forget("--reply-port-src", port) // flows let in
	}
}

func (b *Box) forget(side string, port int) {
	b.lab.t.Helper()
	// The tool fails when there is no such flow, and says so.
	err := netns.Run(b.netns, "", "conntrack", "-D", "-p", "udp", side, fmt.Sprint(port))
	if err != nil && !strings.Contains(err.Error(), " 0 flow entries have been deleted") {
		b.lab.must(err)
	}
}

// Renumber gives the private UDP ports between the two other public ports, as
// a NAT does that has restarted or lost its memory.
func (b *Box) Renumber(first, last int) {
	b.lab.t.Helper()
	var before, after, backBefore, backAfter []string
	for port := first; port <= last; port++ {
		old := b.ports[port]
		b.ports[port] += lastPort - firstPort + 1
		before, backBefore = append(before, fmt.Sprint(port)), append(backBefore, fmt.Sprint(old))
		after = append(after, fmt.Sprintf("%d : %d", port, b.ports[port]))
		backAfter = append(backAfter, fmt.Sprintf("%d : %d", b.ports[port], port))
	}
	b.lab.must(netns.Run(b.netns, element("delete", "out", before)+element("delete", "back", backBefore)+
		element("add", "out", after)+element("add", "back", backAfter), "nft", "-f", "-"))
	b.Forget(first, last)
}

// element is a line of nft(8) about elements of a map.
func element(verb, name string, elements []string) string {
	return fmt.Sprintf("%s element ip box %s { %s }\n", verb, name, strings.Join(elements, ", "))
}

// Readdress gives the NAT another public address, as a new lease does: nothing
// that was sent to the old one arrives any more.
func (b *Box) Readdress(public string) {
	b.lab.t.Helper()
	old := b.public
	b.public = public
	b.lab.must(netns.Run(b.netns, "", "ip", "addr", "del", old+publicBits, "dev", "wan"))
	b.lab.must(netns.Run(b.netns, "", "ip", "addr", "add", public+publicBits, "dev", "wan"))
	b.load()
	b.lab.must(netns.Run(b.netns, "", "conntrack", "-F"))
}

// Knows tells whether the NAT remembers a flow with that port of the server's.
func (b *Box) Knows(protocol string, port int) bool {
	b.lab.t.Helper()
	out, err := netns.Output(b.netns, "conntrack", "-L", "-p", protocol, "--orig-port-dst", fmt.Sprint(port))
	b.lab.must(err)
	return strings.TrimSpace(out) != ""
}

// Impatience has the NAT forget a flow after that long without a packet.
func (b *Box) Impatience(after time.Duration) {
	b.lab.t.Helper()
	b.memory = after
	b.remember()
}

// remember puts the rules and the memory in force.
func (b *Box) remember() {
	b.lab.t.Helper()
	b.load()
	for _, name := range []string{"udp_timeout", "udp_timeout_stream", "tcp_timeout_established"} {
		setting := fmt.Sprintf("net.netfilter.nf_conntrack_%s=%d", name, int(b.memory.Seconds()))
		b.lab.must(netns.Run(b.netns, "", "sysctl", "-qw", setting))
	}
}
