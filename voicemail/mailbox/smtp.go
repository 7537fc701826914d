package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"time"
)

// SMTP is a server that takes mails, for machines without a sendmail.
type SMTP struct {
	Host     string // with its port
	User     string // "": none is wanted
	Password string
	TLS      TLS
	Hello    string // our name
	Roots    *tls.Config
}

// TLS says when a connection is encrypted.
type TLS uint8

// The ways to TLS.
const (
	StartTLS  TLS = iota // the server is asked to, and a password goes out under it only
	Immediate            // from the first byte (port 465)
	Plain                // never
)

// smtpTime bounds what one mail may take.
const smtpTime = time.Minute

// Send gives a mail to the server.
func (s *SMTP) Send(ctx context.Context, m *Mail) error {
	ctx, cancel := context.WithTimeout(ctx, smtpTime)
	defer cancel()
	c, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("mail by %s: %w", s.Host, err)
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if err := s.talk(c, m); err != nil {
		return fmt.Errorf("mail by %s: %w", s.Host, err)
	}
	return nil
}

func (s *SMTP) dial(ctx context.Context) (*smtp.Client, error) {
	host, _, err := net.SplitHostPort(s.Host)
	if err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Host)
	if err != nil {
		return nil, err
	}
	if end, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(end); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	if s.TLS == Immediate {
		conn = tls.Client(conn, s.tls(host))
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

func (s *SMTP) tls(host string) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Roots != nil {
		c = s.Roots.Clone()
	}
	c.ServerName = host
	return c
}

func (s *SMTP) talk(c *smtp.Client, m *Mail) error {
	host, _, _ := net.SplitHostPort(s.Host)
	if s.Hello != "" {
		if err := c.Hello(s.Hello); err != nil {
			return err
		}
	}
	if s.TLS == StartTLS {
		if ok, _ := c.Extension("STARTTLS"); ok {
			if err := c.StartTLS(s.tls(host)); err != nil {
				return err
			}
		} else if s.User != "" {
			return errors.New("it offers no TLS, and no password goes out without: [mail] tls=no allows that")
		}
	}
	if s.User != "" {
		if err := c.Auth(login{s.User, s.Password}); err != nil {
			return err
		}
	}
	if err := c.Mail(m.From); err != nil {
		return err
	}
	for _, to := range m.To {
		if err := c.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	_, err = w.Write(m.Text)
	if err := errors.Join(err, w.Close()); err != nil {
		return err
	}
	return c.Quit()
}

// login proves who we are (RFC 4616). Whether that may be done without TLS is decided before.
type login struct{ user, password string }

// Start implements smtp.Auth.
func (l login) Start(*smtp.ServerInfo) (string, []byte, error) {
	return "PLAIN", []byte("\x00" + l.user + "\x00" + l.password), nil
}

// Next implements smtp.Auth.
func (login) Next(_ []byte, more bool) ([]byte, error) {
	if more {
		return nil, errors.New("the server asks for more than a name and a password")
	}
	return nil, nil
}
