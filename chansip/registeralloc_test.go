//go:build !race

// The race detector has pools forget what they hold.

package chansip

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"

	"obelus/location"
	"obelus/sip"
	"obelus/sip/digest"
	"obelus/sip/transport"
)

// refresher has a phone refresh its registration: REGISTER, 401, REGISTER with a
// proof, 200.
type refresher struct {
	d        *Driver
	flow     transport.Flow
	n        int
	head     string
	answered []byte
}

func newRefresher(tb testing.TB) *refresher {
	where, err := location.Open(tb.Context(), location.Config{})
	if err != nil {
		tb.Fatal(err)
	}
	set := readConf(tb, twoPhones)
	r := &refresher{d: New(Config{Settings: set, Location: where, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})}
	r.d.tp = transport.New(transport.Options{Handler: r.d, Log: r.d.log})
	tb.Cleanup(func() {
		r.d.Close()
		r.d.tp.Close()
		where.Close(tb.Context())
	})
	r.flow = transport.FlowFunc(transport.UDP, houseAddr, phoneOne, func(b []byte, _ netip.AddrPort) error {
		r.answered = append(r.answered[:0], b...)
		return nil
	})
	r.head = strings.ReplaceAll("REGISTER sip:10.99.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.99.0.2:5070;branch=z9hG4bK%d;rport\nMax-Forwards: 70\n"+
		"From: <sip:1001@10.99.0.1>;tag=n83YvxVRn\nTo: <sip:1001@10.99.0.1>\nCall-ID: nnTZNl1Ml6\nCSeq: %d REGISTER\n"+
		"Contact: <sip:1001@10.99.0.2:5070;transport=udp>;+sip.instance=\"<urn:uuid:71b967c7-60a1-004c-bfad-2915bd1cd468>\"\nExpires: 120\n"+
		"User-Agent: Linphonec/5.1.65\n", "\n", "\r\n")
	return r
}

// step serves one message in the reader's way and returns its answer's status.
func (r *refresher) step(m *sip.Message, b []byte, tb testing.TB) int {
	if err := sip.ParseInto(m, b); err != nil {
		tb.Fatal(err)
	}
	r.d.Serve(m, r.flow)
	var status int
	if _, err := fmt.Sscanf(string(r.answered[:11]), "SIP/2.0 %d", &status); err != nil {
		tb.Fatalf("answered %q", r.answered)
	}
	return status
}

// prepared are the messages of a refresh, with the proof for a challenge that has
// been asked for.
func (r *refresher) prepared(tb testing.TB) (ask, prove []byte) {
	r.n++
	ask = fmt.Appendf(nil, r.head+"Content-Length: 0\r\n\r\n", 2*r.n, 2*r.n)
	if status := r.step(new(sip.Message), ask, tb); status != 401 {
		tb.Fatalf("asked for no proof but %d", status)
	}
	challenge, err := sip.Parse(r.answered)
	if err != nil {
		tb.Fatal(err)
	}
	id, value, err := digest.Respond(challenge, digest.Answer{User: "1001", Secret: "1001", Method: sip.REGISTER, URI: "sip:10.99.0.1"})
	if err != nil {
		tb.Fatal(err)
	}
	return ask, fmt.Appendf(nil, r.head+"%s: %s\r\nContent-Length: 0\r\n\r\n", 2*r.n+1, 2*r.n+1, id, value)
}

// TestRefreshAllocs holds the price of a refresh: what tens of thousands of phones
// make the server do all day.
func TestRefreshAllocs(t *testing.T) {
	r := newRefresher(t)
	m := new(sip.Message)
	ask, prove := r.prepared(t)
	if status := r.step(m, prove, t); status != 200 {
		t.Fatalf("answered\n%s", r.answered)
	}
	serve := func(b []byte) func() {
		return func() {
			if err := sip.ParseInto(m, b); err != nil {
				t.Fatal(err)
			}
			r.d.Serve(m, r.flow)
		}
	}
	asked, proved := testing.AllocsPerRun(100, serve(ask)), testing.AllocsPerRun(100, serve(prove))
	if !strings.HasPrefix(string(r.answered), "SIP/2.0 200") {
		t.Fatalf("answered\n%s", r.answered)
	}
	if asked+proved > 10 {
		t.Errorf("a refresh costs %.0f allocations for its 401 and %.0f for its 200, want 10 at most", asked, proved)
	}
}

func BenchmarkRefresh(b *testing.B) {
	r := newRefresher(b)
	m := new(sip.Message)
	ask, prove := r.prepared(b)
	r.step(m, prove, b)
	b.ReportAllocs()
	for b.Loop() {
		for _, msg := range [][]byte{ask, prove} {
			if err := sip.ParseInto(m, msg); err != nil {
				b.Fatal(err)
			}
			r.d.Serve(m, r.flow)
		}
	}
}
