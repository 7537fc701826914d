package rtp

import "time"

// reception counts what arrives, as RFC 3550 §6.4.1 and appendix A count it.
type reception struct {
	packets uint64 // over all sources
	past    int64  // lost of sources before this one

	ssrc     uint32
	begun    bool
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

// maxDropout is how far sequence numbers may leap before it is taken for a
// source that began anew (A.1).
const maxDropout = 3000

// restart forgets the source but not the counts.
func (r *reception) restart() {
	if r.begun {
		r.past += r.sourceLost()
	}
	*r = reception{packets: r.packets, past: r.past}
}

func (r *reception) packet(h *header, clock uint32, now time.Time) {
	r.packets++
	if r.begun && (h.ssrc != r.ssrc || leap(h.seq, uint16(r.highest))) {
		r.restart()
	}
	if !r.begun {
		r.begun, r.ssrc, r.epoch = true, h.ssrc, now
		r.first = firstCycle | uint32(h.seq)
		r.highest = r.first
	}
	r.received++
	if newer(h.seq, uint16(r.highest)) {
		r.highest += uint32(h.seq - uint16(r.highest))
	}
	r.hear(h, clock, now)
}

func leap(a, b uint16) bool {
	d := int16(a - b)
	return d > maxDropout || d < -maxDropout
}

// hear takes the packet's delay into the jitter. A source that changes its
// clock (a key within Opus) starts over.
func (r *reception) hear(h *header, clock uint32, now time.Time) {
	arrival := uint32(int64(now.Sub(r.epoch)) * int64(clock) / int64(time.Second))
	transit := arrival - h.ts
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

func (r *reception) expected() uint32 {
	if !r.begun {
		return 0
	}
	return r.highest - r.first + 1
}

func (r *reception) sourceLost() int64 { return int64(r.expected()) - int64(r.received) }

func (r *reception) lost() int64 { return r.past + r.sourceLost() }

func (r *reception) jitterTime() time.Duration {
	if r.clock == 0 {
		return 0
	}
	return time.Duration(r.jitter>>4) * time.Second / time.Duration(r.clock)
}

// fraction is the share lost since the last report, in 256ths.
func (r *reception) fraction() uint8 {
	expected := r.expected() - r.reportedExpected
	received := r.received - r.reportedReceived
	r.reportedExpected, r.reportedReceived = r.expected(), r.received
	if expected == 0 || received >= expected {
		return 0
	}
	return uint8(min(uint64(expected-received)*256/uint64(expected), 255))
}
