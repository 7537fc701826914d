package transaction

import (
	"net/netip"
	"testing"

	"obelus/sip"
	"obelus/sip/transport"
)

func BenchmarkServerRegister(b *testing.B) { benchServer(b, sip.REGISTER) }

func BenchmarkServerInvite(b *testing.B) { benchServer(b, sip.INVITE) }

func benchServer(b *testing.B, method sip.Method) {
	serve := served(b, method)
	b.ReportAllocs()
	for b.Loop() {
		serve()
	}
}

// served returns a function that lives the whole life of a server transaction over
// UDP: the request is refused, comes again, is acknowledged, and forgotten.
func served(t testing.TB, method sip.Method) func() {
	nowhere := transport.FlowFunc(transport.UDP, here, there, func([]byte, netip.AddrPort) error { return nil })
	request, ack := parsed(t, asked(method, theirs)), parsed(t, acked(theirs))
	out := answerTo(request, 486, "ours")
	var tx *Server
	l := New(Config{Log: quiet(), Request: func(s *Server, _ *sip.Message, _ transport.Flow) {
		tx = s
		if err := s.Reply(486, out); err != nil {
			t.Error(err)
		}
	}})
	t.Cleanup(l.Close)
	return func() {
		l.Serve(request, nowhere)
		l.Serve(request, nowhere)
		if method == sip.INVITE {
			l.Serve(ack, nowhere)
		}
		tx.mu.Lock()
		tx.end()
		tx.mu.Unlock()
	}
}

func parsed(t testing.TB, text string) *sip.Message {
	t.Helper()
	m, err := sip.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A server transaction costs itself and the answer it keeps; what comes again costs
// nothing.
func TestServerAllocates(t *testing.T) {
	for _, method := range []sip.Method{sip.REGISTER, sip.INVITE} {
		if n := testing.AllocsPerRun(200, served(t, method)); n > 2 {
			t.Errorf("%s: %v allocations", method, n)
		}
	}
}

func BenchmarkClientInvite(b *testing.B) {
	nowhere := transport.FlowFunc(transport.TCP, here, there, func([]byte, netip.AddrPort) error { return nil })
	l := New(Config{Log: quiet()})
	defer l.Close()
	request := []byte(asked(sip.INVITE, ours))
	ringing, busy := parsed(b, answered(180, sip.INVITE, ours, "a")), parsed(b, answered(486, sip.INVITE, ours, "a"))
	b.ReportAllocs()
	for b.Loop() {
		l.Send(request, ours, sip.INVITE, nowhere, Timing{}, deaf{})
		l.Serve(ringing, nowhere)
		l.Serve(busy, nowhere)
	}
}
