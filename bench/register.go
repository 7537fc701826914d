package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

// maxAccounts is how many accounts the servers are set up with.
const maxAccounts = 10000

const (
	firstAccount = 10000
	resendAfter  = 500 * time.Millisecond // T1, RFC 3261 section 17.1.1.1
	giveUpAfter  = 8 * time.Second
)

// accounts are the first n of those in sip.conf and kamailio.cfg.
func accounts(n int) []*credentials {
	all := make([]*credentials, n)
	for i := range all {
		name := strconv.Itoa(firstAccount + i)
		all[i] = &credentials{user: name, secret: "pw" + name}
	}
	return all
}

// tally is what came of a round.
type tally struct {
	done, failed, resent int
	took                 time.Duration
	why                  string // of the first failure
}

// registrations lets accounts register: REGISTER, 401, REGISTER with
// credentials, 200. A fixed number is under way at any time.
type registrations struct {
	conn     *net.UDPConn
	contact  string
	accounts []*credentials
	window   int
	round    int
	texts    *texting // takes what comes meanwhile; may be nil

	// Of the round that runs.
	states []registration
	tally
	underway int
}

// registration is where one account stands.
type registration struct {
	phase  int // 0 not begun, 1 asked, 2 asked with credentials, 3 over
	since  time.Time
	sent   time.Time
	packet []byte
}

func newRegistrations(server netip.AddrPort, all []*credentials, window int) (*registrations, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(server))
	if err != nil {
		return nil, err
	}
	return &registrations{conn: conn, contact: conn.LocalAddr().String(), accounts: all, window: window}, nil
}

func (g *registrations) close() { g.conn.Close() }

// run lets every account register once.
func (g *registrations) run(ctx context.Context) (tally, error) {
	g.round++
	g.states = make([]registration, len(g.accounts))
	g.tally, g.underway = tally{}, 0
	begin := time.Now()
	buf := make([]byte, 65536)
	for next := 0; g.done+g.failed < len(g.accounts); {
		for ; g.underway < g.window && next < len(g.accounts); next++ {
			g.underway++
			g.states[next].since = time.Now()
			if err := g.send(next, 1, ""); err != nil {
				return g.tally, err
			}
		}
		if err := ctx.Err(); err != nil {
			return g.tally, err
		}
		if err := g.conn.SetReadDeadline(time.Now().Add(resendAfter)); err != nil {
			return g.tally, err
		}
		n, err := g.conn.Read(buf)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			err = g.resend()
		case err == nil:
			err = g.heard(message(buf[:n]))
		}
		if err != nil {
			return g.tally, err
		}
	}
	g.took = time.Since(begin)
	return g.tally, nil
}

// send sends an account's REGISTER; the phase is in the branch and the CSeq.
func (g *registrations) send(i, phase int, authorization string) error {
	name := g.accounts[i].user
	s := &g.states[i]
	s.phase = phase
	s.packet = fmt.Appendf(s.packet[:0], "REGISTER sip:127.0.0.1 SIP/2.0\r\n"+
		"Via: SIP/2.0/UDP %s;branch=z9hG4bK%d-%d-%d;rport\r\n"+
		"Max-Forwards: 70\r\n"+
		"From: <sip:%s@127.0.0.1>;tag=%d%s\r\n"+
		"To: <sip:%s@127.0.0.1>\r\n"+
		"Call-ID: r%s@127.0.0.1\r\n"+
		"CSeq: %d REGISTER\r\n"+
		"Contact: <sip:%s@%s>\r\n"+
		"Expires: 3600\r\n"+
		"User-Agent: bench\r\n"+
		"%sContent-Length: 0\r\n\r\n",
		g.contact, g.round, i, phase, name, g.round, name, name, name, 2*g.round+phase, name, g.contact, authorization)
	s.sent = time.Now()
	_, err := g.conn.Write(s.packet)
	return err
}

// resend is called when nothing was heard for a while.
func (g *registrations) resend() error {
	for i := range g.states {
		s := &g.states[i]
		switch {
		case s.phase == 0 || s.phase == 3:
		case time.Since(s.since) > giveUpAfter:
			g.end(i, "no answer")
		case time.Since(s.sent) >= resendAfter:
			g.resent++
			s.sent = time.Now()
			if _, err := g.conn.Write(s.packet); err != nil {
				return err
			}
		}
	}
	return nil
}

// heard takes a response. What belongs to no request under way (a second
// answer to one that was sent again) is passed over.
func (g *registrations) heard(m message) error {
	if g.texts != nil {
		if taken, err := g.texts.take(m); taken || err != nil {
			return err
		}
	}
	i, ok := g.which(m.branch())
	status := m.status()
	if !ok || status < 200 {
		return nil
	}
	switch phase := g.states[i].phase; {
	case status == 200 && phase == 2:
		g.end(i, "")
	case status == 401 && phase == 1:
		c, header, err := m.challenge()
		if err != nil {
			g.end(i, err.Error())
			return nil
		}
		return g.send(i, 2, header+": "+g.accounts[i].answer(c, "REGISTER", "sip:127.0.0.1")+"\r\n")
	default:
		g.end(i, m.firstLine())
	}
	return nil
}

// which finds the account whose request under way has this branch.
func (g *registrations) which(branch string) (int, bool) {
	part := strings.Split(branch, "-")
	if len(part) != 3 {
		return 0, false
	}
	i, err := strconv.Atoi(part[1])
	if err != nil || i < 0 || i >= len(g.states) {
		return 0, false
	}
	return i, part[0] == strconv.Itoa(g.round) && part[2] == strconv.Itoa(g.states[i].phase)
}

func (g *registrations) end(i int, why string) {
	g.states[i].phase = 3
	g.underway--
	if why == "" {
		g.done++
		return
	}
	if g.failed++; g.failed == 1 {
		g.why = g.accounts[i].user + ": " + why
	}
}
