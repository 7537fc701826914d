package transport

import (
	"net"
	"net/netip"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	batchSize   = 16 // datagrams taken or given in one system call
	controlSize = 64 // room for one IP_PKTINFO or IPV6_PKTINFO, with its header
)

// mmsghdr is struct mmsghdr of recvmmsg(2); Go pads it as C does.
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
}

// envelope is what a datagram travels in: the structures that the kernel reads and writes.
type envelope struct {
	name    unix.RawSockaddrInet6 // also holds a RawSockaddrInet4, which is smaller
	iov     unix.Iovec
	control [controlSize]byte
}

// batch reads and writes a UDP socket with recvmmsg and sendmmsg. The socket stays on Go's netpoller and is drained with raw
// system calls: a locked thread that blocks in the kernel was measured to cost nearly twice as much a wake-up.
type batch struct {
	sock *udpSocket
	raw  syscall.RawConn
	v6   bool

	in     [batchSize]mmsghdr
	inEnv  [batchSize]envelope
	inBuf  []byte // batchSize datagrams of the largest size; pages that no datagram reaches are never touched
	got    int
	gotErr syscall.Errno
	recv   func(fd uintptr) bool // readOnce, made once so that a read allocates nothing

	mu      sync.Mutex
	serving bool // the reader is serving a batch: replies wait for its end
	out     [batchSize]mmsghdr
	outEnv  [batchSize]envelope
	outBuf  [batchSize][]byte
	held    int // replies waiting
	sent    int
	sentErr syscall.Errno
	write   func(fd uintptr) bool
}

// newBatch prepares the batched path; nil means that the portable one must do.
func newBatch(s *udpSocket, c *net.UDPConn) *batch {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	b := &batch{sock: s, raw: raw}
	if !b.configure() {
		return nil
	}
	b.inBuf = make([]byte, batchSize*(maxDatagram+1))
	b.recv, b.write = b.readOnce, b.writeOnce
	for i := range b.in {
		b.in[i].hdr.Name = (*byte)(unsafe.Pointer(&b.inEnv[i].name))
		b.in[i].hdr.Iov = &b.inEnv[i].iov
		b.in[i].hdr.SetIovlen(1)
		b.inEnv[i].iov.Base = &b.inBuf[i*(maxDatagram+1)]
		b.inEnv[i].iov.SetLen(maxDatagram + 1)
		b.out[i].hdr.Name = (*byte)(unsafe.Pointer(&b.outEnv[i].name))
		b.out[i].hdr.Iov = &b.outEnv[i].iov
		b.out[i].hdr.SetIovlen(1)
	}
	return b
}

// configure learns the socket's family and asks for the address that each datagram was sent to.
func (b *batch) configure() bool {
	var family int
	var err error
	controlErr := b.raw.Control(func(fd uintptr) {
		family, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		if err != nil || !b.sock.wildcard() {
			return
		}
		if family == unix.AF_INET6 {
			err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
			return
		}
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
	})
	b.v6 = family == unix.AF_INET6
	return controlErr == nil && err == nil
}

// run reads until the socket is closed.
func (b *batch) run() {
	for {
		b.gotErr = 0
		if err := b.raw.Read(b.recv); err != nil {
			return // closed
		}
		if b.gotErr != 0 { // the kernel's memory is short, or an ICMP error of an earlier send
			b.sock.layer.count.readErrors.Add(1)
			if !b.sock.layer.pause(errorPause) {
				return
			}
			continue
		}
		b.mu.Lock()
		b.serving = true
		b.mu.Unlock()
		for i := range b.got {
			b.serveOne(i)
		}
		b.mu.Lock()
		b.serving = false
		b.flush()
		b.mu.Unlock()
	}
}

func (b *batch) serveOne(i int) {
	n := int(b.in[i].n)
	if n > maxDatagram {
		return
	}
	start := i * (maxDatagram + 1)
	remote := b.address(&b.inEnv[i].name)
	local := b.sock.bound
	if b.sock.wildcard() {
		if ip, ok := packetInfo(b.inEnv[i].control[:b.in[i].hdr.Controllen]); ok {
			local = netip.AddrPortFrom(ip, local.Port())
		} else {
			local = b.sock.localFor(remote)
		}
	}
	b.sock.serve(b.inBuf[start:start+n:start+n], remote, local)
}

// readOnce is run by the netpoller: false means that there is nothing to read yet.
func (b *batch) readOnce(fd uintptr) bool {
	for i := range b.in {
		b.in[i].hdr.Namelen = unix.SizeofSockaddrInet6
		b.in[i].hdr.Control = &b.inEnv[i].control[0]
		b.in[i].hdr.SetControllen(controlSize)
	}
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&b.in[0])), batchSize, unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return false
		}
		b.got, b.gotErr = int(n), errno
		return true
	}
}

// send sends one datagram now, after those that wait, or leaves it for the end of the batch.
func (b *batch) send(p []byte, local, remote netip.AddrPort, later bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == batchSize {
		b.flush()
	}
	i := b.held
	if !b.setAddress(&b.out[i], &b.outEnv[i], remote) {
		return unix.EAFNOSUPPORT
	}
	b.setSource(&b.out[i], &b.outEnv[i], local)
	if later && b.serving {
		b.outBuf[i] = append(b.outBuf[i][:0], p...)
		b.point(i, b.outBuf[i])
		b.held++
		return nil
	}
	b.point(i, p)
	b.held++
	err := b.flush()
	b.outEnv[i].iov.Base = nil
	return err
}

func (b *batch) point(i int, p []byte) {
	b.outEnv[i].iov.Base = unsafe.SliceData(p)
	b.outEnv[i].iov.SetLen(len(p))
}

// flush sends what waits and returns the error of the last one; those before it are counted. b.mu is held.
func (b *batch) flush() (last error) {
	for next := 0; next < b.held; {
		b.sent, b.sentErr = next, 0
		if err := b.raw.Write(b.write); err != nil {
			b.held = 0
			return ErrFlowClosed
		}
		if b.sentErr == 0 {
			next = b.sent
			continue
		}
		// The one at next failed. Where our address of old is gone, let the system choose another.
		if b.sentErr == unix.EINVAL && b.out[next].hdr.Control != nil {
			b.out[next].hdr.Control = nil
			b.out[next].hdr.SetControllen(0)
			continue
		}
		if next == b.held-1 {
			last = b.sentErr
		} else {
			b.sock.layer.count.sendErrors.Add(1)
		}
		next++
	}
	b.held = 0
	return last
}

// writeOnce is run by the netpoller: false means that the socket's buffer is full.
func (b *batch) writeOnce(fd uintptr) bool {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&b.out[b.sent])), uintptr(b.held-b.sent), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			b.sent += int(n)
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return false
		default:
			b.sentErr = errno
		}
		return true
	}
}
