package chansip

import (
	"crypto/md5"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// exchange is a recorded exchange: testdata/register.txt says how it is written.
type exchange struct {
	name, secret string
	lines        []recorded
}

// recorded is one message; want are its lines as obelus should say them.
type recorded struct {
	fromPhone bool
	phone     netip.AddrPort
	lines     []string
}

func readExchanges(t *testing.T, file string) []exchange {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []exchange
	for line := range strings.Lines(string(text)) {
		kind, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		if kind == "##" {
			out = append(out, exchange{name: rest})
		}
		if len(out) == 0 {
			continue
		}
		e := &out[len(out)-1]
		switch kind {
		case "secret":
			e.secret = rest
		case "from", "to":
			e.lines = append(e.lines, recorded{fromPhone: kind == "from", phone: netip.MustParseAddrPort(rest)})
		case ">", "<":
			m := &e.lines[len(e.lines)-1]
			m.lines = append(m.lines, rest)
		case "!":
			m := &e.lines[len(e.lines)-1]
			m.lines[len(m.lines)-1] = rest
		}
	}
	return out
}

// replay has the phones of an exchange say what they said, with proofs for our
// nonces, and compares what they are answered line by line.
func (h *house) replay(e exchange, phones map[netip.AddrPort]*phone) {
	h.t.Helper()
	nonces := make(map[string]string) // theirs to ours
	for i, m := range e.lines {
		p := phones[m.phone]
		if m.fromPhone {
			p.send(strings.Join(proved(m.lines, e.secret, nonces), "\n"))
			continue
		}
		got := p.hear(time.Second)
		if got == nil {
			h.t.Errorf("%s: message %d: no answer, want\n%s", e.name, i, strings.Join(m.lines, "\n"))
			return
		}
		have := strings.Split(strings.TrimRight(string(got.Bytes()), "\r\n"), "\r\n")
		for _, line := range m.lines {
			if n := nonceOf(line); n != "" {
				nonces[n] = nonceOf(got.Value(sip.HeaderWWWAuthenticate))
			}
		}
		if a, b := alike(have), alike(m.lines); a != b {
			h.t.Errorf("%s: message %d: got\n%s\nwant\n%s", e.name, i, a, b)
		}
	}
}

var nonceRE = regexp.MustCompile(`nonce="([^"]*)"`)

func nonceOf(line string) string {
	if m := nonceRE.FindStringSubmatch(line); m != nil {
		return m[1]
	}
	return ""
}

var responseRE = regexp.MustCompile(`response="[^"]*"`)

// proved makes a recorded request prove itself for our nonce instead of theirs.
// A nonce that was given in no answer stays.
func proved(lines []string, secret string, nonces map[string]string) []string {
	method, _, _ := strings.Cut(lines[0], " ")
	var out []string
	for _, line := range lines {
		if strings.HasPrefix(line, "Content-Length:") {
			continue // send adds it
		}
		if strings.HasPrefix(line, "Authorization:") {
			field := func(name string) string {
				return regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(line)[1]
			}
			nonce := field("nonce")
			if ours, ok := nonces[nonce]; ok {
				nonce = ours
			}
			password := secret
			if password == "" {
				password = field("username")
			}
			a1 := fmt.Sprintf("%x", md5.Sum([]byte(field("username")+":"+field("realm")+":"+password)))
			a2 := fmt.Sprintf("%x", md5.Sum([]byte(method+":"+field("uri"))))
			resp := fmt.Sprintf("%x", md5.Sum([]byte(a1+":"+nonce+":"+a2)))
			line = nonceRE.ReplaceAllString(line, `nonce="`+nonce+`"`)
			line = responseRE.ReplaceAllString(line, `response="`+resp+`"`)
		}
		out = append(out, line)
	}
	return out
}

// masks are what differs from one run to the next, and where obelus says of
// itself what it can do.
var masks = []struct {
	re *regexp.Regexp
	by string
}{
	{nonceRE, `nonce="N"`},
	{regexp.MustCompile(`;tag=as[0-9a-f]{8}`), ";tag=asT"},
	{regexp.MustCompile(`^Date: .{3}, \d\d .{3} \d{4} \d\d:\d\d:\d\d GMT$`), "Date: D"},
	{regexp.MustCompile(`^Server: .*`), "Server: S"},
	{regexp.MustCompile(`^(Allow: .*PUBLISH, MESSAGE)$`), "$1, UPDATE, PRACK"},
}

func alike(lines []string) string {
	var out []string
	for _, line := range lines {
		for _, m := range masks {
			line = m.re.ReplaceAllString(line, m.by)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// TestRegisterAsRecorded has obelus answer, header by header and in the same
// order, what the original answered.
func TestRegisterAsRecorded(t *testing.T) {
	inHouse(t, twoPhones, nil, func(h *house) {
		phones := h.recordedPhones(readExchanges(t, "testdata/register.txt"))
		for _, e := range readExchanges(t, "testdata/register.txt") {
			h.replay(e, phones)
		}
	})
}

// recordedPhones are all the phones of some exchanges.
func (h *house) recordedPhones(all []exchange) map[netip.AddrPort]*phone {
	hosts := map[string]string{"10.99.0.2": "1001", "10.99.0.3": "1002"}
	one := h.net.Host("phone 1001", netip.MustParseAddr("10.99.0.2"))
	two := h.net.Host("phone 1002", netip.MustParseAddr("10.99.0.3"))
	phones := make(map[netip.AddrPort]*phone)
	for _, e := range all {
		for _, m := range e.lines {
			if phones[m.phone] != nil {
				continue
			}
			host := one
			if m.phone.Addr() == two.Addr() {
				host = two
			}
			phones[m.phone] = h.phoneOn(host, hosts[m.phone.Addr().String()], m.phone)
		}
	}
	return phones
}
