package phones

import (
	"hash/fnv"
	"net"
	"os"
	"strconv"
	"testing"
)

// Ports of one phone, counted from the base that leasePorts gives.
const (
	sipPort     = 0 // UDP and TCP; baresip takes the next for TLS
	controlPort = 2
	stunPort    = 4  // of a server; the next is its second one
	rtpPort     = 10 // an even one; RTP, RTCP and spares
	rtpLast     = 39
	phoneBlock  = 50
)

// leasePorts returns the first of size free neighbouring ports on loopback
// between low and high. The lease lasts until the test ends: the last port of
// the block stays bound as a sign to every other test, in this process or in
// another.
func leasePorts(t testing.TB, low, high, size int) int {
	t.Helper()
	blocks := (high - low) / size
	h := fnv.New32a()
	_, _ = h.Write([]byte(t.Name() + strconv.Itoa(os.Getpid())))
	for i := range blocks {
		base := low + (int(h.Sum32()%uint32(blocks))+i)%blocks*size
		sign, err := net.ListenPacket("udp4", loopback(base+size-1))
		if err != nil {
			continue
		}
		if !free(base) || !free(base+1) || !free(base+controlPort) || !free(base+rtpPort) {
			_ = sign.Close()
			continue
		}
		t.Cleanup(func() { _ = sign.Close() })
		return base
	}
	t.Fatalf("no %d neighbouring ports are free on loopback between %d and %d", size, low, high)
	return 0
}

// LeasePorts leases what one phone needs, below the ports that Linux gives to
// clients by itself, until the test ends.
func LeasePorts(t testing.TB) int {
	t.Helper()
	return leasePorts(t, 20000, 32000, phoneBlock)
}

// free tells whether nobody has the port, over UDP and TCP.
func free(port int) bool {
	udp, err := net.ListenPacket("udp4", loopback(port))
	if err != nil {
		return false
	}
	defer udp.Close()
	tcp, err := net.Listen("tcp4", loopback(port))
	if err != nil {
		return false
	}
	_ = tcp.Close()
	return true
}

// loopback is the address of a port of this machine, as host:port.
func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
