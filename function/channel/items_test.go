package channel

import (
	"strings"
	"testing"

	"obelus/call"
	"obelus/function/functiontest"
)

func TestItems(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{Items: map[string]string{"peerip": "10.0.0.1", "rtpqos,audio,all": "ssrc=1"}}, Table())
	functiontest.Cases{
		{"${CHANNEL(callgroup)}|${CHANNEL(transfercapability)}|${CHANNEL(max_forwards)}|${CHANNEL(trace)}|${CHANNEL(hangupsource)}", "|SPEECH|20|0|", ""},
		{"${CHANNEL(PeerIP)}|${CHANNEL(rtpqos,audio,all)}|${CHANNEL(channame)}|${CHANNEL(tonezone)}", "10.0.0.1|ssrc=1|Local/s@agi-00000000;2|", ""},
		{"${CHANNEL(secure_bridge_media)}", "", "CHANNEL(secure_bridge_media) is not supported: calls are not held to it: encryption=yes of the account is what refuses"},
		{"${CHANNEL(pjsip,remote_addr)}", "", "CHANNEL(pjsip,remote_addr) is not supported: it is an item of PJSIP; peername, peerip, uri, from, rtpdest, rtpsource and rtpqos tell of a phone of sip.conf"},
		{"${CHANNEL(nosuch)}", "", "Unknown or unavailable item requested: 'nosuch'"},
	}.Run(t, x, w)
	functiontest.Must(t, x, "CHANNEL(callgroup)=1,3-5", "CHANNEL(pickupgroup)=63", "CHANNEL(namedcallgroup)=sales, desk", "CHANNEL(namedpickupgroup)=boss", "CHANNEL(transfercapability)=digital",
		"CHANNEL(max_forwards)=5", "CHANNEL(userfield)=u", "CHANNEL(parkinglot)=lot1", "CHANNEL(caller_url)=http://x", "CHANNEL(accountcode,l)=acme", "CHANNEL(trace)=0")
	functiontest.Cases{
		{"${CHANNEL(callgroup)}|${CHANNEL(pickupgroup)}|${CHANNEL(namedcallgroup)}|${CHANNEL(namedpickupgroup)}", "1, 3, 4, 5|63|sales,desk|boss", ""},
		{"${CHANNEL(transfercapability)}|${CHANNEL(max_forwards)}|${CHANNEL(userfield)}|${CHANNEL(parkinglot)}|${CHANNEL(caller_url)}|${CHANNEL(accountcode)}", "DIGITAL|5|u|lot1|http://x|acme", ""},
	}.Run(t, x, w)
	if g := x.Channel().Groups(); g.Call != 1<<1|1<<3|1<<4|1<<5 || g.Pickup != 1<<63 {
		t.Errorf("the groups are %+v", g)
	}
	functiontest.Must(t, x, "CHANNEL(callgroup)=2,x,70,5-3", "CHANNEL(trace)=1")
	if warned := w.Take(); len(warned) != 2 || !strings.HasSuffix(warned[0], "is no group from 0 to 63") || !strings.HasPrefix(warned[1], "CHANNEL(trace) changes nothing") {
		t.Errorf("warned %q", warned)
	}
	functiontest.Cases{{"${CHANNEL(callgroup)}", "2", ""}}.Run(t, x, w)
	for bad, want := range map[string]string{
		"CHANNEL(transfercapability)=smoke": "Unknown transfer capability 'SMOKE': SPEECH, DIGITAL, RESTRICTED_DIGITAL, 3K1AUDIO, DIGITAL_W_TONES, VIDEO are known",
		"CHANNEL(max_forwards)=many":        "Unable to set max forwards to 'many'",
		"CHANNEL(rxgain)=1":                 "CHANNEL(rxgain) is not supported: it is an item of DAHDI",
		"CHANNEL(nosuch)=1":                 "Unknown or unavailable item requested: 'nosuch'",
	} {
		name, value, _ := strings.Cut(bad, "=")
		if err := x.Assign(name, value); err == nil || err.Error() != want {
			t.Errorf("%s: %v", bad, err)
		}
	}
	x.Channel().Hangup(call.CauseNormalClearing)
	functiontest.Cases{{"${CHANNEL(checkhangup)}|${CHANNEL(hangupsource)}", "1|Local/s@agi-00000000;2", ""}}.Run(t, x, w)
}
