package transaction

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
	"obelus/sip/transport"
)

var (
	here  = netip.MustParseAddrPort("192.0.2.1:5060")
	there = netip.MustParseAddrPort("192.0.2.2:5060")
)

// house is a layer whose one peer is the test: what it sends is noted with its
// time, what its user is told as a line of text.
type house struct {
	t     *testing.T
	layer *Layer
	start time.Time
	flow  transport.Flow

	mu      sync.Mutex
	sent    []packet
	told    []string
	servers []*Server
	broken  error // what sending fails with
	serve   func(tx *Server, m *sip.Message)
}

type packet struct {
	at   time.Duration
	text string
}

// inHouse runs a test in a bubble over one transport.
func inHouse(t *testing.T, carrier transport.Transport, test func(h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, carrier, 0)
		test(h)
		h.layer.Close()
	})
}

func newHouse(t *testing.T, carrier transport.Transport, most int) *house {
	h := &house{t: t, start: time.Now()}
	h.layer = New(Config{Log: quiet(), MaxServer: most, Request: h.request, Stray: h.stray})
	h.flow = h.from(carrier, there)
	return h
}

func (h *house) from(carrier transport.Transport, remote netip.AddrPort) transport.Flow {
	return transport.FlowFunc(carrier, here, remote, func(b []byte, _ netip.AddrPort) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.broken != nil {
			return h.broken
		}
		h.sent = append(h.sent, packet{time.Since(h.start), string(b)})
		return nil
	})
}

func (h *house) request(tx *Server, m *sip.Message, _ transport.Flow) {
	h.mu.Lock()
	h.told = append(h.told, string(m.Method()))
	if tx != nil {
		h.servers = append(h.servers, tx)
	}
	serve := h.serve
	h.mu.Unlock()
	if serve != nil {
		serve(tx, m)
	}
}

func (h *house) stray(m *sip.Message, _ transport.Flow) {
	h.note(fmt.Sprintf("stray %d", m.StatusCode()))
}

func (h *house) note(s string) {
	h.mu.Lock()
	h.told = append(h.told, s)
	h.mu.Unlock()
}

// Response and Failed make the house the sink of its own requests.
func (h *house) Response(_ *Client, m *sip.Message) {
	h.note(strings.TrimSpace(fmt.Sprintf("%d %s", m.StatusCode(), m.ToTag())))
}

func (h *house) Failed(_ *Client, err error) { h.note("failed: " + err.Error()) }

// hear gives the layer a message from the peer.
func (h *house) hear(text string) { h.hearOn(h.flow, text) }

func (h *house) hearOn(f transport.Flow, text string) {
	h.t.Helper()
	m, err := sip.Parse([]byte(text))
	if err != nil {
		h.t.Fatalf("%v in %q", err, text)
	}
	h.layer.Serve(m, f)
}

// send has the layer send a request, with timers of the RFC unless said otherwise.
func (h *house) send(method sip.Method, timing Timing) *Client {
	return h.layer.Send([]byte(asked(method, "z9hG4bKours")), "z9hG4bKours", method, h.flow, timing, h)
}

func (h *house) server() *Server {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.servers[len(h.servers)-1]
}

// reply has the last request answered.
func (h *house) reply(status int) {
	h.t.Helper()
	tx := h.server()
	if err := tx.Reply(status, answerTo(tx.Request(), status, "ours")); err != nil {
		h.t.Fatalf("answer %d: %v", status, err)
	}
}

// after lets time pass, and everything that is due happen.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// expectSent compares the first words of what was sent, and when, in seconds to
// the next tenth below; and forgets it.
func (h *house) expectSent(want ...string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	var got []string
	for _, p := range h.sent {
		got = append(got, fmt.Sprintf("%.1f %s", float64(p.at/(100*time.Millisecond))/10, firstWord(p.text)))
	}
	h.sent = nil
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		h.t.Errorf("sent\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// expectTold compares what the users were told; and forgets it.
func (h *house) expectTold(want ...string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if strings.Join(h.told, "\n") != strings.Join(want, "\n") {
		h.t.Errorf("told %q, want %q", h.told, want)
	}
	h.told = nil
}

// lastSent is the last thing sent.
func (h *house) lastSent() *sip.Message {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	m, err := sip.Parse([]byte(h.sent[len(h.sent)-1].text))
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// expectForgotten checks that nothing is left.
func (h *house) expectForgotten() {
	h.t.Helper()
	if n := h.layer.Serving(); n != 0 {
		h.t.Errorf("%d server transactions are left", n)
	}
	if n := h.layer.asking(); n != 0 {
		h.t.Errorf("%d client transactions are left", n)
	}
	if n := h.layer.wheel.Len(); n != 0 {
		h.t.Errorf("%d timers are left", n)
	}
}

// asking is how many client transactions live.
func (l *Layer) asking() (n int) {
	for i := range l.clients {
		l.clients[i].mu.Lock()
		n += len(l.clients[i].m)
		l.clients[i].mu.Unlock()
	}
	return n
}

// firstWord is the method of a request or the status of a response.
func firstWord(text string) string {
	if rest, ok := strings.CutPrefix(text, "SIP/2.0 "); ok {
		return rest[:3]
	}
	word, _, _ := strings.Cut(text, " ")
	return word
}

// asked is a request with a branch.
func asked(method sip.Method, branch string) string {
	return fmt.Sprintf("%s sip:1002@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=%s;rport\r\nRoute: <sip:192.0.2.9;lr>\r\nMax-Forwards: 70\r\n"+
		"From: <sip:1001@192.0.2.1>;tag=from\r\nTo: <sip:1002@192.0.2.2>\r\nCall-ID: call@192.0.2.1\r\nCSeq: 102 %s\r\nContent-Length: 0\r\n\r\n",
		method, branch, method)
}

// answered is a response to it.
func answered(status int, method sip.Method, branch, tag string) string {
	to := "<sip:1002@192.0.2.2>"
	if tag != "" {
		to += ";tag=" + tag
	}
	return fmt.Sprintf("SIP/2.0 %d Whatever\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=%s\r\n"+
		"From: <sip:1001@192.0.2.1>;tag=from\r\nTo: %s\r\nCall-ID: call@192.0.2.1\r\nCSeq: 102 %s\r\nContent-Length: 0\r\n\r\n",
		status, branch, to, method)
}

// acked is the ACK to a refused INVITE.
func acked(branch string) string {
	return strings.Replace(asked(sip.ACK, branch), "To: <sip:1002@192.0.2.2>", "To: <sip:1002@192.0.2.2>;tag=ours", 1)
}

func answerTo(m *sip.Message, status int, tag string) []byte {
	var b sip.Builder
	b.Response(m, status, "", sip.Return{}, tag)
	return b.End("", nil)
}

var errWire = errors.New("the wire is cut")
