package transport

import (
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
)

var toTag = regexp.MustCompile(`\r\nTo: [^\r]*;tag=(as[0-9a-f]{8})\r\n`)

// RFC 3261 section 8.2.7: an answer without state has the same tag each time the request comes, and each request its own.
func TestStatelessTag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, phone, server := inMemoryUDP(t, Options{Handler: echoer{}})
		var tags []string
		for _, callID := range []string{"one", "one", "two"} {
			write(t, phone, server, strings.Replace(request(callID, 1), "1 OPTIONS", "1 INVITE", 1))
			got := toTag.FindStringSubmatch(read(t, phone))
			if got == nil {
				t.Fatal("an answer without a tag")
			}
			tags = append(tags, got[1])
		}
		if tags[0] != tags[1] || tags[0] == tags[2] {
			t.Errorf("tags %v", tags)
		}
		l.Close()
		phone.Close()
	})
}

// What the original answered and dropped of garbage (probes of the real one), and what was read before a defect.
func TestGarbage(t *testing.T) {
	start, headers, _ := strings.Cut(options, "\r\n")
	without := func(name string) string {
		var keep []string
		for _, line := range strings.Split(headers, "\r\n") {
			if !strings.HasPrefix(line, name+":") {
				keep = append(keep, line)
			}
		}
		return start + "\r\n" + strings.Join(keep, "\r\n")
	}
	end := strings.TrimSuffix(options, "\r\n")
	for _, c := range []struct{ name, text, want string }{
		{"blank lines", "\r\n\r\n", ""},
		{"a greeting", "hello world\r\n\r\n", ""},
		{"no headers", "INVITE sip:x SIP/2.0\r\n\r\n", ""},
		{"no headers, another version", "OPTIONS sip:10.99.0.1 SIP/3.0\r\n\r\n", ""},
		{"no Via", without("Via"), ""},
		{"no From", without("From"), ""},
		{"no To", without("To"), ""},
		{"no CSeq", without("CSeq"), ""},
		{"an empty Via", strings.Replace(options, "Via: SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bK1;rport", "Via:", 1), ""},
		{"a bad Via", strings.Replace(options, "SIP/2.0/UDP 127", "nonsense 127", 1), "400"},
		{"a bad From", strings.Replace(options, "<sip:a@b>;tag=1", "<<>>", 1), "400"},
		{"LF alone ends lines", strings.ReplaceAll(options, "\r\n", "\n"), "200"},
		{"a bare CR after all headers", end + "X: a\rb\r\n\r\n", "400"},
		{"a bare CR before them", start + "\r\nX: a\rb\r\n" + headers, ""},
		{"a line too long", end + "X: " + strings.Repeat("x", sip.MaxLine) + "\r\n\r\n", "400"},
		{"too many headers", end + strings.Repeat("X: y\r\n", sip.MaxHeaders) + "\r\n", "400"},
	} {
		synctest.Test(t, func(t *testing.T) {
			l, phone, server := inMemoryUDP(t, Options{Handler: echoer{}})
			write(t, phone, server, c.text)
			got := read(t, phone)
			if len(got) > 11 {
				got = got[8:11]
			}
			if got != c.want {
				t.Errorf("%s: answered %q, want %q", c.name, got, c.want)
			}
			write(t, phone, server, options)
			if got := read(t, phone); !strings.HasPrefix(got, "SIP/2.0 200") {
				t.Errorf("after %s: %q", c.name, got)
			}
			l.Close()
			phone.Close()
		})
	}
}

// Security class 3: a stream whose next message could be cut in two ways ends; what hides in a body is never served.
func TestSmuggling(t *testing.T) {
	hidden := overTCP(request("hidden", 1))
	for _, c := range []struct {
		name, length string
		ends         bool
	}{
		{"two that differ", "Content-Length: 0\r\nContent-Length: 500", true},
		{"two the same", "Content-Length: 0\r\nContent-Length: 0", true},
		{"the short form too", "l: 0\r\nContent-Length: 500", true},
		{"white space before the colon", "Content-Length : 0\r\nContent-Length: 500", true},
		{"negative", "Content-Length: -1", true},
		{"signed", "Content-Length: +0", true},
		{"a list", "Content-Length: 0, 500", true},
		{"hexadecimal", "Content-Length: 0x0", true},
		{"past 64 bits", "Content-Length: 18446744073709551616", true},
		{"past 32 bits", "Content-Length: 4294967296", true},
		{"none", "X-Nothing: 0", true},
		{"empty", "Content-Length:", true},
		{"the whole", "Content-Length: " + strconv.Itoa(len(hidden)), false},
		{"the whole, folded", "Content-Length:\r\n " + strconv.Itoa(len(hidden)), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			var served []string
			l, dial := inMemory(t, Options{Handler: listener(func(m *sip.Message, _ Flow) { served = append(served, m.CallID()) }), Workers: 1})
			conn := dial()
			go io.Copy(io.Discard, conn)
			if _, err := io.WriteString(conn, strings.Replace(overTCP(options), "Content-Length: 0", c.length, 1)+hidden); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			want := "c1"
			if c.ends {
				want = ""
			}
			if got := strings.Join(served, " "); got != want {
				t.Errorf("%s: served %q, want %q", c.name, got, want)
			}
			if ended := l.Counters().Connections == 0; ended != c.ends {
				t.Errorf("%s: the connection ended: %v", c.name, ended)
			}
			conn.Close()
			l.Close()
		})
	}
}

// Security class 26: headers that never end cost their connection, at the size that the parser takes at most.
func TestHugeHeader(t *testing.T) {
	for name, line := range map[string]string{"one long line": strings.Repeat("x", 200<<10), "many lines": strings.Repeat("X: y\r\n", 40<<10)} {
		synctest.Test(t, func(t *testing.T) {
			l, dial := inMemory(t, Options{Handler: echoer{}, MaxMessage: 1 << 20})
			c := dial()
			one := onlyStream(t, l)
			l.Authenticated(one.flow)
			go io.WriteString(c, strings.TrimSuffix(overTCP(options), "\r\n")+line)
			if got := hear(t, c); !strings.HasPrefix(got, "SIP/2.0 400") {
				t.Errorf("%s: %q", name, got)
			}
			synctest.Wait()
			if one.alive() || l.Counters().Malformed != 1 {
				t.Errorf("%s: %+v", name, l.Counters())
			}
			c.Close()
			l.Close()
		})
	}
}

// The end of a connection is told once, and by nobody's call of Send: the sender may hold what the listener waits for.
func TestClosedIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := make(chan Flow)
		l, dial := inMemory(t, Options{Handler: echoer{}, Closed: func(f Flow) { told <- f }})
		c := dial()
		f := onlyStream(t, l).flow
		big := make([]byte, writeBytes/4)
		for f.Send(big) == nil { // returns though nobody listens to what is told
			synctest.Wait()
		}
		if got := <-told; got != f || got.Alive() {
			t.Errorf("told of %v, want %v", got, f)
		}
		select {
		case <-told:
			t.Error("told twice")
		case <-time.After(time.Minute):
		}
		c.Close()
		l.Close()
	})
}

func TestServeAfterClose(t *testing.T) {
	l := New(Options{Handler: echoer{}, Log: quiet()})
	l.Close()
	socks, err := Sockets{Address: "127.0.0.1:0"}.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.ServeUDP(socks[0])
	l.ServeTCP(ln, TCP)
	if _, err := ln.Accept(); err == nil {
		t.Error("a listener of a closed layer is open")
	}
	if _, err := socks[0].WriteTo([]byte("x"), ln.Addr()); err == nil {
		t.Error("a socket of a closed layer is open")
	}
}
