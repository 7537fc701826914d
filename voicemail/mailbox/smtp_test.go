package mailbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"obelus/internal/selfsigned"
)

// TestSMTP gives a mail to a server of the test.
func TestSMTP(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	heard := make(chan string, 1)
	go func() {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		fmt.Fprint(c, "220 test\r\n")
		heard <- serveMail(c, false, nil)
	}()
	s := SMTP{Host: ln.Addr().String(), User: "u", Password: "p", Hello: "pbx.example"}
	m := &Mail{From: "a@pbx.example", To: []string{"b@example.org"}, Text: []byte("Subject: x\n\nline\n.\nend\n")}
	if err := (&SMTP{Host: "127.0.0.1"}).Send(t.Context(), m); err == nil {
		t.Error("it has no port")
	}
	s.TLS = Plain
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := <-heard
	for _, want := range []string{"EHLO pbx.example\n", "AUTH PLAIN AHUAcA==\n", "MAIL FROM:<a@pbx.example>", "RCPT TO:<b@example.org>\n", "\nline\n..\nend\n.\nQUIT\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

// TestMailcmd gives a mail to a program of the system.
func TestMailcmd(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // mailcmd is a line for the shell, which is another one there
	}
	to := filepath.Join(t.TempDir(), "mail")
	o := open(t, "[general]\nmailcmd=cat > "+to+"\n[default]\n100 => 1,Ann,ann@example.org\n")
	o.c.Run = shell
	o.leave("100", "200", 1)
	o.settle()
	if text, err := os.ReadFile(to); err != nil || !strings.Contains(string(text), "\nTo: \"Ann\" <ann@example.org>\n") || strings.Contains(string(text), "\r") {
		t.Errorf("%s %v", text, err)
	}
	_, err := shell(context.Background(), Command{Line: "echo no such >&2; false"})
	if err == nil || !strings.Contains(err.Error(), "no such") {
		t.Error(err)
	}
}

// TestReload: another voicemail.conf has other mailboxes, and passwords of the spool stay.
func TestReload(t *testing.T) {
	o := open(t, "[general]\npasswordlocation=spooldir\n[default]\n100 => 1,Ann\n")
	if err := o.ChangePassword(context.Background(), o.Find("100"), "77"); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(o.Dir("default", "101"), "INBOX")
	if err := errors.Join(os.MkdirAll(dir, 0o770), os.WriteFile(base(dir, 0)+".txt", []byte(original), 0o660)); err != nil {
		t.Fatal(err)
	}
	s, _ := read(t, "[general]\npasswordlocation=spooldir\n[default]\n100 => 1,Ann\n101 => 2,Bob\n")
	o.Load(s)
	if c, ok := o.Counts("101"); !ok || c.New != 1 || o.Secret(o.Find("100")) != "77" || o.Secret(o.Find("101")) != "2" {
		t.Error(c, ok, o.Secret(o.Find("100")))
	}
}

// TestSMTPEncrypted: a password goes out under TLS only.
func TestSMTPEncrypted(t *testing.T) {
	ca := selfsigned.NewAuthority(t)
	pair := ca.Issue(t, "127.0.0.1")
	cert, err := tls.X509KeyPair(pair, pair)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM)
	for name, c := range map[string]struct {
		offers bool
		tls    TLS
		fails  string
	}{
		"asked for":   {true, StartTLS, ""},
		"not offered": {false, StartTLS, "it offers no TLS"},
		"at once":     {false, Immediate, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			heard := make(chan string, 1)
			go func() {
				conn, err := ln.Accept()
				if err != nil {
					return
				}
				defer conn.Close()
				set := &tls.Config{Certificates: []tls.Certificate{cert}}
				if c.tls == Immediate {
					conn = tls.Server(conn, set)
				}
				fmt.Fprint(conn, "220 test\r\n")
				heard <- serveMail(conn, c.offers, set)
			}()
			s := SMTP{Host: ln.Addr().String(), User: "u", Password: "p", TLS: c.tls, Roots: &tls.Config{RootCAs: roots}}
			err = s.Send(t.Context(), &Mail{From: "a@b", To: []string{"c@d"}, Text: []byte("x\n")})
			if c.fails == "" && err != nil || c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)) {
				t.Fatal(err)
			}
			if got := <-heard; strings.Contains(got, "AUTH") != (c.fails == "") {
				t.Error(got)
			}
		})
	}
}

// serveMail is a mail server, and returns what it was told.
func serveMail(conn net.Conn, offers bool, set *tls.Config) string {
	var all strings.Builder
	in := bufio.NewReader(conn)
	for data := false; ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return all.String()
		}
		line = strings.TrimSpace(line)
		all.WriteString(line + "\n")
		switch {
		case data && line != ".":
		case strings.HasPrefix(line, "EHLO") && offers:
			fmt.Fprint(conn, "250-test\r\n250 STARTTLS\r\n")
		case strings.HasPrefix(line, "EHLO"):
			fmt.Fprint(conn, "250-test\r\n250 AUTH PLAIN\r\n")
		case line == "STARTTLS":
			fmt.Fprint(conn, "220 go on\r\n")
			conn, offers = tls.Server(conn, set), false
			in = bufio.NewReader(conn)
		case line == "DATA":
			data = true
			fmt.Fprint(conn, "354 go on\r\n")
		case line == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return all.String()
		case strings.HasPrefix(line, "AUTH"):
			fmt.Fprint(conn, "235 fine\r\n")
		default:
			data = false
			fmt.Fprint(conn, "250 fine\r\n")
		}
	}
}
