package phones

import (
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"obelus/scenario/netns"
)

// Baresip is a baresip process, driven over the JSON of its module ctrl_tcp.
// Its ways without a screen or a sound card (baresip 1.0.0 of Debian 12):
//
//   - ctrl_tcp carries the commands that a person would type and tells of every
//     event of a call. A message received is no event: it is only printed, and
//     only when the module stdio is there. That needs a standard input that
//     epoll takes: a pipe, not /dev/null.
//   - net_interface takes an address and keeps it there (its RTP
//     sockets alone are bound to every address).
//   - The module aufile plays a wav file into a call, at the codec's rate, once.
//     There is no player that writes a file: aubridge stands in for the sound
//     card, and the filter module sndfile writes what passes, one file each way.
//   - After a re-INVITE the filter of the receiving way is gone, though the
//     sound goes on. What is heard then is found by playing it back: the
//     source becomes the other end of aubridge, and the filter of the sending
//     way, which stays, writes it (see listenByEcho).
//   - Messages go to the current contact alone (module contact), so a phone
//     has one contact, the friend.
type Baresip struct {
	*process
	account string // what the phone knows it by
	setup   Setup
	dir     string
	play    string
	control net.Conn
	events  *transcript // what came over control, one JSON text a line
	token   int
	seen    int // events before it have been dealt with
	call    int // where the events of the present call begin
}

var _ Phone = (*Baresip)(nil)

// StartBaresip starts the phone and returns when it takes commands.
func StartBaresip(t testing.TB, s Setup) *Baresip {
	t.Helper()
	dir, play := home(t, s)
	write(t, filepath.Join(dir, "config"), baresipConfig(s, dir, play))
	write(t, filepath.Join(dir, "accounts"), baresipAccount(s)+"\n")
	contact := fmt.Sprintf("\"friend\" <%s>", s.Friend)
	if s.Lamps {
		contact += ";presence=p2p"
	}
	write(t, filepath.Join(dir, "contacts"), contact+"\n")
	write(t, filepath.Join(dir, "current_contact"), s.Friend)
	cmd := netns.Command(s.Netns, "baresip", s.family(), "-f", dir)
	cmd.Dir = dir
	b := &Baresip{
		process: start(t, "baresip "+s.User, cmd, nil),
		account: "sip:" + s.User + "@" + s.Server,
		setup:   s,
		dir:     dir,
		play:    play,
		events:  newTranscript(),
	}
	b.expect(0, `baresip is ready`)
	b.connect(s)
	return b
}

// baresipAccount is the account with its address of record.
func baresipAccount(s Setup) string {
	if s.Server == "" {
		return "<sip:" + s.User + "@" + s.host() + ">;regint=0"
	}
	account := fmt.Sprintf("<%s>;auth_pass=%s;regint=300", s.server(s.User+"@"), s.Password)
	if s.CA != "" {
		account += fmt.Sprintf(";outbound=\"%s\"", s.server("")) // for numbers without a transport, too
	}
	if s.SRTP {
		account += ";mediaenc=srtp-mand"
	}
	return account
}

func baresipConfig(s Setup, dir, play string) string {
	var codecs strings.Builder
	for _, c := range s.Codecs {
		fmt.Fprintf(&codecs, "module %s.so\n", c)
	}
	if s.Video {
		codecs.WriteString("module vp8.so\nmodule fakevideo.so\nvideo_source fakevideo,nil\nvideo_display fakevideo,nil\nvideo_size 176x144\nvideo_bitrate 100000\nvideo_fps 10\n")
	}
	if s.SRTP {
		codecs.WriteString("module srtp.so\n")
	}
	if s.CA != "" {
		fmt.Fprintf(&codecs, "sip_cafile %s\n", s.CA)
	}
	if s.Lamps {
		codecs.WriteString("module_app presence.so\nmodule_app mwi.so\n")
	}
	jitter := "5-10" // packets
	if s.Bare {
		jitter = "0-0"
	}
	return fmt.Sprintf(`net_interface %s
sip_listen %s
rtp_ports %d-%d
call_local_timeout 120
call_max_calls 4
audio_player aubridge,ear
audio_source aufile,%s
audio_alert aubridge,bell
ausrc_format s16
auplay_format s16
auenc_format s16
audec_format s16
audio_buffer 20-160
jitter_buffer_delay %s
snd_path %s
ringback_disabled yes
statmode_default off
module_path /usr/lib/baresip/modules
module stdio.so
module g711.so
%smodule aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app contact.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen %s
`, s.host(), s.at(sipPort), s.Ports+rtpPort, s.Ports+rtpLast, play, jitter, dir, codecs.String(), s.at(controlPort))
}

// connect opens the control connection and follows what comes over it.
func (b *Baresip) connect(s Setup) {
	b.t.Helper()
	var conn net.Conn
	err := netns.Do(s.Netns, func() (err error) {
		conn, err = net.Dial("tcp", s.at(controlPort))
		return err
	})
	if err != nil {
		b.t.Fatalf("%s: control connection: %v", b.name, err)
	}
	b.control = conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer b.events.end()
		readNetstrings(conn, b.events)
	}()
	b.t.Cleanup(func() {
		_ = conn.Close()
		<-done
		if b.t.Failed() {
			b.t.Logf("---- all events of %s:\n%s", b.name, b.events)
		}
	})
}

// reply is ctrl_tcp's answer to a command.
type reply struct {
	OK   bool   `json:"ok"`
	Data string `json:"data"`
}

// do runs a command and waits for its reply.
func (b *Baresip) do(command, params string) {
	b.t.Helper()
	b.token++
	token := strconv.Itoa(b.token)
	request, err := json.Marshal(map[string]string{"command": command, "params": params, "token": token})
	if err != nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
	if _, err := fmt.Fprintf(b.control, "%d:%s,", len(request), request); err != nil {
		b.t.Fatalf("%s: command %s: %v", b.name, command, err)
	}
	groups, _ := b.event(0, `(\{"response":.*"token":"`+token+`"\})`)
	var r reply
	if err := json.Unmarshal([]byte(groups[1]), &r); err != nil || !r.OK {
		b.t.Fatalf("%s: command %s %s: %s, %v", b.name, command, params, groups[1], err)
	}
}

// event waits for an event after from; it returns the groups and where the
// match ends.
func (b *Baresip) event(from int, pattern string) (groups []string, end int) {
	b.t.Helper()
	return b.events.expect(b.t, b.name, from, pattern)
}

// await waits for the next event of a type, in order, and returns its parameter.
func (b *Baresip) await(event string) string {
	b.t.Helper()
	groups, end := b.event(b.seen, `"type":"(?:`+event+`)".*"param":"([^"]*)`)
	b.seen = end
	return groups[1]
}

// WaitRegistered implements Phone. Whoever connects to ctrl_tcp after the
// answer is not told of it; the output is complete.
func (b *Baresip) WaitRegistered() {
	b.t.Helper()
	b.expect(0, `registered successfully`)
}

// Register implements Phone: it makes a second account of the same name.
func (b *Baresip) Register() {
	b.t.Helper()
	b.do("uanew", baresipAccount(b.setup))
}

// Unregister implements Phone: it deletes the account, which unregisters it.
// Nothing tells when the server has answered.
func (b *Baresip) Unregister() {
	b.t.Helper()
	b.do("uadel", b.account)
}

// Dial implements Phone.
func (b *Baresip) Dial(uri string) {
	b.t.Helper()
	b.seen = b.events.mark()
	b.call = b.seen
	b.do("dial", uri)
}

// WaitRinging implements Phone.
func (b *Baresip) WaitRinging() {
	b.t.Helper()
	b.await("CALL_RINGING|CALL_PROGRESS")
}

// WaitIncoming implements Phone.
func (b *Baresip) WaitIncoming() {
	b.t.Helper()
	b.await("CALL_INCOMING")
	b.call = b.seen
}

// Answer implements Phone.
func (b *Baresip) Answer() {
	b.t.Helper()
	b.do("accept", "")
}

// Reject implements Phone.
func (b *Baresip) Reject() {
	b.t.Helper()
	b.do("hangup", "")
}

// WaitTalking implements Phone.
func (b *Baresip) WaitTalking() {
	b.t.Helper()
	b.await("CALL_ESTABLISHED")
}

// HangUp implements Phone.
func (b *Baresip) HangUp() {
	b.t.Helper()
	b.do("hangup", "")
}

// WaitOver implements Phone.
func (b *Baresip) WaitOver() string {
	b.t.Helper()
	return b.await("CALL_CLOSED")
}

// Hold implements Phone.
func (b *Baresip) Hold() {
	b.t.Helper()
	b.seen = b.events.mark()
	b.do("hold", "")
	b.await("CALL_REMOTE_SDP")
}

// Resume implements Phone.
func (b *Baresip) Resume() {
	b.t.Helper()
	b.seen = b.events.mark()
	b.do("resume", "")
	b.await("CALL_REMOTE_SDP")
}

// Hears implements Phone.
func (b *Baresip) Hears(hertz float64) {
	b.t.Helper()
	if b.renegotiated() {
		b.listenByEcho(hertz)
		return
	}
	waitTone(b.t, b.name, b.dump("dec"), playRate, hertz)
}

// renegotiated reports whether a re-INVITE has taken the receiving filter away.
func (b *Baresip) renegotiated() bool {
	_, call, _ := b.events.find(b.call, regexp.MustCompile(`"type":"CALL_ESTABLISHED".*\n`))
	if call < 0 {
		return false
	}
	_, again, _ := b.events.find(call, regexp.MustCompile(`"type":"CALL_REMOTE_SDP"`))
	return again >= 0
}

// listenByEcho plays what is heard back into the call and listens to that,
// then plays the phone's own tone again.
func (b *Baresip) listenByEcho(hertz float64) {
	b.t.Helper()
	b.do("auplay", "aubridge,ear") // anew: a second source finds no player of an earlier one
	b.do("ausrc", "aubridge,ear")
	waitTone(b.t, b.name, b.dump("enc"), playRate, hertz)
	b.do("ausrc", "aufile,"+b.play)
}

// dump is the file that sndfile writes of one way of the call.
func (b *Baresip) dump(way string) string {
	b.t.Helper()
	// The name has the time; the last in order is the last call's.
	names, err := filepath.Glob(filepath.Join(b.dir, "dump-*-"+way+".wav"))
	if err != nil || len(names) == 0 {
		b.t.Fatalf("%s records no call: %v", b.name, err)
	}
	return names[len(names)-1]
}

// Text implements Phone.
func (b *Baresip) Text(body string) {
	b.t.Helper()
	b.do("message", body)
}

// WaitText implements Phone.
func (b *Baresip) WaitText(body string) (from string) {
	b.t.Helper()
	return b.expect(0, `(\S+): ".*`+regexp.QuoteMeta(body))[1]
}

// Sees waits until the phone lists its contact with that word: Online, Offline.
func (b *Baresip) Sees(word string) {
	b.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		mark := b.events.mark()
		b.do("contacts", "")
		groups, _ := b.event(mark, `"response":true.*`)
		if strings.Contains(groups[0], word) {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			b.t.Fatalf("%s does not see %q within %v; last: %s", b.name, word, patience, groups[0])
		}
	}
}
