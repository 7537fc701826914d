package rtp

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"obelus/media/packet"
)

const (
	reportEvery = 5 * time.Second        // the least interval of RFC 3550 §6.2, and the mean unless told otherwise
	tick        = 200 * time.Millisecond // how often streams are looked at
)

// remoteView is how the phone hears us, by its reports.
type remoteView struct {
	lost    int64
	jitters uint32 // in units of the clock
	rtt     time.Duration
}

func (v remoteView) jitter(clock uint32) time.Duration {
	if clock == 0 {
		return 0
	}
	return time.Duration(v.jitters) * time.Second / time.Duration(clock)
}

// reporter sends our reports for every stream, and ends keys whose last packets
// were lost. It has one goroutine, while there are streams.
type reporter struct {
	mu      sync.Mutex
	due     map[*Stream]time.Time
	every   atomic.Int64 // mean time between reports, as time.Duration
	stop    chan struct{}
	running sync.WaitGroup
}

func (r *reporter) add(st *Stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.due == nil {
		r.due = make(map[*Stream]time.Time)
	}
	// RFC 3550 §6.2: the first comes after half the interval, at random.
	every := time.Duration(r.every.Load())
	r.due[st] = time.Now().Add(every/2 + rand.N(every/2))
	if r.stop == nil {
		r.stop = make(chan struct{})
		stop := r.stop
		r.running.Go(func() { r.run(stop) })
	}
}

func (r *reporter) remove(st *Stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.due, st)
	if len(r.due) == 0 && r.stop != nil {
		close(r.stop)
		r.stop = nil
	}
}

// close waits for the goroutine; all streams have been removed.
func (r *reporter) close() { r.running.Wait() }

func (r *reporter) run(stop <-chan struct{}) {
	t := time.NewTicker(tick)
	defer t.Stop()
	var all, now []*Stream
	for {
		select {
		case <-stop:
			return
		case at := <-t.C:
			all, now = r.look(at, all[:0], now[:0])
			for _, st := range all {
				k := st.in.expire(at)
				st.tellKeys(&k)
				st.out.keepAlive(at)
			}
			for _, st := range now {
				st.report(at)
			}
		}
	}
}

// look lists all streams, and those whose report is due.
func (r *reporter) look(at time.Time, all, now []*Stream) (_, _ []*Stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	every := time.Duration(r.every.Load())
	for st, due := range r.due {
		all = append(all, st)
		if !at.Before(due) {
			now = append(now, st)
			r.due[st] = at.Add(every/2 + rand.N(every))
		}
	}
	return all, now
}

// report sends a sender or receiver report with our name (RFC 3550 §6.4).
func (st *Stream) report(now time.Time) {
	block, has := st.in.report(now)
	st.out.mu.Lock()
	defer st.out.mu.Unlock()
	o := &st.out
	if o.closed || !o.known || o.elsewhere || !listens(o.control) || !o.begun && !has {
		return
	}
	var scratch [128]byte
	b := o.appendReport(scratch[:0], block, has, now)
	b = packet.AppendName(b, o.ssrc)
	if o.spend() {
		o.sendRTCP(b)
	}
}

// report fills a report block; false where nothing has come.
func (in *receiver) report(now time.Time) (b packet.ReportBlock, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.Reception.Report(now)
}

// appendReport writes an SR where we send, else an RR; o.mu is held.
func (o *sender) appendReport(b []byte, block packet.ReportBlock, has bool, now time.Time) []byte {
	blocks, words, kind := 0, 1, byte(packet.TypeRR)
	if has {
		blocks, words = 1, 7
	}
	if o.begun {
		kind = packet.TypeSR
		words += 5
	}
	b = append(b, 0x80|byte(blocks), kind, 0, byte(words))
	b = binary.BigEndian.AppendUint32(b, o.ssrc)
	if o.begun {
		b = binary.BigEndian.AppendUint64(b, packet.NTP(now))
		since := uint32(int64(now.Sub(o.tsAt)/time.Microsecond) * int64(o.tsRate) / 1e6)
		b = binary.BigEndian.AppendUint32(b, o.ts+since)
		b = binary.BigEndian.AppendUint32(b, uint32(o.packets))
		b = binary.BigEndian.AppendUint32(b, uint32(o.bytes))
	}
	if has {
		b = append(b, block[:]...)
	}
	return b
}

// sendRTCP sends a compound packet; o.mu is held.
func (o *sender) sendRTCP(b []byte) {
	w := o.rtcp
	if o.mux {
		w = o.rtp
	}
	if d := o.debug.Load(); d != nil {
		d.control(sentRTCP, o.control, b)
	}
	if b, ok := o.protectRTCP(b); ok && w != nil {
		_ = w.Send(b, o.control) // the next report says the same again
	}
}

// sayBye ends the stream towards the phone (RFC 3550 §6.6); o.mu is held.
func (o *sender) sayBye(now time.Time) {
	if !o.begun || !listens(o.control) || !o.proven {
		return
	}
	var scratch [128]byte
	b := packet.AppendName(o.appendReport(scratch[:0], packet.ReportBlock{}, false, now), o.ssrc)
	b = append(b, 0x81, packet.TypeBye, 0, 1)
	o.sendRTCP(binary.BigEndian.AppendUint32(b, o.ssrc))
}

// rtcpPacket takes a compound packet in. It is believed from the address that
// sound comes from, or where nothing came yet from the one that was named.
func (st *Stream) rtcpPacket(b []byte, from netip.AddrPort, now time.Time) {
	defer st.recover()
	b, ok := st.in.openRTCP(b, from)
	if !ok {
		return
	}
	if d := st.out.debug.Load(); d != nil {
		d.control(gotRTCP, from, b)
	}
	if !st.believes(from) {
		st.in.notRTP()
		return
	}
	for len(b) >= 8 && b[0]>>6 == 2 {
		size := 4 + 4*int(binary.BigEndian.Uint16(b[2:]))
		if size > len(b) || size < 8 {
			st.in.notRTP()
			return
		}
		st.rtcpPart(b[:size], now)
		b = b[size:]
	}
}

func (st *Stream) believes(from netip.AddrPort) bool {
	st.in.mu.Lock()
	ok := st.in.known && st.in.learn.BelievesRTCP(from)
	st.in.mu.Unlock()
	if ok {
		st.out.mu.Lock()
		st.out.heardRTCP(from)
		st.out.mu.Unlock()
	}
	return ok
}

func (st *Stream) rtcpPart(b []byte, now time.Time) {
	count := int(b[0] & 0x1f)
	switch b[1] {
	case packet.TypeSR:
		if len(b) < 28 {
			return
		}
		st.in.heardSR(binary.BigEndian.Uint32(b[4:]), binary.BigEndian.Uint32(b[10:]), now)
		st.out.heardBlocks(b[28:], count, now)
	case packet.TypeRR:
		st.out.heardBlocks(b[8:], count, now)
	case packet.TypeFIR, packet.TypeNACK, packet.TypeRTPFB, packet.TypePSFB:
		st.passFeedback(b)
	}
}

func (in *receiver) heardSR(ssrc, middle uint32, now time.Time) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.Reception.HeardSender(ssrc, middle, now)
}

// heardBlocks takes what the phone says of our packets.
func (o *sender) heardBlocks(b []byte, count int, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for ; count > 0 && len(b) >= 24; count, b = count-1, b[24:] {
		if binary.BigEndian.Uint32(b) != o.ssrc {
			continue
		}
		lost := int32(binary.BigEndian.Uint32(b[4:])<<8) >> 8
		o.remote.lost, o.remote.jitters = int64(lost), binary.BigEndian.Uint32(b[12:])
		if last := binary.BigEndian.Uint32(b[16:]); last != 0 {
			rtt := uint32(packet.NTP(now)>>16) - last - binary.BigEndian.Uint32(b[20:])
			if rtt < 1<<20 { // 16 seconds; more is a clock that was set
				o.remote.rtt = time.Duration(rtt) * time.Second / 65536
			}
		}
	}
}
