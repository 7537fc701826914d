package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"obelus/console"
)

const (
	reloadCalls  = 200
	reloadEvery  = 500 * time.Millisecond
	packetEvery  = 20 * time.Millisecond
	soundSize    = 12 + 160 // an RTP packet of 20 ms ulaw
	probeEvery   = 2 * time.Millisecond
	settleReload = 2 * time.Second // before anything is counted
)

// reload measures what 200 calls with sound, and those who call meanwhile, notice of sip.conf with 10,000 peers being read again: beside it the same
// time without. The server has one core for everything.
func (b *bench) reload(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp(b.dir, "reload")
	if err != nil {
		return err
	}
	h := house{peers: maxAccounts, own: "[store]\nengine=memory\n", dir: dir}
	s, err := b.startHouse(ctx, h)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	streams, err := b.talk(ctx, s)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, s.lastWords())
	}
	defer streams.close()
	held, err := s.resident()
	if err != nil {
		return err
	}
	rows := [][]string{{"", "reload, ms", "longest gap, ms", "p99.9 delay, ms", "longest delay, ms", "lost", "longest INVITE to answer, ms"}}
	for _, reloads := range []int{0, b.rounds} {
		took, n, err := s.notices(ctx, streams, filepath.Join(h.data(), console.SocketName), reloads, max(b.rounds, 5))
		if err != nil {
			return err
		}
		name, ms := "no reload", "-"
		if reloads > 0 {
			name, ms = fmt.Sprintf("%d reloads", reloads), took.String()
		}
		rows = append(rows, []string{name, ms, short(n.gap), short(n.p999), short(n.delay), strconv.Itoa(n.lost), short(n.answer)})
	}
	after, err := s.resident()
	if err != nil {
		return err
	}
	return table(b.out, fmt.Sprintf("obelus reads %d peers again during %d calls with sound; resident before %d MiB, afterwards %d MiB", maxAccounts, reloadCalls, held>>20, after>>20), rows...)
}

// notice is what phones notice, in ms.
type notice struct {
	gap, p999, delay, answer float64
	lost                     int
}

// notices lets the calls go on for as long as some reloads take, with that many or none.
func (s *server) notices(ctx context.Context, streams *streams, socket string, reloads, slots int) (took spread, n notice, err error) {
	pause := func(d time.Duration) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(d):
			return nil
		}
	}
	if err := pause(settleReload); err != nil {
		return nil, n, err
	}
	streams.begin()
	asked, asking := context.WithCancel(ctx)
	answers := make(chan time.Duration, 1)
	go func() { answers <- s.probe(asked) }()
	for i := range slots {
		if i < reloads {
			d, err := readAgain(socket)
			if err != nil {
				asking()
				return nil, n, errors.Join(err, fmt.Errorf("%s", s.lastWords()))
			}
			took = append(took, float64(d)/float64(time.Millisecond))
		}
		if err := pause(reloadEvery); err != nil {
			asking()
			return nil, n, err
		}
	}
	asking()
	n = streams.end()
	n.answer = float64(<-answers) / float64(time.Millisecond)
	return took, n, nil
}

// readAgain has the server read sip.conf again, and returns how long that took.
func readAgain(socket string) (time.Duration, error) {
	var said strings.Builder
	c, err := console.Dial(socket, &said)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	begin := time.Now()
	if _, err := c.Run("sip reload"); err != nil {
		return 0, err
	}
	if !strings.Contains(said.String(), "Reloading SIP") {
		return 0, fmt.Errorf("sip reload says %q", said.String())
	}
	return time.Since(begin), nil
}

// probe asks for calls without saying who asks, which the server answers with a challenge, and returns the longest time that took.
func (s *server) probe(ctx context.Context) (longest time.Duration) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(s.addr))
	if err != nil {
		return -1
	}
	defer conn.Close()
	buf := make([]byte, 4096)
	for i := 0; ctx.Err() == nil; i++ {
		begin := time.Now()
		body := description(noSound)
		_, err := fmt.Fprintf(conn, "INVITE sip:%[1]s@%[2]s SIP/2.0\r\nVia: SIP/2.0/UDP %[3]s;branch=z9hG4bKp%[4]d;rport\r\nMax-Forwards: 70\r\nFrom: <sip:%[5]d@127.0.0.1>;tag=p%[4]d\r\n"+
			"To: <sip:%[1]s@%[2]s>\r\nCall-ID: p%[4]d@127.0.0.1\r\nCSeq: 1 INVITE\r\nContact: <sip:%[5]d@%[3]s>\r\nContent-Type: application/sdp\r\nContent-Length: %[6]d\r\n\r\n%[7]s",
			talkExten, s.addr, conn.LocalAddr(), i, firstAccount, len(body), body)
		if err == nil {
			err = conn.SetReadDeadline(begin.Add(2 * time.Second))
		}
		for want := fmt.Sprintf("p%d@127.0.0.1", i); err == nil; {
			var n int
			if n, err = conn.Read(buf); err == nil && message(buf[:n]).header("Call-ID") == want {
				break
			}
		}
		longest = max(longest, time.Since(begin))
		time.Sleep(probeEvery)
	}
	return longest
}

// streams are calls with sound one way: from the callers' socket through the server to the called phones'.
type streams struct {
	from, to *net.UDPConn
	ports    []netip.AddrPort // of the server, for the caller of each call
	epoch    time.Time        // what packets count from
	stop     chan struct{}
	ended    sync.WaitGroup
	closers  []io.Closer

	mu       sync.Mutex
	counting bool
	sent     int
	arrived  []time.Time // the last packet of each stream
	gap      time.Duration
	delays   []time.Duration
}

// talk sets the calls up.
func (b *bench) talk(ctx context.Context, s *server) (*streams, error) {
	pair := accounts(2)
	line, err := newRegistrations(s.addr, pair[1:], 1)
	if err != nil {
		return nil, err
	}
	if t, err := line.run(ctx); err != nil || t.failed > 0 {
		return nil, errors.Join(err, fmt.Errorf("the callee does not register: %s", t.why))
	}
	t := &streams{epoch: time.Now(), stop: make(chan struct{}), arrived: make([]time.Time, reloadCalls)}
	for _, c := range []**net.UDPConn{&t.from, &t.to} {
		if *c, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			return nil, err
		}
		if err := (*c).SetReadBuffer(4 << 20); err != nil {
			return nil, err
		}
		t.closers = append(t.closers, *c)
	}
	phone, err := newCallee(line.conn)
	if err != nil {
		return nil, err
	}
	from, err := newCaller(s.addr, pair[0])
	if err != nil {
		return nil, err
	}
	t.closers = append(t.closers, line.conn, from.conn)
	answered := make(chan netip.AddrPort, reloadCalls)
	phone.sdp, from.sdp = description(portOf(t.to)), description(portOf(t.from))
	from.stays = func(answer message) {
		if at, ok := soundPort(answer); ok {
			answered <- at
		}
	}
	for range reloadCalls {
		if err := from.place(talkExten); err != nil {
			return nil, err
		}
		select {
		case at := <-answered:
			t.ports = append(t.ports, at)
		case o := <-from.ended:
			return nil, fmt.Errorf("a call ended: %d %s", o.status, o.why)
		case <-time.After(callLimit):
			return nil, errors.New("a call is not answered")
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	t.ended.Go(t.send)
	t.ended.Go(t.listen)
	return t, nil
}

func portOf(c *net.UDPConn) int { return c.LocalAddr().(*net.UDPAddr).Port }

// soundPort is where a description wants its sound.
func soundPort(m message) (netip.AddrPort, bool) {
	_, rest, ok := strings.Cut(string(m), "\r\nm=audio ")
	port, _, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(port)
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(n)), ok && err == nil
}

// send sends a packet of every call every 20 ms. It says in each when that was.
func (t *streams) send() {
	tick := time.NewTicker(packetEvery)
	defer tick.Stop()
	packet := make([]byte, soundSize)
	packet[0] = 0x80
	for n := uint32(0); ; n++ {
		select {
		case <-t.stop:
			return
		case <-tick.C:
		}
		for i, to := range t.ports {
			binary.BigEndian.PutUint16(packet[2:], uint16(n))
			binary.BigEndian.PutUint32(packet[4:], n*160)
			binary.BigEndian.PutUint32(packet[8:], uint32(i)+1)
			binary.BigEndian.PutUint64(packet[12:], uint64(time.Since(t.epoch)))
			binary.BigEndian.PutUint32(packet[20:], uint32(i))
			if _, err := t.from.WriteToUDPAddrPort(packet, to); err != nil {
				return
			}
		}
		t.mu.Lock()
		t.sent += len(t.ports)
		t.mu.Unlock()
	}
}

// listen counts what comes out.
func (t *streams) listen() {
	buf := make([]byte, 2048)
	for {
		n, err := t.to.Read(buf)
		if err != nil {
			return
		}
		if n != soundSize {
			continue // RTCP
		}
		now := time.Since(t.epoch)
		i := binary.BigEndian.Uint32(buf[20:])
		if int(i) >= len(t.arrived) {
			continue
		}
		t.mu.Lock()
		if t.counting {
			at := t.epoch.Add(now)
			if was := t.arrived[i]; !was.IsZero() {
				t.gap = max(t.gap, at.Sub(was))
			}
			t.arrived[i] = at
			t.delays = append(t.delays, now-time.Duration(binary.BigEndian.Uint64(buf[12:])))
		}
		t.mu.Unlock()
	}
}

// begin counts from now on.
func (t *streams) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.arrived)
	t.counting, t.sent, t.gap, t.delays = true, 0, 0, t.delays[:0]
}

// end is what was counted.
func (t *streams) end() (n notice) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counting = false
	slices.Sort(t.delays)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	n.gap, n.lost = ms(t.gap), max(0, t.sent-len(t.delays)-len(t.ports)) // one of each is under way
	if count := len(t.delays); count > 0 {
		n.p999, n.delay = ms(t.delays[count*999/1000]), ms(t.delays[count-1])
	}
	return n
}

func (t *streams) close() {
	close(t.stop)
	for _, c := range t.closers {
		c.Close()
	}
	t.ended.Wait()
}
