package packet

import "time"

// Reception counts what arrives, as RFC 3550 §6.4.1 and appendix A count it.
type Reception struct {
	Packets uint64 // over all sources
	past    int64  // lost of sources before this one

	SSRC     uint32 // of the present source, once Begun
	Begun    bool   // a packet has come
	first    uint32 // extended sequence number
	highest  uint32 // likewise
	received uint32 // of this source
	jitter   uint32 // in units of the clock, times 16 (A.8)
	transit  uint32
	clock    uint32
	epoch    time.Time

	reportedExpected, reportedReceived uint32 // at the last report
	senderReport                       uint32 // middle of the NTP time of the last SR
	senderReportAt                     time.Time
}

// firstCycle is where extended sequence numbers begin, so that one a little
// before the first does not go below 0.
const firstCycle = 1 << 16

// MaxDropout is how far sequence numbers may leap before it is taken for a
// source that began anew (A.1).
const MaxDropout = 3000

// Restart forgets the source but not the counts.
func (r *Reception) Restart() {
	if r.Begun {
		r.past += r.sourceLost()
	}
	*r = Reception{Packets: r.Packets, past: r.past}
}

// Packet counts a packet of a source whose timestamps run by the clock.
func (r *Reception) Packet(h *Header, clock uint32, now time.Time) {
	r.Packets++
	if r.Begun && (h.SSRC != r.SSRC || Leap(h.Seq, uint16(r.highest))) {
		r.Restart()
	}
	if !r.Begun {
		r.Begun, r.SSRC, r.epoch = true, h.SSRC, now
		r.first = firstCycle | uint32(h.Seq)
		r.highest = r.first
	}
	r.received++
	if Newer(h.Seq, uint16(r.highest)) {
		r.highest += uint32(h.Seq - uint16(r.highest))
	}
	r.hear(h, clock, now)
}

// Leap says whether sequence number a is too far from b, either way, to be of the
// same count.
func Leap(a, b uint16) bool {
	d := int16(a - b)
	return d > MaxDropout || d < -MaxDropout
}

// hear takes the packet's delay into the jitter. A source that changes its
// clock (a key within Opus) starts over.
func (r *Reception) hear(h *Header, clock uint32, now time.Time) {
	arrival := uint32(int64(now.Sub(r.epoch)) * int64(clock) / int64(time.Second))
	transit := arrival - h.TS
	if r.clock == clock {
		d := int32(transit - r.transit)
		if d < 0 {
			d = -d
		}
		// A leap of more than ten seconds is a new timestamp base, no jitter.
		if uint32(d) < 10*clock {
			r.jitter += uint32(d) - (r.jitter+8)>>4
		}
	}
	r.transit, r.clock = transit, clock
}

func (r *Reception) expected() uint32 {
	if !r.Begun {
		return 0
	}
	return r.highest - r.first + 1
}

func (r *Reception) sourceLost() int64 { return int64(r.expected()) - int64(r.received) }

// Lost is how many packets did not arrive; below 0 with duplicates.
func (r *Reception) Lost() int64 { return r.past + r.sourceLost() }

// JitterTime is how unsteadily packets arrive.
func (r *Reception) JitterTime() time.Duration {
	if r.clock == 0 {
		return 0
	}
	return time.Duration(r.jitter>>4) * time.Second / time.Duration(r.clock)
}

// fraction is the share lost since the last report, in 256ths.
func (r *Reception) fraction() uint8 {
	expected := r.expected() - r.reportedExpected
	received := r.received - r.reportedReceived
	r.reportedExpected, r.reportedReceived = r.expected(), r.received
	if expected == 0 || received >= expected {
		return 0
	}
	return uint8(min(uint64(expected-received)*256/uint64(expected), 255))
}
