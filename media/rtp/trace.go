package rtp

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"obelus/media/packet"
	"obelus/media/wire"
)

// Debug is what is shown of packets: rtp set debug, rtcp set debug and rtcp set
// stats of the console.
type Debug struct {
	RTP, RTCP bool // each packet
	Stats     bool // reports only
	// RTPPeer and RTCPPeer are whose packets; with port 0 all of an address, zero
	// everybody's.
	RTPPeer, RTCPPeer netip.AddrPort
	// Show is called with a text for each packet. It must return at once, and not
	// use the plane.
	Show func(text string)
}

// SetDebug shows packets from now on; without Show none.
func (p *Plane) SetDebug(d Debug) {
	if d.Show == nil || !d.RTP && !d.RTCP && !d.Stats {
		p.debug.Store(nil)
		return
	}
	p.debug.Store(&d)
}

func concerns(peer, want netip.AddrPort) bool {
	peer, want = wire.Plain(peer), wire.Plain(want)
	return !want.Addr().IsValid() || peer.Addr() == want.Addr() && (want.Port() == 0 || want.Port() == peer.Port())
}

// packet shows an RTP packet in the words of the original.
func (d *Debug) packet(way string, peer netip.AddrPort, h *packet.Header) {
	if !d.RTP || !concerns(peer, d.RTPPeer) {
		return
	}
	d.Show(fmt.Sprintf("%s %s (type %02d, seq %06d, ts %06d, len %06d)", way, wire.Plain(peer), h.PT, h.Seq, h.TS, h.End-h.Start))
}

// sent shows a packet of ours.
func (d *Debug) sent(to netip.AddrPort, b []byte) {
	if h, ok := packet.Parse(b); ok {
		d.packet(sentRTP, to, &h)
	}
}

// What a packet's line begins with.
const (
	gotRTP   = "Got  RTP packet from   "
	sentRTP  = "Sent RTP packet to     "
	gotRTCP  = "Got RTCP from"
	sentRTCP = "Sent RTCP to"
)

// control shows a compound RTCP packet.
func (d *Debug) control(way string, peer netip.AddrPort, b []byte) {
	if !d.RTCP && !d.Stats || !concerns(peer, d.RTCPPeer) {
		return
	}
	var text strings.Builder
	for len(b) >= 8 && b[0]>>6 == 2 {
		size := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
		if size > len(b) || size < 8 {
			break
		}
		d.part(&text, b[:size])
		b = b[size:]
	}
	if text.Len() > 0 {
		d.Show(fmt.Sprintf("%s %s\n%s", way, wire.Plain(peer), strings.TrimSuffix(text.String(), "\n")))
	}
}

// part writes one packet of a compound.
func (d *Debug) part(w *strings.Builder, b []byte) {
	kind, blocks := b[1], b[8:]
	if !d.RTCP && kind != packet.TypeSR && kind != packet.TypeRR {
		return
	}
	fmt.Fprintf(w, "PT: %d (%s)\nSSRC of sender: %d\n", kind, packet.TypeName(kind), binary.BigEndian.Uint32(b[4:]))
	switch {
	case kind == packet.TypeSR && len(b) >= 28:
		fmt.Fprintf(w, "NTP timestamp: %d.%010d\nRTP timestamp: %d\nSPC: %d\tSOC: %d\n", binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:]),
			binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:]), binary.BigEndian.Uint32(b[24:]))
		blocks = b[28:]
	case kind != packet.TypeRR:
		return
	}
	for count := int(b[0] & 0x1f); count > 0 && len(blocks) >= 24; count, blocks = count-1, blocks[24:] {
		lost := int32(binary.BigEndian.Uint32(blocks[4:])<<8) >> 8
		fmt.Fprintf(w, "  Fraction lost: %d\n  Packets lost so far: %d\n  Highest sequence number: %d\n  Interarrival jitter: %d\n", blocks[4], lost,
			binary.BigEndian.Uint32(blocks[8:]), binary.BigEndian.Uint32(blocks[12:]))
	}
}
