package phones

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Liar is a phone, played by SIPp, that says it is elsewhere: in Via, in
// Contact and in its descriptions. Its sound comes from where it really is.
// SIPp is given a scenario for each thing that the phone does.
type Liar struct {
	t     testing.TB
	setup Setup
	lie   string
}

// LiarSound is the port where a liar says that it listens.
const LiarSound = 9000

// StartLiar registers a phone that says it is at the address lie.
func StartLiar(t testing.TB, s Setup, lie string) *Liar {
	t.Helper()
	l := &Liar{t: t, setup: s, lie: lie}
	l.start("register", s.Ports+sipPort, l.setup.Server).mustSucceed(1)
	return l
}

// start runs a scenario in which port is field 2.
func (l *Liar) start(scenario string, port int, target string, options ...string) *sipp {
	l.t.Helper()
	options = append(options, "-m", "1", "-key", "said_ip", l.lie, "-mp", strconv.Itoa(LiarSound),
		"-trace_logs", "-log_file", "sounds.log")
	return startSIPp(l.t, l.setup, scenario, injection(l.setup, []int{port}), target, options...)
}

// Answers takes the next call, which the other side is to end.
func (l *Liar) Answers() *LiarCall {
	l.t.Helper()
	return l.call(l.start("callee", 0, ""))
}

// Leaves takes the next call and hangs up.
func (l *Liar) Leaves() *LiarCall {
	l.t.Helper()
	return l.call(l.start("liar-leaves", 0, ""))
}

// Reads takes the next text, which must have the word "lies" in it.
func (l *Liar) Reads() *LiarCall {
	l.t.Helper()
	return l.call(l.start("liar-reads", 0, ""))
}

// Calls calls a number at the server; the other side is to end the call.
func (l *Liar) Calls(number string) *LiarCall {
	l.t.Helper()
	return l.call(l.start("liar-calls", LiarSound, l.setup.Server, "-s", number))
}

// LiarCall is a call of a liar's.
type LiarCall struct {
	sipp   *sipp
	talker *talker
}

// call listens and, when SIPp tells where, talks until SIPp has ended.
func (l *Liar) call(s *sipp) *LiarCall {
	l.t.Helper()
	c := &LiarCall{s, openTalker(l.t, l.setup)}
	c.talker.tone, c.talker.packets = l.setup.Tone, playSeconds*int(time.Second/packetTime)
	var wait sync.WaitGroup
	wait.Go(c.talker.listen)
	ctx, cancel := context.WithCancel(context.Background())
	wait.Go(func() {
		if to := soundOf(filepath.Join(s.dir, "sounds.log"), net.ParseIP(l.setup.domain()), ctx.Done()); to != nil {
			c.talker.talk(ctx, to)
		}
	})
	l.t.Cleanup(func() {
		cancel()
		_ = c.talker.conn.Close()
		wait.Wait()
	})
	return c
}

// soundOf waits until SIPp's log says at which port of the host the other side
// has its sound; none when that is over before.
func soundOf(log string, host net.IP, over <-chan struct{}) *net.UDPAddr {
	look := time.NewTicker(packetTime)
	defer look.Stop()
	for {
		select {
		case <-look.C:
		case <-over:
			return nil
		}
		text, err := os.ReadFile(log)
		words := strings.Fields(string(text))
		if err != nil || !strings.HasSuffix(string(text), "\n") || len(words) < 3 {
			continue // not written yet
		}
		if port, err := strconv.Atoi(words[len(words)-1]); err == nil {
			return &net.UDPAddr{IP: host, Port: port}
		}
	}
}

// Hears waits for a steady tone that begins after now.
func (c *LiarCall) Hears(hertz float64) {
	c.sipp.t.Helper()
	waitSound(c.sipp.t, c.sipp.name, hertz, func() ([]int16, int) { return c.talker.sound(), playRate })
}

// WaitOver waits until all has gone by the scenario: the call has been ended.
func (c *LiarCall) WaitOver() {
	c.sipp.t.Helper()
	c.sipp.mustSucceed(1)
	if c.sipp.t.Failed() {
		c.sipp.t.FailNow()
	}
}
