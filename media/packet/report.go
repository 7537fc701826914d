package packet

import (
	"encoding/binary"
	"time"
)

// The packet types of RTCP that mean something here (RFC 3550 §12.1, RFC 4585).
const (
	TypeFIR   = 192 // of H.261 (RFC 2032 §5.2.1), still sent by some
	TypeNACK  = 193 // likewise
	TypeSR    = 200
	TypeRR    = 201
	TypeSDES  = 202
	TypeBye   = 203
	TypeRTPFB = 205 // feedback about packets
	TypePSFB  = 206 // feedback about pictures
)

// ReportBlock is what we say of the phone's packets.
type ReportBlock [24]byte

// Report fills a report block; false where nothing has come.
func (r *Reception) Report(now time.Time) (b ReportBlock, ok bool) {
	if !r.Begun {
		return b, false
	}
	binary.BigEndian.PutUint32(b[0:], r.SSRC)
	lost := min(max(r.sourceLost(), -1<<23), 1<<23-1)
	binary.BigEndian.PutUint32(b[4:], uint32(r.fraction())<<24|uint32(lost)&0xffffff)
	binary.BigEndian.PutUint32(b[8:], r.highest-firstCycle)
	binary.BigEndian.PutUint32(b[12:], r.jitter>>4)
	if r.senderReport != 0 {
		binary.BigEndian.PutUint32(b[16:], r.senderReport)
		binary.BigEndian.PutUint32(b[20:], uint32(now.Sub(r.senderReportAt)*65536/time.Second))
	}
	return b, true
}

// HeardSender notes a sender report of the source: the middle of its NTP time, which
// our next report names.
func (r *Reception) HeardSender(ssrc, middle uint32, now time.Time) {
	if r.Begun && ssrc == r.SSRC {
		r.senderReport, r.senderReportAt = middle, now
	}
}

// AppendName writes the SDES that every compound packet has: a CNAME without
// meaning (RFC 7022).
func AppendName(b []byte, ssrc uint32) []byte {
	const hexDigits = "0123456789abcdef"
	b = append(b, 0x81, TypeSDES, 0, 4)
	b = binary.BigEndian.AppendUint32(b, ssrc)
	b = append(b, 1, 8)
	for shift := 28; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[ssrc>>shift&15])
	}
	return append(b, 0, 0)
}

// NTP is a time as RFC 3550 §4 has it: seconds since 1900 in 32.32 bits.
func NTP(t time.Time) uint64 {
	const since1900 = 2208988800
	return uint64(t.Unix()+since1900)<<32 | uint64(t.Nanosecond())<<32/1e9
}
