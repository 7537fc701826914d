package phones

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"obelus/internal/selfsigned"
)

// tlsPort of a server, counted as its other ports.
const tlsPort = 6

// startSecure starts a server that has TLS, and accounts that insist on SRTP or do
// not; it returns how phones find it by TLS, and the file of whom they believe.
func startSecure(t *testing.T, binary string, linphone, baresip bool) (s *Server, byTLS *Server, ca string) {
	t.Helper()
	addr := loopback(LeasePorts(t) + sipPort)
	at := netip.MustParseAddrPort(addr)
	tls := netip.AddrPortFrom(at.Addr(), at.Port()+tlsPort).String()
	files := serverConfig(t, addr)
	files["sip.conf"] = strings.Replace(files["sip.conf"], "[general]\n", fmt.Sprintf("[general]\ntlsenable=yes\ntlsbindaddr=%s\ntlscertfile=own.pem\n", tls), 1)
	for user, yes := range map[string]bool{"1001": linphone, "1002": baresip} {
		if yes {
			files["sip.conf"] = strings.Replace(files["sip.conf"], "["+user+"]\n", "["+user+"]\nencryption=yes\n", 1)
		}
	}
	// mbedTLS, which linphonec uses, knows an address as a name only.
	house := selfsigned.NewAuthority(t)
	files["own.pem"] = string(house.Issue(t, "127.0.0.1", "DNS=127.0.0.1"))
	s = StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
	other := *s
	other.addr = tls
	return s, &other, selfsigned.File(t, t.TempDir(), "ca.pem", house.PEM)
}

// carried says how the sound of the calls goes that there are, as the console shows
// it.
func carried(s *Server) string {
	s.t.Helper()
	var out []string
	for line := range strings.Lines(s.ask("sip show channels")) {
		f := strings.Fields(line)
		if len(f) < 3 || !strings.HasPrefix(f[0], "127.") {
			continue
		}
		_, rest, _ := strings.Cut(s.ask("sip show channel "+f[2]), "Media:")
		media, _, _ := strings.Cut(rest, "\n")
		out = append(out, f[1]+" "+strings.TrimSpace(media))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// TestSecure has two real phones call each other where one or both of them speak TLS
// and SRTP.
func TestSecure(t *testing.T) {
	binary := BuildServer(t)
	const plain, short, long = "RTP", "SRTP, AES_CM_128_HMAC_SHA1_80", "SRTP, AES_256_CM_HMAC_SHA1_80"
	for _, c := range []struct {
		name                      string
		linphoneTLS, linphoneSRTP bool
		baresipTLS, baresipSRTP   bool
		there, back               string // how sound goes when linphonec calls, and when baresip does
	}{
		{"both", true, true, true, true, "1001 " + long + ", 1002 " + short, "1001 " + short + ", 1002 " + short},
		{"linphonec alone", true, true, false, false, "1001 " + long + ", 1002 " + plain, "1001 " + short + ", 1002 " + plain},
		{"baresip alone", false, false, true, true, "1001 " + plain + ", 1002 " + short, "1001 " + plain + ", 1002 " + short},
		{"TLS there, SRTP here", true, false, false, true, "1001 " + plain + ", 1002 " + short, "1001 " + plain + ", 1002 " + short},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, byTLS, ca := startSecure(t, binary, c.linphoneSRTP, c.baresipSRTP)
			a, b := setups(t, s, false)
			a.SRTP, b.SRTP = c.linphoneSRTP, c.baresipSRTP
			if c.linphoneTLS {
				a.TLS, a.CA, a.Server, a.Friend = true, ca, byTLS.Host(), "sip:1002@"+byTLS.Host()
			}
			if c.baresipTLS {
				b.TLS, b.CA, b.Server, b.Friend = true, ca, byTLS.Host(), "sip:1001@"+byTLS.Host()
			}
			linphone := Line{StartLinphone(t, a), a.User, b.Friend, a.Tone}
			baresip := Line{StartBaresip(t, b), b.User, a.Friend, b.Tone}
			linphone.WaitRegistered()
			baresip.WaitRegistered()
			for _, call := range []struct {
				caller, callee Line
				want           string
			}{{linphone, baresip, c.there}, {baresip, linphone, c.back}} {
				Connect(call.caller, call.callee)
				HearEachOther(call.caller, call.callee)
				if got := carried(s); got != call.want {
					t.Errorf("sound goes %s, want %s", got, call.want)
				}
				Part(call.caller, call.callee)
			}
			PlayText(t, linphone, baresip)
			if c.linphoneSRTP && c.baresipSRTP {
				playHold(t, linphone, baresip)
			}
		})
	}
}
