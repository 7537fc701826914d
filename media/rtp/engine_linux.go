package rtp

import (
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// epollEngine has a shard for each core. A shard's epoll descriptor is parked on
// Go's own poller, and its ports are drained with raw system calls: no thread is
// locked, and a wake-up costs what it costs in C.
type epollEngine struct {
	shards []*shard
	next   atomic.Uint32
	log    *slog.Logger
	run    sync.WaitGroup
}

// shard is the ports that one goroutine reads.
type shard struct {
	epfd int
	file *os.File // epfd on the poller
	raw  syscall.RawConn

	mu    sync.RWMutex
	wires map[int32]*epollWire // by descriptor
}

// epollWire is one port. Its descriptor is used under the lock, for the length
// of one system call that never waits: a closed one may be another call's by the
// next moment.
type epollWire struct {
	shard *shard
	v6    bool
	h     handler

	mu     sync.RWMutex
	fd     int
	closed bool
}

func newEpollEngine(o *Options) (engine, error) {
	e := &epollEngine{log: o.Log}
	for range runtime.GOMAXPROCS(0) {
		s, err := newShard()
		if err != nil {
			e.close()
			return nil, err
		}
		e.shards = append(e.shards, s)
		e.run.Go(func() { s.loop(o.Log) })
	}
	return e, nil
}

func newShard() (*shard, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("epoll: %w", err)
	}
	f := os.NewFile(uintptr(fd), "epoll")
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("epoll on the poller: %w", err)
	}
	return &shard{epfd: fd, file: f, raw: raw, wires: make(map[int32]*epollWire)}, nil
}

func (e *epollEngine) name() string { return EngineEpoll }

func (e *epollEngine) close() {
	for _, s := range e.shards {
		s.file.Close()
	}
	e.run.Wait()
}

// open binds a port. It is served by the shard of near, or by the next in turn.
func (e *epollEngine) open(at netip.AddrPort, h handler, near wire) (wire, error) {
	s := e.shards[int(e.next.Add(1))%len(e.shards)]
	if n, ok := near.(*epollWire); ok && n != nil {
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
	w := &epollWire{shard: s, fd: fd, v6: family == unix.AF_INET6, h: h}
	s.mu.Lock()
	s.wires[int32(fd)] = w
	s.mu.Unlock()
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)}
	if err := unix.EpollCtl(s.epfd, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		w.close()
		return nil, fmt.Errorf("watch %s: %w", at, err)
	}
	return w, nil
}

func sockaddrOf(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}

// maxEvents is how many ports are looked at in one go.
const maxEvents = 64

// loop reads the shard's ports until its descriptor is closed.
func (s *shard) loop(log *slog.Logger) {
	var events [maxEvents]unix.EpollEvent
	buf := make([]byte, maxPacket)
	ready := 0
	wait := func(fd uintptr) bool {
		n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, fd, uintptr(unsafe.Pointer(&events[0])), maxEvents, 0, 0, 0)
		if errno != 0 && errno != unix.EINTR {
			ready = -1
			return true
		}
		ready = int(n)
		return errno == unix.EINTR || n > 0
	}
	for {
		if err := s.raw.Read(wait); err != nil {
			return // closed
		}
		if ready < 0 {
			log.Error("media ports can't be watched any more")
			return
		}
		now := time.Now()
		for i := range ready {
			s.mu.RLock()
			w := s.wires[events[i].Fd]
			s.mu.RUnlock()
			if w != nil {
				w.read(buf, now)
			}
		}
		ready = 0
	}
}

// read takes one packet from a port. What more waits there is reported again,
// which costs less than to ask each port until it is empty: most have one.
func (w *epollWire) read(buf []byte, now time.Time) {
	var from unix.RawSockaddrInet6
	size := uint32(unix.SizeofSockaddrInet6)
	w.mu.RLock()
	if w.closed {
		w.mu.RUnlock()
		return
	}
	n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(w.fd), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)),
		unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&from)), uintptr(unsafe.Pointer(&size)))
	w.mu.RUnlock()
	// An error is nothing to read, or the ICMP answer to an earlier packet.
	if errno == 0 {
		w.h(buf[:n], addrOf(&from), now)
	}
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

func (w *epollWire) send(b []byte, to netip.AddrPort) error {
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
		return ErrClosed
	}
	_, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(w.fd), uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)),
		unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&raw)), size)
	if errno != 0 {
		return errno
	}
	return nil
}

// close gives the port back.
func (w *epollWire) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil
	}
	w.closed = true
	w.shard.mu.Lock()
	delete(w.shard.wires, int32(w.fd))
	w.shard.mu.Unlock()
	return unix.Close(w.fd)
}
