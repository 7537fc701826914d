package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// textPhones is how many phones are written to; every second one is away at first.
const textPhones = 1000

// textGeneral are the lines of sip.conf for texts: no challenge, so that what is measured
// is the text, and those for phones that are away wait.
const textGeneral = "auth_message_requests=no\nstore_messages=yes\nmax_stored_messages=10000\nmax_stored_messages_total=1000000\n"

// textBody is what the texts say: 100 bytes.
var textBody = strings.Repeat("0123456789", 10)

// texts measures what a text costs: to phones that are there, and to phones that are
// away and get it when they come, with the store in memory and in SQLite, where each
// 202 comes after its commit.
func (b *bench) texts(ctx context.Context) error {
	rows := [][]string{{"store", "phones", "texts", "sent again", "CPU µs each", "a second"}}
	for _, engine := range []string{"memory", "sqlite"} {
		more, err := b.textsWith(ctx, engine)
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		rows = append(rows, more...)
	}
	return table(b.out, fmt.Sprintf("texts (202) over UDP to %d phones, %d bytes, %d under way, %d rounds of %d", textPhones, len(textBody), b.window, b.rounds, b.textRound()), rows...)
}

// textRound is how many texts a round has: over UDP a server remembers each for 32
// seconds (RFC 3261 section 17.2.2), and obelus 20,000 of them at once.
func (b *bench) textRound() int { return min(b.accounts, 18_000/(2*(b.rounds+1))) }

func (b *bench) textsWith(ctx context.Context, engine string) (rows [][]string, err error) {
	s, err := b.startHouse(ctx, house{peers: textPhones, own: "[store]\nengine=" + engine + "\n", general: textGeneral})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	all, err := newRegistrations(s.addr, accounts(textPhones), b.window)
	if err != nil {
		return nil, err
	}
	defer all.close()
	everybody := all.accounts
	var there, away []*credentials
	for i, a := range everybody {
		if i%2 == 0 {
			there = append(there, a)
		} else {
			away = append(away, a)
		}
	}
	all.accounts = there
	if t, err := all.run(ctx); err != nil || t.failed > 0 {
		return nil, fmt.Errorf("phones can't register: %s %w", t.why, err)
	}
	g := &texting{conn: all.conn, window: b.window}
	for _, part := range []struct {
		what   string
		phones []*credentials
	}{{"there", there}, {"away", away}} {
		row, err := b.writeTo(ctx, s, g, part.phones, part.what == "there")
		if err != nil {
			return nil, errors.Join(err, errors.New(s.lastWords()))
		}
		rows = append(rows, append([]string{engine, part.what}, row...))
	}
	row, err := b.fetch(ctx, s, g, all, away)
	if err != nil {
		return nil, errors.Join(err, errors.New(s.lastWords()))
	}
	return append(rows, append([]string{engine, "coming back"}, row...)), nil
}

// writeTo writes rounds of texts to phones; the first does not count.
func (b *bench) writeTo(ctx context.Context, s *server, g *texting, phones []*credentials, there bool) ([]string, error) {
	var cpu, rate spread
	resent := 0
	for i := range b.rounds + 1 {
		before, err := s.cpu()
		if err != nil {
			return nil, err
		}
		begin := time.Now()
		heard := g.heard
		if err := g.write(ctx, phones, b.textRound()); err != nil {
			return nil, err
		}
		if there {
			if err := g.listen(ctx, heard+b.textRound()); err != nil {
				return nil, err
			}
		}
		took := time.Since(begin)
		after, err := s.cpu()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			cpu, rate = append(cpu, micros(after-before, b.textRound())), append(rate, float64(b.textRound())/took.Seconds())
			resent += g.resent
		}
	}
	return []string{strconv.Itoa(b.rounds * b.textRound()), strconv.Itoa(resent), cpu.String(), rate.String()}, nil
}

// fetch has the phones that were away register, and hear what has waited for them.
func (b *bench) fetch(ctx context.Context, s *server, g *texting, all *registrations, away []*credentials) ([]string, error) {
	want := (b.rounds + 1) * b.textRound()
	before, err := s.cpu()
	if err != nil {
		return nil, err
	}
	begin, heard := time.Now(), g.heard
	all.accounts, all.texts = away, g
	if t, err := all.run(ctx); err != nil || t.failed > 0 {
		return nil, fmt.Errorf("phones can't register: %s %w", t.why, err)
	}
	if err := g.listen(ctx, heard+want); err != nil {
		return nil, err
	}
	took := time.Since(begin)
	after, err := s.cpu()
	if err != nil {
		return nil, err
	}
	return []string{strconv.Itoa(want), "0", spread{micros(after-before, want)}.String(), spread{float64(want) / took.Seconds()}.String()}, nil
}

// texting writes texts, and is all the phones that hear them.
type texting struct {
	conn   *net.UDPConn
	window int
	serial int            // of the last text
	seen   map[string]int // by body: a text that comes twice counts once
	heard  int
	twice  int

	waiting map[int]*written
	resent  int
}

// written is a text that has not been answered.
type written struct {
	packet      []byte
	first, sent time.Time
}

// write writes n texts, and returns when all have been taken.
func (g *texting) write(ctx context.Context, phones []*credentials, n int) error {
	g.waiting, g.resent = make(map[int]*written), 0
	for sent, taken := 0, 0; taken < n; {
		for ; len(g.waiting) < g.window && sent < n; sent++ {
			g.serial++
			if err := g.send(phones[sent%len(phones)].user); err != nil {
				return err
			}
		}
		before := len(g.waiting)
		if err := g.one(ctx); err != nil {
			return err
		}
		taken += before - len(g.waiting)
	}
	return nil
}

// send sends the text of the present number; its branch says which it is.
func (g *texting) send(to string) error {
	at := g.conn.LocalAddr().String()
	body := fmt.Sprintf("%d %s", g.serial, textBody)
	packet := fmt.Appendf(nil, "MESSAGE sip:%[1]s@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %[2]s;branch=z9hG4bKtext-%[3]d;rport\r\nMax-Forwards: 70\r\n"+
		"From: <sip:%[4]d@127.0.0.1>;tag=t%[3]d\r\nTo: <sip:%[1]s@127.0.0.1>\r\nCall-ID: text%[3]d@%[2]s\r\nCSeq: 1 MESSAGE\r\n"+
		"Content-Type: text/plain\r\nContent-Length: %[5]d\r\n\r\n%[6]s", to, at, g.serial, firstAccount+g.serial%textPhones, len(body), body)
	now := time.Now()
	g.waiting[g.serial] = &written{packet, now, now}
	_, err := g.conn.Write(packet)
	return err
}

// listen answers texts until so many have been heard in all.
func (g *texting) listen(ctx context.Context, want int) error {
	for last := time.Now(); g.heard < want; {
		had := g.heard
		if err := g.one(ctx); err != nil {
			return err
		}
		if g.heard > had {
			last = time.Now()
		} else if time.Since(last) > giveUpAfter {
			return fmt.Errorf("%d of %d texts have arrived", g.heard, want)
		}
	}
	return nil
}

// one reads one message, or sends again what has not been answered.
func (g *texting) one(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := g.conn.SetReadDeadline(time.Now().Add(resendAfter)); err != nil {
		return err
	}
	buf := make([]byte, 65536)
	n, err := g.conn.Read(buf)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return g.resend()
	}
	if err != nil {
		return err
	}
	_, err = g.take(message(buf[:n]))
	return err
}

// take takes a message that is about a text; false where it is about something else.
func (g *texting) take(m message) (bool, error) {
	if m.status() == 0 {
		return m.method() == "MESSAGE", g.hear(m)
	}
	number, ok := strings.CutPrefix(m.branch(), "text-")
	if !ok {
		return false, nil
	}
	i, err := strconv.Atoi(number)
	if err != nil || g.waiting[i] == nil {
		return true, nil
	}
	if m.status() != 202 {
		return true, fmt.Errorf("a text was answered %s", m.firstLine())
	}
	delete(g.waiting, i)
	return true, nil
}

// hear takes a text, and answers it.
func (g *texting) hear(m message) error {
	if m.method() != "MESSAGE" {
		return nil
	}
	if g.seen == nil {
		g.seen = make(map[string]int)
	}
	_, body, _ := strings.Cut(string(m), "\r\n\r\n")
	number, _, _ := strings.Cut(body, " ")
	if g.seen[number]++; g.seen[number] == 1 {
		g.heard++
	} else {
		g.twice++
	}
	var b strings.Builder
	b.WriteString("SIP/2.0 200 OK\r\n")
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		for _, v := range m.headers(name) {
			b.WriteString(name + ": " + v)
			if name == "To" {
				b.WriteString(";tag=phone")
			}
			b.WriteString("\r\n")
		}
	}
	b.WriteString("Content-Length: 0\r\n\r\n")
	_, err := g.conn.Write([]byte(b.String()))
	return err
}

func (g *texting) resend() error {
	for i, w := range g.waiting {
		if time.Since(w.first) > giveUpAfter {
			return fmt.Errorf("text %d was not answered", i)
		}
		if time.Since(w.sent) < resendAfter {
			continue
		}
		g.resent++
		w.sent = time.Now()
		if _, err := g.conn.Write(w.packet); err != nil {
			return err
		}
	}
	return nil
}
