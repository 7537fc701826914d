package scenario

import (
	"crypto/md5"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"
)

// exchange is a recorded exchange: testdata/probes.txt says how it is written.
type exchange struct {
	name, secret string
	lines        []recorded
}

// recorded is one message: its lines as obelus should say them, and its body.
type recorded struct {
	fromPhone bool
	phone     netip.AddrPort
	lines     []string
	body      []string
}

func (m *recorded) text() string { return strings.Join(m.body, "\r\n") }

func readExchanges(t *testing.T, file string) []exchange {
	t.Helper()
	var out []exchange
	for line := range strings.Lines(readFile(t, file)) {
		kind, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		switch {
		case kind == "##":
			out = append(out, exchange{name: rest})
		case len(out) > 0:
			out[len(out)-1].read(kind, rest)
		}
	}
	return out
}

func (e *exchange) read(kind, rest string) {
	switch kind {
	case "secret":
		e.secret = rest
		return
	case "from", "to":
		e.lines = append(e.lines, recorded{fromPhone: kind == "from", phone: netip.MustParseAddrPort(rest)})
		return
	case "-":
		e.lines = e.lines[:len(e.lines)-1]
		return
	}
	if len(e.lines) == 0 {
		return
	}
	m := &e.lines[len(e.lines)-1]
	switch kind {
	case ">", "<":
		m.lines = append(m.lines, rest)
	case "|":
		m.body = append(m.body, rest)
	case "!":
		if m.lines = m.lines[:len(m.lines)-1]; rest != "" {
			m.lines = append(m.lines, rest)
		}
	}
}

// replay has a phone say what it said, with our nonces, tags and branches where
// the record has the original's, and compares what it is answered line by line.
func (h *house) replay(e exchange) {
	h.t.Helper()
	ours := make(map[string]string)
	host := h.net.Host("phone", e.lines[0].phone.Addr())
	p := h.phoneOn(host, "1001", e.lines[0].phone)
	for i, m := range e.lines {
		if m.fromPhone {
			p.send(proved(m.lines, e.secret, ours), m.text())
			continue
		}
		got := p.hear(5 * time.Second)
		if got == nil {
			h.t.Fatalf("message %d: no answer, want\n%s", i, strings.Join(m.lines, "\n"))
		}
		head, body, _ := strings.Cut(string(got.Bytes()), "\r\n\r\n")
		have := strings.Split(head, "\r\n")
		learn(ours, have, m.lines)
		if a, b := alike(have), alike(m.lines); a != b {
			h.t.Errorf("message %d: got\n%s\nwant\n%s", i, a, b)
		}
		if body != m.text() {
			h.t.Errorf("message %d: got the body\n%q\nwant\n%q", i, body, m.text())
		}
	}
	p.silent(5 * time.Second)
}

var ownRE = []*regexp.Regexp{
	regexp.MustCompile(`nonce="([^"]*)"`), regexp.MustCompile(`;tag=(as[^;>]*)`), regexp.MustCompile(`;branch=(z9hG4bK[^;]*)`),
}

// learn notes what the server calls its own in each version of a message.
func learn(ours map[string]string, have, want []string) {
	for i := range min(len(have), len(want)) {
		for _, re := range ownRE {
			a, b := re.FindStringSubmatch(have[i]), re.FindStringSubmatch(want[i])
			if a != nil && b != nil {
				ours[b[1]] = a[1]
			}
		}
	}
}

var responseRE = regexp.MustCompile(`response="[^"]*"`)

// proved is a recorded message with what is ours instead of the original's, and
// the proof that goes with it.
func proved(lines []string, secret string, ours map[string]string) string {
	text := strings.Join(lines, "\n")
	for theirs, our := range ours {
		text = strings.ReplaceAll(text, theirs, our)
	}
	method, _, _ := strings.Cut(lines[0], " ")
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "Authorization:") {
			field := func(name string) string {
				return regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(line)[1]
			}
			a1 := hash(field("username"), field("realm"), secret)
			line = responseRE.ReplaceAllString(line, `response="`+hash(a1, field("nonce"), hash(method, field("uri")))+`"`)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func hash(parts ...string) string {
	return fmt.Sprintf("%x", md5.Sum([]byte(strings.Join(parts, ":"))))
}

// masks are what differs from one run to the next, and where obelus says of
// itself what it can do.
var masks = []struct {
	re *regexp.Regexp
	by string
}{
	{regexp.MustCompile(`nonce="([^"]*)"`), `nonce="N"`},
	{regexp.MustCompile(`;tag=as[0-9a-f]{8}`), ";tag=asT"},
	{regexp.MustCompile(`^(Via: SIP/2.0/UDP 10.99.0.1:5060;branch=z9hG4bK)[^;]*`), "${1}B"},
	{regexp.MustCompile(`^Call-ID: [0-9a-f]{32}@.*`), "Call-ID: C"},
	{regexp.MustCompile(`^Date: .{3}, \d\d .{3} \d{4} \d\d:\d\d:\d\d GMT$`), "Date: D"},
	{regexp.MustCompile(`^(Server|User-Agent): .*`), "$1: S"},
	{regexp.MustCompile(`^(Allow: .*PUBLISH, MESSAGE)$`), "$1, UPDATE, PRACK"},
	{regexp.MustCompile(`^Content-Length: .*`), ""},
}

func alike(lines []string) string {
	var out []string
	for _, line := range lines {
		for _, m := range masks {
			line = m.re.ReplaceAllString(line, m.by)
		}
		if line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// TestProbesAsRecorded has obelus answer on the seed's files, header by header and
// in the same order, what the original answered; where it does not, the record
// says so and why.
func TestProbesAsRecorded(t *testing.T) {
	all := readExchanges(t, "testdata/probes.txt")
	if len(all) != 41 {
		t.Fatalf("%d exchanges", len(all))
	}
	for _, e := range all {
		t.Run(e.name, func(t *testing.T) {
			inHouse(t, seed(t), func(h *house) {
				h.replay(e)
				h.quiet()
			})
		})
	}
}

// TestGarbage says what is answered to what is hardly SIP, and what the original
// answered.
func TestGarbage(t *testing.T) {
	const (
		via    = "Via: SIP/2.0/UDP 10.99.0.2:5070;branch=z9hG4bKg;rport\r\n"
		from   = "From: <sip:1001@10.99.0.1>;tag=1\r\n"
		to     = "To: <sip:10.99.0.1>\r\n"
		callID = "Call-ID: garbage@phone\r\n"
		cseq   = "CSeq: 1 OPTIONS\r\n"
		end    = "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
		ask    = "OPTIONS sip:10.99.0.1 SIP/2.0\r\n"
	)
	for name, c := range map[string]struct {
		sent           string
		theirs, answer int // 0: none
		why            string
	}{
		"nothing":       {"\r\n\r\n", 0, 0, ""},
		"no SIP":        {"hello world\r\n\r\n", 0, 0, ""},
		"no headers":    {"INVITE sip:x SIP/2.0\r\n\r\n", 0, 0, ""},
		"another SIP":   {"OPTIONS sip:10.99.0.1 SIP/3.0\r\n" + via + from + to + callID + cseq + end, 0, 505, "RFC 3261 section 21.5.6"},
		"no Call-ID":    {ask + via + from + to + cseq + end, 400, 0, "nobody could tell what the answer belongs to"},
		"wrong CSeq":    {ask + via + from + to + callID + "CSeq: 1 INVITE\r\n" + end, 404, 400, "RFC 3261 section 8.1.1.5"},
		"no number":     {ask + via + from + to + callID + "CSeq: abc OPTIONS\r\n" + end, 400, 400, ""},
		"no Via":        {ask + from + to + callID + cseq + end, 0, 0, ""},
		"bare newlines": {strings.ReplaceAll(ask+via+from+to+callID+cseq+end, "\r\n", "\n"), 404, 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.theirs != c.answer && c.why == "" {
				t.Error("differs from the original without a reason")
			}
			inHouse(t, seed(t), func(h *house) {
				p := h.phone("1001", addrOne)
				p.sendRaw([]byte(c.sent))
				status := 0
				if m := p.hear(time.Second); m != nil {
					status = m.StatusCode()
				}
				if status != c.answer {
					t.Errorf("answered %d, want %d", status, c.answer)
				}
			})
		})
	}
}
