package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"obelus/store"
	"obelus/store/sqlite"
)

// restart measures how long obelus takes from its start to its first answer when
// it has as many phones to bring back from its database, and what it holds then; beside
// it with the same accounts and none of them registered.
func (b *bench) restart(ctx context.Context) error {
	h := house{peers: b.bindings}
	var err error
	if h.dir, err = os.MkdirTemp(b.dir, "restart"); err != nil {
		return err
	}
	var rows [][]string
	for _, registered := range []int{0, b.bindings} {
		if err := fill(ctx, h.data(), registered); err != nil {
			return err
		}
		var took, cost, held, most spread
		for range b.rounds {
			s, err := b.startHouse(ctx, h)
			if err != nil {
				return err
			}
			used, err1 := s.cpu()
			err2 := s.settle(ctx)
			bytes, err3 := s.resident()
			peak, err4 := s.peak()
			if err := errors.Join(err1, err2, err3, err4, s.broughtBack(registered), s.stop()); err != nil {
				return err
			}
			took = append(took, float64(s.started)/float64(time.Millisecond))
			cost = append(cost, float64(used)/float64(time.Millisecond))
			held, most = append(held, float64(bytes)/(1<<20)), append(most, float64(peak)/(1<<20))
		}
		rows = append(rows, []string{strconv.Itoa(registered), took.String(), cost.String(), held.String(), most.String()})
	}
	return table(b.out, fmt.Sprintf("obelus with %d peers in sip.conf, SQLite, %d starts", b.bindings, b.rounds),
		append([][]string{{"registered", "start to first answer, ms", "CPU ms until then", "resident once it is quiet, MiB", "at most, MiB"}}, rows...)...)
}

// settle waits until the server has nothing to do any more.
func (s *server) settle(ctx context.Context) error {
	for range 40 {
		before, err := s.cpu()
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
		after, err := s.cpu()
		if err != nil {
			return err
		}
		if after-before < 10*time.Millisecond {
			return nil
		}
	}
	return errors.New("the server has something to do all the time")
}

// broughtBack checks that the server said so.
func (s *server) broughtBack(registered int) error {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err
	}
	if want := fmt.Sprintf("registrations brought back (contacts=%d,", registered); !strings.Contains(string(text), want) {
		return fmt.Errorf("it does not say %q, but %s", want, s.lastWords())
	}
	return nil
}

// fill makes a database in which as many accounts are registered.
func fill(ctx context.Context, dir string, registered int) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	e, err := sqlite.Open(ctx, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	const batch = 1000
	ops := make([]store.BindingOp, 0, batch)
	for i := range registered {
		ops = append(ops, store.BindingOp{Binding: phone(i, time.Now())})
		if len(ops) == batch || i == registered-1 {
			if err := e.Commit(ctx, ops); err != nil {
				return err
			}
			ops = ops[:0]
		}
	}
	return nil
}

// phone is a registration as a real phone makes it, of the i-th account.
func phone(i int, at time.Time) store.Binding {
	name := strconv.Itoa(firstAccount + i)
	from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 5060)
	id := fmt.Sprintf("%08x-60a1-004c-bfad-2915bd1cd468", i)
	return store.Binding{
		AOR: name, ContactID: "instance <urn:uuid:" + id + "> 0", Contact: "sip:" + name + "@" + from.String() + ";transport=udp",
		Received: from, Local: netip.MustParseAddrPort("10.255.255.1:5060"), Transport: "udp", UserAgent: "Linphonec/5.1.65 (belle-sip/5.1.55)",
		Instance: "<urn:uuid:" + id + ">", CallID: id[:8] + "Ml6", CSeq: 21, RegisteredAt: at, Expires: at.Add(time.Hour),
	}
}
