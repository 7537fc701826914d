package phones

import (
	"cmp"
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Phone is what the tests ask of any phone. Each method returns when the phone
// has said that it is so, and fails the test when it has not in good time.
// They are for the goroutine of the test alone.
type Phone interface {
	// WaitRegistered waits for the server's 200 to the REGISTER sent at start.
	WaitRegistered()
	// Register registers anew, in a dialog of its own; the server tells when it has it.
	Register()
	// Unregister sends the server word that the phone leaves.
	Unregister()

	// Dial calls a SIP URI.
	Dial(uri string)
	// WaitRinging waits, after Dial, until the other phone rings.
	WaitRinging()
	// WaitIncoming waits until this phone rings.
	WaitIncoming()
	// Answer takes the call that rings.
	Answer()
	// Reject refuses the call that rings.
	Reject()
	// WaitTalking waits until the call that was dialled or answered stands.
	WaitTalking()
	// HangUp ends the call, or gives up one that still rings.
	HangUp()
	// WaitOver waits until the call has ended, and returns why as the phone has it.
	WaitOver() string
	// Hold puts the call on hold.
	Hold()
	// Resume takes the call back from hold.
	Resume()
	// Hears waits for a steady tone that begins after now.
	Hears(hertz float64)

	// Text sends a message to the friend given at the start.
	Text(body string)
	// WaitText waits for a message with that in it and returns who sent it.
	WaitText(body string) (from string)
}

// Setup says whose phone it is.
type Setup struct {
	Ports    int    // first of the phone's ports, from LeasePorts
	Netns    string // network namespace that the phone sits in; none: the test's own
	Host     string // address of the phone there; none: loopback
	User     string
	Password string
	Server   string   // host or host:port to register with; none: the phone stands alone
	TCP      bool     // reach the server over TCP
	TLS      bool     // reach the server over TLS, at the port of Server
	CA       string   // PEM file of whom the phone believes then; none: it takes any certificate
	SRTP     bool     // the phone calls and takes calls with SRTP only, its keys in SDP
	STUN     string   // host:port of a STUN server that tells the phone its public address
	Friend   string   // SIP URI that Text goes to
	Tone     float64  // hertz, what the phone plays into its calls
	Codecs   []string // of baresip, beside G.711: names of its modules (g722, gsm); of linphonec: opus where it will speak that
	Video    bool     // baresip sends pictures of its own, VP8, and takes them
	Lamps    bool     // baresip watches Friend, and asks for its messages
	Bare     bool     // of baresip: no jitter buffer. That of 1.0 drops all of a new source that counts from below the old
}

// Address is the SIP URI where the phone itself answers, without a server.
func (s Setup) Address() string {
	return "sip:" + s.User + "@" + s.at(sipPort)
}

// host is the address of the phone.
func (s Setup) host() string { return cmp.Or(s.Host, "127.0.0.1") }

// family is the flag of the phone's family of addresses: -4 or -6.
func (s Setup) family() string {
	if strings.Contains(s.host(), ":") {
		return "-6"
	}
	return "-4"
}

// at is one of the phone's ports, as host:port.
func (s Setup) at(port int) string { return net.JoinHostPort(s.host(), strconv.Itoa(s.Ports+port)) }

// domain is the host of the phone's address of record.
func (s Setup) domain() string {
	if host, _, err := net.SplitHostPort(s.Server); err == nil {
		return host
	}
	return cmp.Or(s.Server, s.host())
}

// server is the server's SIP URI, with the user if there is one.
func (s Setup) server(user string) string {
	uri := "sip:" + user + s.Server
	switch {
	case s.TLS:
		uri += ";transport=tls"
	case s.TCP:
		uri += ";transport=tcp"
	}
	return uri
}

// Number is the SIP URI of a number at the server.
func (s Setup) Number(number string) string { return s.server(number + "@") }

// A tone outlasts any test.
const (
	playRate    = 8000 // that of G.711
	playSeconds = 120
)

// home makes the directory of a phone and the wav file that it plays.
func home(t testing.TB, s Setup) (dir, play string) {
	t.Helper()
	dir = t.TempDir()
	play = filepath.Join(dir, "play.wav")
	rate := playRate
	if slices.Contains(s.Codecs, "g722") { // baresip plays files of the codec's rate only
		rate = 2 * playRate
	}
	if err := WriteWAV(play, Tone(s.Tone, rate, playSeconds), rate); err != nil {
		t.Fatal(err)
	}
	return dir, play
}

// waitTone waits until the tone is recognised in what is recorded from now on.
// The path may name a file that does not exist yet; blank is as of recorded.
func waitTone(t testing.TB, name, path string, blank int, hertz float64) {
	t.Helper()
	waitSound(t, name, hertz, func() ([]int16, int) { return recorded(t, path, blank) })
}

// waitSound waits until the tone is recognised in what is heard from now on.
// So far tells all that has been heard, and its rate.
func waitSound(t testing.TB, name string, hertz float64, soFar func() ([]int16, int)) {
	t.Helper()
	before, _ := soFar()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	var last Hearing
	for {
		select {
		case <-deadline.C:
			t.Fatalf("%s does not hear %v Hz within %v: %v", name, hertz, patience, last)
		case <-look.C:
		}
		samples, rate := soFar()
		if len(samples) < len(before) {
			before = nil // the phone has begun the file anew
		}
		if last = Listen(latest(samples[len(before):], rate), rate, hertz); last.Heard() {
			t.Logf("%s hears %v Hz: %v", name, hertz, last)
			return
		}
	}
}

// latest is the end of a sound, half as long again as a tone must be to be
// heard. What a busy machine did to the sound before that does not matter.
func latest(samples []int16, rate int) []int16 {
	const windows = enoughWindows * 3 / 2
	return samples[max(0, len(samples)-rate/windowsPerSecond*windows):]
}

// recorded returns the sound in a file so far: none when the phone has yet to
// write the file, or its header. Where the rate is not written yet it is blank.
func recorded(t testing.TB, path string, blank int) (samples []int16, rate int) {
	t.Helper()
	samples, rate, err := ReadWAV(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNotWAV), errors.Is(err, errNoSound):
		return nil, 0
	case err != nil:
		t.Fatal(err)
	case rate == 0:
		rate = blank
	}
	return samples, rate
}
