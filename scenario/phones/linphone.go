package phones

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/scenario/netns"
)

// Linphone is a linphonec process, driven by the lines that a person would
// type. Its ways without a screen or a sound card (linphonec 5.1 of Debian 12):
//
//   - "soundcard use files" takes the place of a sound card; "play FILE" is
//     what it says into a call and "record FILE" what it hears. Both are typed
//     before the call. The first also is its music on hold.
//   - HOME must have .local/share/linphone, or it keeps no database and with
//     it no chat.
//   - use_ipv6=0 and bind_address keep it on one address, such as loopback; with guess_hostname=1
//     it would call itself by the address of another interface.
//   - "chat URI TEXT" drops the port of the URI, so that a message goes to
//     port 5060 of the host unless a proxy with a route says otherwise. Quotes
//     around the text would be sent.
//   - An account in the configuration (proxy_0, auth_info_0) registers at
//     start; the command "register" would make one without a route. Whether it
//     has registered is told only when asked: "status register".
type Linphone struct {
	*process
	setup  Setup
	friend string
	record string
	rate   int // of the record, which it writes there when it stops
	seen   int // what was said before has been dealt with
}

var _ Phone = (*Linphone)(nil)

// StartLinphone starts the phone and returns when it takes commands.
func StartLinphone(t testing.TB, s Setup) *Linphone {
	t.Helper()
	dir, play := home(t, s)
	port := s.Ports
	if err := os.MkdirAll(filepath.Join(dir, ".local/share/linphone"), 0o700); err != nil {
		t.Fatalf("make a phone's home: %v", err)
	}
	rc := filepath.Join(dir, "linphonerc")
	write(t, rc, linphonerc(s, port))
	cmd := netns.Command(s.Netns, "linphonec", "-c", rc)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_DATA_HOME=", "XDG_CONFIG_HOME=", "LC_ALL=C.UTF-8")
	l := &Linphone{
		process: start(t, "linphonec "+s.User, cmd, func(p *process) { _, _ = fmt.Fprintln(p.stdin, "quit") }),
		setup:   s,
		friend:  s.Friend,
		record:  filepath.Join(dir, "record.wav"),
		rate:    playRate,
	}
	if slices.Contains(s.Codecs, "opus") {
		l.rate = 6 * playRate
	}
	l.say("soundcard use files")
	l.say("play %s", play)
	l.say("record %s", l.record)
	l.say("ports")
	l.expect(0, fmt.Sprintf("sip port = %d", port+sipPort))
	return l
}

// linphonerc is the phone's configuration. Without a server, the friend takes
// its place as the proxy through which messages go.
func linphonerc(s Setup, port int) string {
	proxy, register := s.server(""), 1
	if s.Server == "" {
		_, host, _ := strings.Cut(s.Friend, "@")
		proxy, register = "sip:"+host, 0
	}
	encryption, mandatory, tlsPort, verify := "none", 0, 0, 0 // no port at all
	if s.TLS {
		tlsPort = -1 // some port
	}
	if s.CA != "" {
		verify = 1
	}
	if s.SRTP {
		encryption, mandatory = "srtp", 1
	}
	return fmt.Sprintf(`[sip]
sip_port=%[1]d
sip_tcp_port=%[1]d
sip_tls_port=%[14]d
use_ipv6=0
bind_address=%[8]s
guess_hostname=0
contact=sip:%[4]s@%[8]s
default_proxy=0
media_encryption=%[11]s
media_encryption_mandatory=%[12]d
srtp_crypto_suites=AES_256_CM_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_80
verify_server_certs=%[15]d
verify_server_cn=%[15]d
root_ca=%[13]s

[rtp]
audio_rtp_port=%[2]d-%[3]d
bind_address=%[8]s

[video]
capture=0
display=0
automatically_initiate=0
automatically_accept=0

[proxy_0]
reg_proxy=<%[6]s>
reg_route=<%[6]s;lr>
reg_identity=sip:%[4]s@%[9]s
reg_expires=300
reg_sendregister=%[7]d
publish=0

[auth_info_0]
username=%[4]s
passwd=%[5]s
%[10]s`, port+sipPort, port+rtpPort, port+rtpLast, s.User, s.Password, proxy, register, s.host(), s.domain(), linphoneNAT(s), encryption, mandatory, s.CA, tlsPort, verify)
}

// linphoneNAT has the phone ask a STUN server where it is, by which it offers
// candidates of ICE. Without ICE linphonec 5.1 asks nobody: the socket that it
// would ask by is to have the port that its sound has already, and it says "Bind
// socket to 0.0.0.0 failed" to nobody but its log.
func linphoneNAT(s Setup) string {
	if s.STUN == "" {
		return ""
	}
	return fmt.Sprintf(`
[net]
nat_policy_ref=stun

[nat_policy_0]
ref=stun
stun_server=%s
protocols=stun,ice
`, s.STUN)
}

// await waits for the next thing that the phone says, in order.
func (l *Linphone) await(pattern string) []string {
	l.t.Helper()
	groups, end := l.said.expect(l.t, l.name, l.seen, pattern)
	l.seen = end
	return groups
}

// WaitRegistered implements Phone. The phone says nothing by itself.
func (l *Linphone) WaitRegistered() {
	l.t.Helper()
	l.ask("status register", `registered, identity=`)
}

// Register implements Phone. Only a phone that has left sends it at once.
func (l *Linphone) Register() {
	l.t.Helper()
	l.Unregister()
	l.say("register sip:%s@%s %s %s", l.setup.User, l.setup.domain(), l.setup.server(""), l.setup.Password)
}

// Unregister implements Phone.
func (l *Linphone) Unregister() {
	l.t.Helper()
	l.say("unregister")
	l.ask("status register", `registered=0`)
}

// ask repeats a command until the answer has pattern in it.
func (l *Linphone) ask(command, pattern string) {
	l.t.Helper()
	from := l.said.mark()
	what := regexp.MustCompile(pattern)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for range patience / (100 * time.Millisecond) {
		l.say("%s", command)
		<-again.C
		if _, end, _ := l.said.find(from, what); end >= 0 {
			return
		}
	}
	l.t.Fatalf("%s does not answer %q with %q within %v", l.name, command, pattern, patience)
}

// Dial implements Phone.
func (l *Linphone) Dial(uri string) {
	l.t.Helper()
	l.seen = l.said.mark()
	l.say("call %s", uri)
	l.await(`Call \d+ to \S+ in progress`)
}

// WaitRinging implements Phone.
func (l *Linphone) WaitRinging() {
	l.t.Helper()
	l.await(`Call \d+ to \S+ ringing`)
}

// WaitIncoming implements Phone.
func (l *Linphone) WaitIncoming() {
	l.t.Helper()
	l.await(`Receiving new incoming call from .*, assigned id \d+`)
}

// Answer implements Phone.
func (l *Linphone) Answer() {
	l.t.Helper()
	l.say("answer")
}

// Reject implements Phone.
func (l *Linphone) Reject() {
	l.t.Helper()
	l.say("terminate")
}

// WaitTalking implements Phone.
func (l *Linphone) WaitTalking() {
	l.t.Helper()
	l.await(`Media streams established with .* for call \d+ \(audio\)`)
}

// HangUp implements Phone.
func (l *Linphone) HangUp() {
	l.t.Helper()
	l.say("terminate")
}

// WaitOver implements Phone.
func (l *Linphone) WaitOver() string {
	l.t.Helper()
	return l.await(`Call \d+ with \S+ (error|ended \(.*\))\.`)[1]
}

// Hold implements Phone.
func (l *Linphone) Hold() {
	l.t.Helper()
	l.seen = l.said.mark()
	l.say("pause")
	l.await(`Call \d+ with .* is now paused`)
}

// Resume implements Phone.
func (l *Linphone) Resume() {
	l.t.Helper()
	l.seen = l.said.mark()
	l.say("resume")
	l.WaitTalking()
}

// Hears implements Phone.
func (l *Linphone) Hears(hertz float64) {
	l.t.Helper()
	waitTone(l.t, l.name, l.record, l.rate, hertz)
}

// Text implements Phone.
func (l *Linphone) Text(body string) {
	l.t.Helper()
	l.say("chat %s %s", l.friend, body)
}

// WaitText implements Phone.
func (l *Linphone) WaitText(body string) (from string) {
	l.t.Helper()
	return l.expect(0, `Message received from (.*): .*`+regexp.QuoteMeta(body))[1]
}
