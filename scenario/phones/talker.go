package phones

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"obelus/scenario/netns"
)

// Sound of a talker of a load: two seconds of tone, in packets of 20 ms.
const (
	talkPackets   = 100
	packetTime    = 20 * time.Millisecond
	packetSamples = 160
	rtpHeader     = 12
	talkTone      = 440
)

// talkers play a tone into the calls of a SIPp and listen to what comes back.
type talkers struct {
	t      testing.TB
	all    []*talker
	byPort map[string]*talker
	wait   sync.WaitGroup
}

// talker is the sound of one call.
type talker struct {
	conn    *net.UDPConn
	tone    float64 // hertz
	packets int     // of 20 ms, that it talks for
	began   bool    // it talks; for follow alone

	mu    sync.Mutex
	heard []int16
}

// startTalkers opens a socket for each call.
func startTalkers(t testing.TB, s Setup, calls int) *talkers {
	t.Helper()
	ts := &talkers{t: t, byPort: make(map[string]*talker)}
	for range calls {
		one := openTalker(t, s)
		ts.all = append(ts.all, one)
		ts.byPort[fmt.Sprint(one.port())] = one
		ts.wait.Go(one.listen)
	}
	t.Cleanup(ts.stop)
	return ts
}

// openTalker opens the socket of a talker that talks as one of a load does.
func openTalker(t testing.TB, s Setup) *talker {
	t.Helper()
	one := &talker{tone: talkTone, packets: talkPackets}
	err := netns.Do(s.Netns, func() (err error) {
		one.conn, err = net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(s.host())})
		return err
	})
	if err != nil {
		t.Fatalf("open a talker's socket: %v", err)
	}
	return one
}

func (ts *talkers) stop() {
	for _, one := range ts.all {
		_ = one.conn.Close()
	}
	ts.wait.Wait()
}

// ports lists where the talkers listen, for the SDP of the calls.
func (ts *talkers) ports() []int {
	var ports []int
	for _, one := range ts.all {
		ports = append(ports, one.port())
	}
	return ports
}

// follow starts each talker when SIPp's log says where the other side of its
// call listens ("... sound FROM TO"), until SIPp has ended.
func (ts *talkers) follow(log string, ended <-chan struct{}) {
	ts.t.Helper()
	look := time.NewTicker(packetTime)
	defer look.Stop()
	ctx, cancel := context.WithCancel(context.Background())
	ts.t.Cleanup(cancel)
	for {
		over := false
		select {
		case <-look.C:
		case <-ended:
			over = true
		}
		text, err := os.ReadFile(log)
		if err != nil && !os.IsNotExist(err) {
			ts.t.Fatalf("follow SIPp's log: %v", err)
		}
		ts.begin(ctx, string(text))
		if over {
			return
		}
	}
}

// begin starts the talkers that the log names and that are silent yet. A line
// without its end is still being written.
func (ts *talkers) begin(ctx context.Context, log string) {
	for line := range strings.Lines(log) {
		words := strings.Fields(line)
		if !strings.HasSuffix(line, "\n") || len(words) < 3 || words[len(words)-3] != "sound" {
			continue
		}
		one := ts.byPort[words[len(words)-2]]
		to, err := net.ResolveUDPAddr("udp4", "127.0.0.1:"+words[len(words)-1])
		if one == nil || err != nil {
			ts.t.Errorf("SIPp's log says %q: %v", line, err)
			continue
		}
		if !one.began {
			one.began = true
			ts.wait.Go(func() { one.talk(ctx, to) })
		}
	}
}

// mustHear fails the test unless each talker has heard its tone come back.
func (ts *talkers) mustHear() {
	ts.t.Helper()
	ts.stop()
	deaf := 0
	for _, one := range ts.all {
		if h := Listen(one.sound(), playRate, talkTone); !h.Heard() {
			deaf++
			ts.t.Logf("call with sound at port %d: %v", one.port(), h)
		}
	}
	if deaf > 0 {
		ts.t.Errorf("%d calls of %d did not hear their own tone echoed", deaf, len(ts.all))
	}
}

func (one *talker) port() int {
	return one.conn.LocalAddr().(*net.UDPAddr).Port
}

// talk sends the tone as RTP with G.711 (RFC 3550, RFC 3551 section 4.5.14).
func (one *talker) talk(ctx context.Context, to *net.UDPAddr) {
	tick := time.NewTicker(packetTime)
	defer tick.Stop()
	tone := Tone(one.tone, playRate, 1)
	packet := make([]byte, rtpHeader+packetSamples)
	packet[0] = 2 << 6 // version 2, payload type 0
	binary.BigEndian.PutUint32(packet[8:], uint32(one.port()))
	for n := range one.packets {
		binary.BigEndian.PutUint16(packet[2:], uint16(n))
		binary.BigEndian.PutUint32(packet[4:], uint32(n*packetSamples))
		for i := range packetSamples {
			packet[rtpHeader+i] = encodeULaw(tone[(n*packetSamples+i)%len(tone)])
		}
		// A packet lost on the way out is missed by mustHear.
		_, _ = one.conn.WriteToUDP(packet, to)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// listen collects what comes back, until the socket is closed.
func (one *talker) listen() {
	packet := make([]byte, 1500)
	for {
		n, _, err := one.conn.ReadFromUDP(packet)
		if err != nil {
			return
		}
		if n < rtpHeader || packet[1]&0x7f != 0 {
			continue // not G.711 mu-law
		}
		one.mu.Lock()
		for _, b := range packet[rtpHeader:n] {
			one.heard = append(one.heard, decodeULaw(b))
		}
		one.mu.Unlock()
	}
}

// sound is what has come back so far.
func (one *talker) sound() []int16 {
	one.mu.Lock()
	defer one.mu.Unlock()
	return slices.Clone(one.heard)
}

// encodeULaw and decodeULaw are G.711 mu-law, by its formula rather than its
// tables: the talkers must not share a mistake with the product.
func encodeULaw(sample int16) byte {
	const bias, clip = 33, 8159
	magnitude, sign := int(sample)/4, byte(0)
	if magnitude < 0 {
		magnitude, sign = -magnitude, 0x80
	}
	magnitude = min(magnitude, clip-bias) + bias
	exponent := max(0, int(math.Log2(float64(magnitude)))-5)
	mantissa := magnitude >> (exponent + 1) & 0x0f
	return ^(sign | byte(exponent)<<4 | byte(mantissa))
}

func decodeULaw(b byte) int16 {
	b = ^b
	exponent, mantissa := int(b>>4&7), int(b&0x0f)
	magnitude := ((2*mantissa+33)<<exponent - 33) * 4
	if b&0x80 != 0 {
		magnitude = -magnitude
	}
	return int16(magnitude)
}
