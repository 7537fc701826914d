package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	maxStreams = 4000
	firstPhone = 20000 // phones have every second port from here on
	frame      = 20 * time.Millisecond
	tick       = 250 * time.Microsecond // phones are looked at so often
	slots      = int(frame / tick)
	headerLen  = 12
	notYet     = ^uint32(0)
	packetLen  = headerLen + 160 // G.711, 20 ms
)

// phone sends a packet every 20 ms, at a phase of its own, and hears what its
// partner sends.
type phone struct {
	fd     int
	relay  unix.RawSockaddrInet4 // where it sends, and all that it hears comes from there
	packet [packetLen]byte
	count  uint32
}

// lines is all the phones, and what they heard.
type lines struct {
	phones  []phone
	slot    [slots][]int // who sends when
	epoll   int
	counted uint32 // packets from this number on count

	sent, heard, wrong int
	delays             histogram
}

// openPhones makes the phones in the phones' namespace. Without a relay every
// second one lives in the relay's namespace, so that packets go the same way.
func (h *house) openPhones(streams int, relay bool) (l *lines, err error) {
	l = &lines{phones: make([]phone, streams), counted: notYet}
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	random := rand.New(rand.NewPCG(1, 2)) // the same phases in every run
	for i := range l.phones {
		p := &l.phones[i]
		p.fill(uint32(i))
		namespace := h.inside
		if !relay && i%2 == 1 {
			namespace = h.next
		}
		if err = h.in(namespace, func() error { return p.open(homeOf(i, relay)) }); err != nil {
			l.close()
			return nil, err
		}
		e := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}
		if err = unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, p.fd, &e); err != nil {
			l.close()
			return nil, fmt.Errorf("epoll: %w", err)
		}
		s := random.IntN(slots)
		l.slot[s] = append(l.slot[s], i)
	}
	return l, nil
}

// homeOf is where a phone lives.
func homeOf(i int, relay bool) netip.AddrPort {
	host := phonesAddr
	if !relay && i%2 == 1 {
		host = relayAddr
	}
	return netip.AddrPortFrom(netip.MustParseAddr(host), uint16(firstPhone+2*i))
}

func (p *phone) open(at netip.AddrPort) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("a phone's socket: %w", err)
	}
	p.fd = fd
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); err != nil {
		return fmt.Errorf("bind %s: %w", at, err)
	}
	return nil
}

// fill writes what stays the same in all packets of a phone.
func (p *phone) fill(i uint32) {
	b := p.packet[:]
	b[0] = 0x80
	binary.BigEndian.PutUint32(b[8:], 0x10000+i)
	body := b[headerLen:]
	binary.BigEndian.PutUint32(body[8:], i)
	for k := 16; k < len(body); k++ {
		body[k] = byte(i) + byte(k)
	}
}

// dial tells the phones where to send.
func (l *lines) dial(to func(i int) netip.AddrPort) {
	for i := range l.phones {
		a := to(i)
		l.phones[i].relay = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: a.Port()<<8 | a.Port()>>8, Addr: a.Addr().As4()}
	}
}

func (l *lines) close() {
	unix.Close(l.epoll)
	for i := range l.phones {
		if l.phones[i].fd > 0 {
			unix.Close(l.phones[i].fd)
		}
	}
}

// clock is the time on the clock that nanosleep goes by, in nanoseconds.
func clock() int64 {
	var ts unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return ts.Nano()
}

func pause(d time.Duration) { sleepUntil(clock() + int64(d)) }

func sleepUntil(at int64) {
	ts := unix.NsecToTimespec(at)
	for {
		_, _, errno := unix.RawSyscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, uintptr(unsafe.Pointer(&ts)), 0, 0, 0)
		if errno != unix.EINTR {
			return
		}
	}
}

// run lets the phones talk for a while; begin says that it is for good.
func (l *lines) run(ctx context.Context, d time.Duration, send bool) error {
	start := clock()
	for n := range int64(d / tick) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		sleepUntil(start + n*int64(tick))
		if send {
			for _, i := range l.slot[int(n)%slots] {
				l.send(&l.phones[i])
			}
		}
		l.hear()
	}
	return nil
}

func (l *lines) send(p *phone) {
	b := p.packet[:]
	binary.BigEndian.PutUint16(b[2:], uint16(p.count))
	binary.BigEndian.PutUint32(b[4:], p.count*160)
	body := b[headerLen:]
	binary.BigEndian.PutUint32(body[12:], p.count)
	binary.BigEndian.PutUint64(body, uint64(clock()))
	if p.count >= l.counted {
		l.sent++
	}
	p.count++
	// What isn't sent is counted as lost.
	_, _, _ = unix.RawSyscall6(unix.SYS_SENDTO, uintptr(p.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0,
		uintptr(unsafe.Pointer(&p.relay)), unix.SizeofSockaddrInet4)
}

// hear takes all that has come.
func (l *lines) hear() {
	var events [256]unix.EpollEvent
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(l.epoll), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
		if errno != 0 || n == 0 {
			return
		}
		now := clock()
		for _, e := range events[:n] {
			l.take(int(e.Fd), now)
		}
	}
}

// take reads a packet of a phone and checks it: from the relay, and what its
// partner said.
func (l *lines) take(i int, now int64) {
	var b [packetLen + 1]byte
	var from unix.RawSockaddrInet4
	size := uint32(unix.SizeofSockaddrInet4)
	p := &l.phones[i]
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(p.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), 0,
		uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)))
	if errno != 0 || n >= 2 && b[1] >= 192 && b[1] <= 223 {
		return // nothing, or RTCP
	}
	body, partner := b[headerLen:packetLen], &l.phones[i^1].packet
	count := binary.BigEndian.Uint32(body[12:])
	switch {
	case int(n) != packetLen, from.Addr != p.relay.Addr, from.Port != p.relay.Port, b[1]&0x7f != 0,
		string(body[8:12]) != string(partner[headerLen+8:headerLen+12]), string(body[16:]) != string(partner[headerLen+16:]):
		l.wrong++
	case count >= l.counted && count < l.phones[i^1].count:
		l.heard++
		l.delays.add(time.Duration(now - int64(binary.BigEndian.Uint64(body))))
	}
}

// result is what one run came to.
type result struct {
	cpu            spent
	packets, lost  int
	half, most     time.Duration // delay, p50 and p99
	user, kernel   int64         // bytes a stream
	kernelMeasured bool
}

// talk lets phones talk through a relay, or without one, and measures it.
func (h *house) talk(ctx context.Context, o options, streams int, r *relay) (res result, err error) {
	l, err := h.openPhones(streams, r != nil)
	if err != nil {
		return res, err
	}
	defer l.close()
	m := meter{soft: softirqs()}
	l.dial(func(i int) netip.AddrPort { return homeOf(i^1, false) })
	if r != nil {
		p, err := r.start(streams)
		if err != nil {
			return res, err
		}
		defer p.stop()
		m.relay = p.pid()
		if err := l.through(ctx, r, p, &res); err != nil {
			return res, err
		}
	}
	if err := l.measure(ctx, o, m, &res); err != nil {
		return res, err
	}
	if l.wrong > 0 {
		return res, fmt.Errorf("%d packets from elsewhere, or with another payload than was sent", l.wrong)
	}
	res.packets, res.lost = l.sent, l.sent-l.heard
	res.half, res.most = l.delays.quantile(0.5), l.delays.quantile(0.99)
	if loss := float64(res.lost) / float64(max(res.packets, 1)) * 100; loss > o.maxLoss || res.packets == 0 {
		return res, fmt.Errorf("%d of %d packets lost, %.2f %%: more than -loss %.2f allows", res.lost, res.packets, loss, o.maxLoss)
	}
	return res, nil
}

// through has a relay open its ports and dials them.
func (l *lines) through(ctx context.Context, r *relay, p *process, res *result) error {
	if r.name != "rtpengine" {
		if line, err := p.line(); err != nil || line != "up" {
			return fmt.Errorf("it says %q: %w", line, errors.Join(err, errors.New("not up")))
		}
	} else {
		pause(time.Second)
	}
	before, err := resident(p.pid())
	if err != nil {
		return err
	}
	idle, err := sockets(p.pid())
	if err != nil {
		return err
	}
	ports, err := r.open(ctx, p, len(l.phones))
	if err != nil {
		return err
	}
	after, err := resident(p.pid())
	if err != nil {
		return err
	}
	open, err := sockets(p.pid())
	if err != nil {
		return err
	}
	res.user = (after - before) / int64(len(l.phones))
	if each, err := socketBytes(); err == nil {
		res.kernel, res.kernelMeasured = each*int64(open-idle)/int64(len(l.phones)), true
	}
	l.dial(func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.MustParseAddr(relayAddr), uint16(ports[i]))
	})
	return nil
}

// measure lets the phones talk, first to warm up.
func (l *lines) measure(ctx context.Context, o options, m meter, res *result) error {
	warm := o.warm / frame * frame
	if err := l.run(ctx, warm, true); err != nil {
		return err
	}
	l.counted = uint32(warm / frame)
	before, err := m.read()
	if err != nil {
		return err
	}
	if err := l.run(ctx, o.measured/frame*frame, true); err != nil {
		return err
	}
	after, err := m.read()
	if err != nil {
		return err
	}
	res.cpu = after.less(before)
	return l.run(ctx, 300*time.Millisecond, false)
}
