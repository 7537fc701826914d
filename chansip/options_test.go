package chansip

import (
	"strings"
	"testing"

	"obelus/sip"
)

// TestOptions has strangers and accounts answered as the original does.
func TestOptions(t *testing.T) {
	const conf = "[general]\ncontext=public\n[1001]\ntype=friend\nsecret=1001\nhost=dynamic\ncontext=my\n"
	for _, c := range []struct {
		name, conf, uri, to string
		want                int
		accept              string
	}{
		{"nobody", conf, "sip:10.99.0.1", "", 404, "application/sdp"},
		{"of the account alone", conf, "sip:1002@10.99.0.1", "", 404, "application/sdp"},
		{"of everybody", strings.Replace(conf, "public", "my", 1), "sip:1002@10.99.0.1", "", 200, "application/sdp"},
		{"proved", "[general]\nauth_options_requests=yes\n" + conf, "sip:1002@10.99.0.1", "", 200, "application/sdp"},
		{"of no call", conf, "sip:1002@10.99.0.1", "To: <sip:x@y>;tag=none", 481, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inHouse(t, c.conf, nil, func(h *house) {
				p := h.phone("1001", phoneOne)
				var headers []string
				if c.to != "" {
					headers = append(headers, c.to)
				}
				m := p.request(sip.OPTIONS, c.uri, "1001", headers...)
				if m.StatusCode() != c.want || m.Value(sip.HeaderAccept) != c.accept {
					t.Errorf("answered\n%s", m.Bytes())
				}
			})
		})
	}
}
