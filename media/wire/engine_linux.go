package wire

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"obelus/media/packet"
)

// epollEngine has a shard for each core. A shard's epoll descriptor is parked on
// Go's own poller, and its ports are drained with raw system calls: no thread is
// locked, and a wake-up costs what it costs in C. Under load a shard does not
// park but naps, see gather; Go's poller must then not wake up for each packet
// either, so it sees the descriptor through another one, which can be shut.
type epollEngine struct {
	shards []*shard
	log    *slog.Logger
	run    sync.WaitGroup
	spare  spare
}

// spare is one processor more for Go than there are cores, for as long as shards
// nap. A shard naps within a system call, and Go takes such a call's processor away
// at once if no other is idle, which costs more than the nap saves. While none naps
// one more costs instead: signalling alone was a tenth dearer with it.
type spare struct {
	mu      sync.Mutex
	napping int // shards that nap
	before  int // GOMAXPROCS as it was; 0 while there is none
}

// take is called when a shard begins to nap.
func (p *spare) take() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.napping++
	if cores := runtime.NumCPU(); p.before == 0 && runtime.GOMAXPROCS(0) == cores {
		p.before = runtime.GOMAXPROCS(cores + 1)
	}
}

// give is called when it has no port any more.
func (p *spare) give() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.napping--; p.napping == 0 && p.before > 0 {
		runtime.GOMAXPROCS(p.before)
		p.before = 0
	}
}

// shard is the ports that one goroutine reads.
type shard struct {
	epfd int      // of the ports
	bell int      // an epoll of epfd alone
	file *os.File // bell on the poller
	raw  syscall.RawConn
	shut bool // the bell does not ring
	pace gather
	// spare is the engine's; naps says that the shard has taken it.
	spare *spare
	naps  atomic.Bool
	// ports is how many it has.
	ports atomic.Int32
	in    *batch

	timer   unix.Timespec // of the nap
	yielded time.Time     // see yield

	mu     sync.Mutex // never held while a packet is worked on
	closed bool
	wires  []*epollPort // by the number that epoll reports, nil where free
	free   []int32
}

// epollPort is one port.
type epollPort struct {
	h     Handler
	shard *shard
	slot  int32
	v6    bool

	// mu is held while the port is read, sent from or closed, for the length of a
	// system call that never waits: a closed descriptor is another call's by the
	// next moment.
	mu     sync.RWMutex
	closed bool
	fd     int32
}

func newEpollEngine(o *Options) (Engine, error) {
	e := &epollEngine{log: o.Log}
	cores := min(runtime.GOMAXPROCS(0), runtime.NumCPU())
	for range cores {
		s, err := newShard(&e.spare)
		if err != nil {
			e.Close()
			return nil, err
		}
		s.pace.most = o.Coalesce
		e.shards = append(e.shards, s)
		e.run.Go(func() { s.loop(o.Log) })
	}
	return e, nil
}

func newShard(p *spare) (*shard, error) {
	s := &shard{epfd: -1, bell: -1, in: new(batch), spare: p}
	var err error
	if s.epfd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if s.bell, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		unix.Close(s.epfd)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if err = unix.SetNonblock(s.bell, true); err == nil {
		err = unix.EpollCtl(s.bell, unix.EPOLL_CTL_ADD, s.epfd, &unix.EpollEvent{Events: unix.EPOLLIN})
	}
	if err != nil {
		unix.Close(s.bell)
		unix.Close(s.epfd)
		return nil, fmt.Errorf("epoll of an epoll: %w", err)
	}
	s.file = os.NewFile(uintptr(s.bell), "epoll")
	if s.raw, err = s.file.SyscallConn(); err != nil {
		s.file.Close()
		unix.Close(s.epfd)
		return nil, fmt.Errorf("epoll on the poller: %w", err)
	}
	return s, nil
}

// ring says whether the bell rings for packets. It does nothing once the shard
// is closed.
func (s *shard) ring(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.shut != on {
		return
	}
	s.shut = !on
	ev := &s.in.events[0]
	*ev = unix.EpollEvent{}
	if on {
		// What the bell noted before it was shut would keep it from ringing again.
		_, _, _ = unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(s.bell), uintptr(unsafe.Pointer(ev)), 1, 0, 0, 0)
		*ev = unix.EpollEvent{Events: unix.EPOLLIN}
	}
	_, _, _ = unix.RawSyscall6(unix.SYS_EPOLL_CTL, uintptr(s.bell), unix.EPOLL_CTL_MOD, uintptr(s.epfd), uintptr(unsafe.Pointer(ev)), 0, 0)
}

func (e *epollEngine) Name() string { return Epoll }

func (e *epollEngine) Close() {
	for _, s := range e.shards {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		// Without the mutex: this waits for a shard that parks, and that one may be
		// about to ring.
		s.file.Close()
	}
	e.run.Wait()
	for _, s := range e.shards {
		unix.Close(s.epfd)
	}
}

// shardPorts is how many ports a shard has before another begins to be used: 250
// legs, a tenth of what a core carries. Packets that gather in few shards cost
// fewer wake-ups than the same packets in many.
const shardPorts = 500

// pick is the shard for a new leg: the emptiest of those in use.
func (e *epollEngine) pick() *shard {
	total := 0
	for _, s := range e.shards {
		total += int(s.ports.Load())
	}
	used := e.shards[:min(len(e.shards), 1+total/shardPorts)]
	return slices.MinFunc(used, func(a, b *shard) int { return int(a.ports.Load() - b.ports.Load()) })
}

// Open binds a port. It is served by the shard of near, or by one that has room.
func (e *epollEngine) Open(p At, h Handler, near Port) (Port, error) {
	at := p.Addr
	s := e.pick()
	if n, ok := near.(*epollPort); ok && n != nil {
		s = n.shard
	}
	family := unix.AF_INET
	if at.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open a media port: %w", err)
	}
	if err := unix.Bind(fd, sockaddrOf(at)); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("bind %s: %w", at, err)
	}
	if p.marked() {
		if err := markSocket(fd, p); err != nil {
			p.Unmarked(err)
		}
	}
	w := &epollPort{h: h, shard: s, fd: int32(fd), v6: family == unix.AF_INET6}
	if err := s.add(w); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("watch %s: %w", at, err)
	}
	return w, nil
}

// add has the shard read a port.
func (s *shard) add(w *epollPort) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.free); n > 0 {
		w.slot, s.free = s.free[n-1], s.free[:n-1]
	} else {
		w.slot = int32(len(s.wires))
		s.wires = append(s.wires, nil)
	}
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: w.slot}
	if err := unix.EpollCtl(s.epfd, unix.EPOLL_CTL_ADD, int(w.fd), &ev); err != nil {
		s.free = append(s.free, w.slot)
		return err
	}
	s.wires[w.slot] = w
	s.ports.Add(1)
	return nil
}

func sockaddrOf(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// maxEvents is how many ports are looked at in one go.
const maxEvents = 64

// batch is the ports that have packets.
type batch struct {
	n      int
	events [maxEvents]unix.EpollEvent
	wires  [maxEvents]*epollPort
	from   unix.RawSockaddrInet6
	packet [packet.MaxLen]byte
}

// loop reads the shard's ports until its descriptor is closed.
func (s *shard) loop(log *slog.Logger) {
	ready := 0
	park := func(uintptr) bool {
		if ready = s.collect(); ready == 0 {
			s.ring(true)
		}
		return ready != 0
	}
	for s.raw.Read(park) == nil {
		for ready > 0 || ready == 0 && s.pace.busy {
			now := time.Now()
			s.work(now)
			if ready < maxEvents {
				if !s.pace.busy {
					break
				}
				s.settle()
				s.ring(false)
				s.yield(now)
				s.nap(s.pace.most - time.Since(now))
			}
			ready = s.collect()
		}
		if ready < 0 {
			log.Error("media ports can't be watched any more")
			return
		}
	}
}

// settle gets ready to nap. What it takes is given back with the last port.
func (s *shard) settle() {
	if s.naps.Load() || s.ports.Load() == 0 {
		return
	}
	s.naps.Store(true)
	s.spare.take()
	if s.ports.Load() == 0 { // closed in between
		s.rest()
	}
}

// rest gives back what settle took.
func (s *shard) rest() {
	if s.naps.CompareAndSwap(true, false) {
		s.spare.give()
	}
}

// nap waits on the thread: a timer of Go's costs some 100 µs of CPU each time.
// The scheduler is told, so that its other work goes on meanwhile.
func (s *shard) nap(d time.Duration) {
	if d <= 0 {
		return
	}
	s.timer = unix.NsecToTimespec(int64(d))
	// A signal ends it early: so be it.
	_, _, _ = syscall.Syscall6(unix.SYS_CLOCK_NANOSLEEP, unix.CLOCK_MONOTONIC, 0, uintptr(unsafe.Pointer(&s.timer)), 0, 0, 0)
}

// turn is how long a napping shard keeps its processor: half of what Go's
// monitor leaves a goroutine.
const turn = 5 * time.Millisecond

// yield lets the scheduler have its turn. The monitor takes the processor from a
// goroutine that has had it for 10 ms, and where it finds it within a system
// call, as a shard that naps is most of the time, it watches every 20 µs from
// then on: a sixth of all that 200 streams cost.
func (s *shard) yield(now time.Time) {
	if now.Sub(s.yielded) >= turn {
		s.yielded = now
		runtime.Gosched()
	}
}

// collect finds the ports that have packets and returns how many epoll named, -1
// where that can't be known any more.
func (s *shard) collect() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.in
	in.n = 0
	if s.closed {
		return 0
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(s.epfd), uintptr(unsafe.Pointer(&in.events[0])), maxEvents, 0, 0, 0)
	if errno == unix.EINTR {
		return 0
	}
	if errno != 0 {
		return -1
	}
	for i := range int(n) {
		if w := s.wires[in.events[i].Fd]; w != nil {
			in.wires[in.n] = w
			in.n++
		}
	}
	return int(n)
}

// work takes one packet from each of these ports. What more waits there is
// reported again, which costs less than to ask each port until it is empty: most
// have one. (To read them all first and then to send them all is no quicker.)
func (s *shard) work(now time.Time) {
	in := s.in
	s.pace.count(in.n, now)
	for _, w := range in.wires[:in.n] {
		if n := w.read(in); n >= 0 {
			w.h(in.packet[:n], addrOf(&in.from), now)
		}
	}
}

// read takes a packet from the port, -1 where there is none.
func (w *epollPort) read(in *batch) int {
	size := uint32(unix.SizeofSockaddrInet6)
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return -1
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(w.fd), uintptr(unsafe.Pointer(&in.packet[0])), packet.MaxLen,
		unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&in.from)), uintptr(unsafe.Pointer(&size)))
	if errno != 0 { // nothing to read, or the ICMP answer to an earlier packet
		return -1
	}
	return int(n)
}

// addrOf reads an address of either family.
func addrOf(raw *unix.RawSockaddrInet6) netip.AddrPort {
	if raw.Family == unix.AF_INET {
		r4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(raw))
		return netip.AddrPortFrom(netip.AddrFrom4(r4.Addr), swap(r4.Port))
	}
	return netip.AddrPortFrom(netip.AddrFrom16(raw.Addr).Unmap(), swap(raw.Port))
}

// swap turns a port between the network's order of bytes and ours.
func swap(p uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(&p))
	return uint16(b[0])<<8 | uint16(b[1])
}

func (w *epollPort) Send(b []byte, to netip.AddrPort) error {
	if len(b) == 0 {
		return unix.EINVAL
	}
	var raw unix.RawSockaddrInet6
	size := uintptr(unix.SizeofSockaddrInet6)
	switch {
	case w.v6:
		raw.Family, raw.Port, raw.Addr = unix.AF_INET6, swap(to.Port()), to.Addr().As16()
	case to.Addr().Is4() || to.Addr().Is4In6():
		r4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(&raw))
		r4.Family, r4.Port, r4.Addr = unix.AF_INET, swap(to.Port()), to.Addr().Unmap().As4()
		size = unix.SizeofSockaddrInet4
	default:
		return unix.EAFNOSUPPORT
	}
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return net.ErrClosed
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(w.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&raw)), size)
	if errno != 0 {
		return errno
	}
	return nil
}

// Close gives the port back.
func (w *epollPort) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	s := w.shard
	s.mu.Lock()
	s.wires[w.slot] = nil
	s.free = append(s.free, w.slot)
	err := unix.Close(int(w.fd)) // before the slot may be another port's
	last := s.ports.Add(-1) == 0
	s.mu.Unlock()
	if last {
		s.rest()
	}
	return err
}
