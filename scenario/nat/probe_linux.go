package nat

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"obelus/scenario/netns"
)

// Probe is a UDP socket in a namespace: the witness of what a NAT does.
type Probe struct{ conn *net.UDPConn }

// OpenProbe opens a socket at an address of a host.
func OpenProbe(host Host, addr string, port int) (Probe, error) {
	var p Probe
	err := netns.Do(host.Netns, func() (err error) {
		p.conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(addr), Port: port})
		return err
	})
	if err != nil {
		return p, fmt.Errorf("open a probe: %w", err)
	}
	return p, nil
}

// Close closes the socket.
func (p Probe) Close() error { return p.conn.Close() }

// Addr is where the probe is, as it knows itself.
func (p Probe) Addr() *net.UDPAddr { return p.conn.LocalAddr().(*net.UDPAddr) }

// Send sends a word.
func (p Probe) Send(to *net.UDPAddr, word string) error {
	if _, err := p.conn.WriteToUDP([]byte(word), to); err != nil {
		return fmt.Errorf("send a probe: %w", err)
	}
	return nil
}

// Wait reads until the word comes, and returns from where; what came before it
// is in heard.
func (p Probe) Wait(word string, within time.Duration) (from *net.UDPAddr, heard []string, err error) {
	if err := p.conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		return nil, nil, fmt.Errorf("wait for a probe: %w", err)
	}
	packet := make([]byte, 1500)
	for {
		n, from, err := p.conn.ReadFromUDP(packet)
		if err != nil {
			return nil, heard, fmt.Errorf("wait for %q: %w", word, err)
		}
		if string(packet[:n]) == word {
			return from, heard, nil
		}
		heard = append(heard, string(packet[:n]))
	}
}

// How long a probe that must arrive may take, and how long is waited for one
// that must not.
const (
	probePatience = 5 * time.Second
	probeSilence  = 150 * time.Millisecond
)

// Behaviour is what probes found out about a NAT.
type Behaviour struct {
	Ports      []int // public port towards each of the four outside sockets
	SameOwn    bool  // a public port is the private one's number
	Strangers  bool  // lets in an address that was never sent to
	OtherPorts bool  // lets in another port of an address that was sent to
	Unasked    bool  // lets anybody in to a port that has sent nothing yet
}

// Kind names the behaviour; empty when it is none of the four.
func (b Behaviour) Kind() Kind {
	steady := true
	for _, port := range b.Ports {
		steady = steady && port == b.Ports[0]
	}
	switch {
	case b.Unasked, b.Strangers && !b.OtherPorts:
		return ""
	case !steady && (b.Strangers || b.OtherPorts):
		return ""
	case !steady:
		return Symmetric
	case b.Strangers:
		return FullCone
	case b.OtherPorts:
		return Restricted
	}
	return PortRestricted
}

// Study sends packets in and out of a NAT, between the host behind it and two
// addresses of a host outside, and tells what came through.
func Study(box *Box, outside Host, one, two string) (Behaviour, error) {
	var b Behaviour
	var out [4]Probe // one and another port of each address
	for i, at := range []struct {
		addr string
		port int
	}{{one, 7001}, {one, 7002}, {two, 7001}, {two, 7002}} {
		var err error
		if out[i], err = OpenProbe(outside, at.addr, at.port); err != nil {
			return b, err
		}
		defer out[i].Close()
	}
	return b, errors.Join(
		b.mapping(box, out),
		b.filtering(box, out),
		b.unasked(box, out),
	)
}

// mapping sends from one private port to the four.
func (b *Behaviour) mapping(box *Box, out [4]Probe) error {
	in, err := OpenProbe(box.Inside, box.Inside.Addr, 5100)
	if err != nil {
		return err
	}
	defer in.Close()
	for _, to := range out {
		from, err := seen(in, to)
		if err != nil {
			return err
		}
		if from.IP.String() != box.public {
			return fmt.Errorf("a packet left the NAT as from %v, want %s", from, box.public)
		}
		b.Ports = append(b.Ports, from.Port)
		b.SameOwn = b.SameOwn || from.Port == in.Addr().Port
	}
	return nil
}

// seen sends from one probe to another and returns where that saw it come from.
func seen(in, to Probe) (*net.UDPAddr, error) {
	if err := in.Send(to.Addr(), "out"); err != nil {
		return nil, err
	}
	from, _, err := to.Wait("out", probePatience)
	return from, err
}

// filtering sends to one outside socket, and back from that one and from two
// others.
func (b *Behaviour) filtering(box *Box, out [4]Probe) error {
	in, err := OpenProbe(box.Inside, box.Inside.Addr, 5101)
	if err != nil {
		return err
	}
	defer in.Close()
	public, err := seen(in, out[0])
	if err != nil {
		return err
	}
	heard, err := answers(in, public, out[0], map[string]Probe{"other port": out[1], "stranger": out[3]})
	if err != nil {
		return err
	}
	b.OtherPorts, b.Strangers = heard["other port"], heard["stranger"]
	return nil
}

// unasked sends to the port that a private one would have, before that one has
// sent anything.
func (b *Behaviour) unasked(box *Box, out [4]Probe) error {
	in, err := OpenProbe(box.Inside, box.Inside.Addr, 5102)
	if err != nil {
		return err
	}
	defer in.Close()
	public := &net.UDPAddr{IP: net.ParseIP(box.public), Port: box.ports[5102]}
	if err := out[2].Send(public, "unasked"); err != nil {
		return err
	}
	_, _, err = in.Wait("unasked", probeSilence)
	if b.Unasked = err == nil; b.Unasked || errors.Is(err, os.ErrDeadlineExceeded) {
		return nil
	}
	return err
}

// answers sends a packet from each of others, then one from the friend that
// must arrive, and returns which of others arrived.
func answers(in Probe, public *net.UDPAddr, friend Probe, others map[string]Probe) (map[string]bool, error) {
	for name, from := range others {
		if err := from.Send(public, name); err != nil {
			return nil, err
		}
	}
	if err := friend.Send(public, "friend"); err != nil {
		return nil, err
	}
	_, heard, err := in.Wait("friend", probePatience)
	if err != nil {
		return nil, err
	}
	// One that took another way through the machine may come yet.
	_, late, err := in.Wait("friend", probeSilence)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, fmt.Errorf("wait for nothing more: %w", err)
	}
	arrived := make(map[string]bool)
	for _, name := range append(heard, late...) {
		arrived[name] = true
	}
	return arrived, nil
}

func (b Behaviour) String() string {
	return "ports " + fmt.Sprint(b.Ports) + ", strangers " + strconv.FormatBool(b.Strangers) +
		", other ports " + strconv.FormatBool(b.OtherPorts) + ", unasked " + strconv.FormatBool(b.Unasked)
}
