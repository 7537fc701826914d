package settings

import (
	"net"
	"strings"

	"obelus/conf"
	"obelus/voicemail/mailbox"
)

// mailOptions are the options of [mail] in obelus.conf: a mail server, for machines without the program that voicemail.conf names by mailcmd=.
func mailOptions() map[string]ownOption {
	return map[string]ownOption{
		"smtp": func(c *Own, v string) error {
			if v = strings.TrimSpace(v); !strings.Contains(v, ":") || strings.HasSuffix(v, "]") {
				v = net.JoinHostPort(strings.Trim(v, "[]"), "587")
			}
			if host, port, err := net.SplitHostPort(v); err != nil || host == "" || port == "" {
				return wrong{"smtp=" + v + " is not of the form host:port", "mails go out by mailcmd of voicemail.conf"}
			}
			c.Mail.Host = v
			return nil
		},
		"user":     func(c *Own, v string) error { c.Mail.User = v; return nil },
		"password": func(c *Own, v string) error { c.Mail.Password = v; return nil },
		"tls": func(c *Own, v string) error {
			switch {
			case strings.EqualFold(v, "starttls"):
				c.Mail.TLS = mailbox.StartTLS
			case conf.True(v):
				c.Mail.TLS = mailbox.Immediate
			case conf.False(v):
				c.Mail.TLS = mailbox.Plain
			default:
				return wrong{"tls=" + v + " is none of starttls, yes and no", "starttls"}
			}
			return nil
		},
	}
}
