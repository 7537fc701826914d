package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"

	"obelus/cmd/obelus/settings"
	"obelus/console"
	"obelus/sip/transport"
	"obelus/stun"
)

// listenSTUN opens the sockets of the STUN server. Where one can't be opened,
// because another server has the port, calls go on without it.
func (s *server) listenSTUN(ctx context.Context, c *settings.STUN, sip []netip.AddrPort) {
	if s.stun == nil {
		return
	}
	for _, a := range c.Addresses(sip) {
		set, err := openSTUN(ctx, c, a)
		if err != nil {
			s.log.Warn("the STUN server can't listen here; phones can't ask it", "why", err,
				"hint", "another STUN server may be running; [stun] in obelus.conf has port= and enable=no")
			continue
		}
		s.stun.Serve(set)
	}
}

// openSTUN opens the sockets of one address: one, or with altaddr and altport up to
// four.
func openSTUN(ctx context.Context, c *settings.STUN, a netip.Addr) (set stun.Sockets, err error) {
	var opened []net.PacketConn
	defer func() {
		if err != nil {
			for _, pc := range opened {
				pc.Close()
			}
		}
	}()
	for _, w := range []struct {
		to     *net.PacketConn
		at     netip.AddrPort
		wanted bool
	}{
		{&set.Main, netip.AddrPortFrom(a, c.Port), true},
		{&set.OtherPort, netip.AddrPortFrom(a, c.AltPort), c.AltPort != 0},
		{&set.OtherAddr, netip.AddrPortFrom(c.AltAddr, c.Port), c.AltAddr.IsValid()},
		{&set.OtherBoth, netip.AddrPortFrom(c.AltAddr, c.AltPort), c.AltAddr.IsValid()},
	} {
		if !w.wanted {
			continue
		}
		pc, err := new(net.ListenConfig).ListenPacket(ctx, transport.Network("udp", w.at.Addr()), w.at.String())
		if err != nil {
			return set, err
		}
		opened = append(opened, pc)
		*w.to = pc
	}
	return set, nil
}

// stunPacket takes what STUN sends to a SIP socket: answers to our own requests,
// and requests of phones that keep their way through NAT open so (RFC 5626
// section 4.4.2).
func (s *server) stunPacket(b []byte, f transport.Flow) {
	if s.sip.STUN(b, f) || s.stun == nil {
		return
	}
	var scratch [128]byte
	if answer := s.stun.Reply(scratch[:0], b, f.Remote, f.Local); answer != nil {
		if err := f.Reply(answer); err != nil {
			s.log.Debug("a STUN answer could not be sent", "to", f, "why", err)
		}
	}
}

// stunCommands are the console commands of STUN.
func (s *server) stunCommands() []console.Command {
	return []console.Command{
		{Words: "stun show status", Summary: "Show what address a STUN server sees us by", Run: console.Show(s.sip.ShowSTUN)},
		{Words: "stun show server", Summary: "Show the built-in STUN server", Run: console.Show(s.showSTUNServer)},
	}
}

// showSTUNServer prints stun show server.
func (s *server) showSTUNServer(w io.Writer) {
	if s.stun == nil {
		fmt.Fprintln(w, "The STUN server is off: enable=yes in [stun] of obelus.conf.")
		return
	}
	n := s.stun.Stats()
	where := "nowhere: see the log"
	if addrs := s.stun.Addrs(); len(addrs) > 0 {
		where = joined(addrs)
	}
	for _, row := range []struct {
		name  string
		value any
	}{
		{"Listening on", where}, {"Received", n.Received}, {"Answered", n.Answered}, {"Refused", n.Refused},
		{"Over the limit", n.Limited}, {"Dropped", n.Dropped}, {"Not sent", n.Unsent},
	} {
		fmt.Fprintf(w, "%-16s %v\n", row.name+":", row.value)
	}
}

func joined(addrs []netip.AddrPort) string {
	var out []string
	for _, a := range addrs {
		out = append(out, a.String())
	}
	return strings.Join(out, ", ")
}
