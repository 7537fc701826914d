package main

import (
	"context"
	"fmt"
	"io"
	"net/netip"

	"obelus/console"
	"obelus/media/rtp"
)

// rtpCommands are the console commands of the media plane.
func (s *server) rtpCommands() []console.Command {
	return []console.Command{
		{Words: "rtp show settings", Summary: "Display RTP settings", Run: console.Show(s.showRTP)},
		{Words: "rtp set debug", Args: "{on|off|ip <host[:port]>}", Summary: "Enable/Disable RTP debugging", Run: s.debugMedia("RTP Packet Debugging",
			func(d *rtp.Debug, on bool, peer netip.AddrPort) { d.RTP, d.RTPPeer = on, peer }), Complete: onOff("ip")},
		{Words: "rtcp set debug", Args: "{on|off|ip <host[:port]>}", Summary: "Enable/Disable RTCP debugging", Run: s.debugMedia("RTCP Packet Debugging",
			func(d *rtp.Debug, on bool, peer netip.AddrPort) { d.RTCP, d.RTCPPeer = on, peer }), Complete: onOff("ip")},
		{Words: "rtcp set stats", Args: "{on|off}", Summary: "Enable/Disable RTCP stats", Run: s.debugMedia("RTCP Stats",
			func(d *rtp.Debug, on bool, _ netip.AddrPort) { d.Stats = on }), Complete: onOff()},
	}
}

func onOff(more ...string) func(args []string) []string {
	return func(args []string) []string {
		if len(args) > 0 {
			return nil
		}
		return append([]string{"on", "off"}, more...)
	}
}

// showRTP is rtp show settings, in the original's layout, with what is ours
// behind it.
func (s *server) showRTP(w io.Writer) {
	o := s.media.Settings()
	yes := func(b bool) string {
		if b {
			return "Yes"
		}
		return "No"
	}
	fmt.Fprintf(w, "\n\nGeneral Settings:\n----------------\n")
	fmt.Fprintf(w, "  Port start:      %d\n  Port end:        %d\n  Checksums:       %s\n  DTMF Timeout:    %d\n  Strict RTP:      %s\n",
		o.Start, o.End, yes(!o.NoChecksums), o.DigitTimeout, yes(!o.Lenient))
	if !o.Lenient {
		fmt.Fprintf(w, "  Probation:       %d frames\n", o.Probation)
	}
	fmt.Fprintf(w, "  Replay Protect:  %s\n  ICE support:     No\n", yes(!o.TakeReplays))
	fmt.Fprintf(w, "  RTCP interval:   %d ms\n  Engine:          %s\n  Sessions:        %d\n\n", o.RTCPInterval.Milliseconds(), s.media.Engine(), s.media.Sessions())
}

// debugMedia is one of the three commands that show packets in the log.
func (s *server) debugMedia(what string, set func(d *rtp.Debug, on bool, peer netip.AddrPort)) func(context.Context, *console.Session, []string) error {
	return func(_ context.Context, c *console.Session, args []string) error {
		on, peer := true, netip.AddrPort{}
		switch {
		case len(args) == 1 && args[0] == "on":
			c.Printf("%s Enabled\n", what)
		case len(args) == 1 && args[0] == "off":
			on = false
			c.Printf("%s Disabled\n", what)
		case len(args) == 2 && args[0] == "ip" && what != "RTCP Stats":
			var err error
			if peer, err = peerOf(args[1]); err != nil {
				c.Printf("Lookup failed for '%s': it is no address, nor address:port\n", args[1])
				return nil
			}
			c.Printf("%s Enabled for address: %s\n", what, args[1])
		default:
			return console.ErrUsage
		}
		s.debugging.Lock()
		defer s.debugging.Unlock()
		set(&s.shown, on, peer)
		s.shown.Show = func(text string) { s.log.Info(text) }
		s.media.SetDebug(s.shown)
		return nil
	}
}

// peerOf reads an address, with a port or without.
func peerOf(text string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.AddrPortFrom(a, 0), nil
	}
	return netip.ParseAddrPort(text)
}
