package show

import (
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/media/rtp"
)

// calls are three: one that talks, one that rings, one that has no media.
func calls() []Call {
	p := &sipconf.Peer{Username: "anna", Common: &sipconf.Common{Formats: []media.Format{media.Ulaw, media.GSM}, MaxBitrate: 384, T38: sipconf.T38{On: true}}}
	at := netip.MustParseAddrPort("[::ffff:10.99.0.2]:5070")
	return []Call{
		{
			Incoming: true, Up: true, Account: "1001", CallID: "bbb@10.99.0.2", Ours: "as1", Theirs: "t\x1b[2J", Channel: "SIP/1001-00000000", Remote: at, Transport: "UDP",
			Timed: true, Lasted: 3*time.Hour + 25*time.Minute + 45*time.Second, Peer: p, HasMedia: true, Held: true, Faxing: true, Events: true,
			Agreed: []media.Format{media.GSM, media.Ulaw}, Sound: "10.99.0.1 (local)",
			Stats: rtp.Stats{PacketsIn: 123456, Lost: -2, Jitter: 1500 * time.Microsecond, PacketsOut: 300, RemoteLost: 100, RemoteJitter: time.Second, Learned: netip.MustParseAddrPort("10.99.0.2:4000")},
		},
		{CallID: "aaa@10.99.0.1", Account: "1002", Remote: netip.MustParseAddrPort("10.99.0.3:5060"), Transport: "TCP", Peer: p, HasMedia: true, Sound: "10.99.0.1 (local)"},
		{Incoming: true, CallID: "ccc", Remote: netip.MustParseAddrPort("[2001:db8::1]:5060"), Transport: "UDP", Peer: p},
	}
}

func printed(f func(io.Writer, []Call)) string {
	var b strings.Builder
	f(&b, calls())
	return b.String()
}

func TestChannels(t *testing.T) {
	want := "Peer             User/ANR         Call ID          Format           Hold     Last Message    Expiry     Peer      \n" +
		"10.99.0.3        1002             aaa@10.99.0.1    (nothing)        No       Tx: INVITE                 1002      \n" +
		"10.99.0.2        1001             bbb@10.99.0.2    (gsm|ulaw)       Yes      Rx: ACK                    1001      \n" +
		"2001:db8::1      (None)           ccc              (nothing)        No       Rx: INVITE                           \n" +
		"3 active SIP dialogs\n"
	if got := printed(Channels); got != want {
		t.Errorf("shown\n%s\nwant\n%s", got, want)
	}
}

func TestChannelStats(t *testing.T) {
	want := "Peer             Call ID      Duration Recv: Pack  Lost       (     %) Jitter Send: Pack  Lost       (     %) Jitter\n" +
		"10.99.0.3        aaa@10.99.0  00:00:00 0000000000  0000000000 ( 0.00%) 0.0000 0000000000  0000000000 ( 0.00%) 0.0000\n" +
		"10.99.0.2        bbb@10.99.0  03:25:45 0000000123K 0000000000 ( 0.00%) 0.0015 0000000300  0000000100 (25.00%) 1.0000\n" +
		"2 active SIP channels\n"
	if got := printed(ChannelStats); got != want {
		t.Errorf("shown\n%s\nwant\n%s", got, want)
	}
}

func TestChannel(t *testing.T) {
	var b strings.Builder
	if !Channel(&b, calls(), "BBB") || !Channel(&b, calls(), "ccc") || Channel(&b, calls(), "d\x07d") {
		t.Error("found what is not there, or the other way round")
	}
	for _, want := range []string{
		"\n  * SIP Call\n  Curr. trans. direction:  Incoming\n  Call-ID:                bbb@10.99.0.2\n  Owner channel ID:       SIP/1001-00000000\n  Our Codec Capability:   (ulaw|gsm)\n" +
			"  Non-Codec Capability (DTMF):   1\n  Joint Codec Capability:   (gsm|ulaw)\n  Format:                 (gsm)\n  T.38 support            Yes\n",
		"  Audio source:           10.99.0.2:4000\n  Media:                  T.38\n", "  Their Tag:              t?[2J\n", "  Session-Timer:          Active\n",
		"  Owner channel ID:       <none>\n", "  Media:                  None\n", "No such SIP Call ID starting with 'd?d'\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}
