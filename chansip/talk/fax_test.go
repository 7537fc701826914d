package talk

import (
	"slices"
	"strings"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/sip/sdp"
)

// faxLine is an offer of T.38 as gateways send it.
const faxLine = "m=image 4002 udptl t38\na=T38FaxVersion:0\na=T38MaxBitRate:14400\na=T38FaxRateManagement:transferredTCF\na=T38FaxMaxDatagram:72\na=T38FaxUdpEC:t38UDPFEC\na=sendrecv\n"

func faxes(t38 sipconf.T38) func(p *sipconf.Peer) {
	t38.On = true
	return and(allow(media.Ulaw), func(p *sipconf.Peer) { p.T38 = t38 })
}

// TestAsksFax sorts out which offers turn a call into a fax.
func TestAsksFax(t *testing.T) {
	on := faxes(sipconf.T38{})
	tests := []struct {
		name  string
		set   func(p *sipconf.Peer)
		offer string
		asks  bool
	}{
		{"a fax", on, faxLine, true},
		{"a fax, the sound off", on, "m=audio 0 RTP/AVP 0\n" + faxLine, true},
		{"a fax beside sound", on, "m=audio 4000 RTP/AVP 0\n" + faxLine, false},
		{"a fax that is off", on, "m=image 0 udptl t38\n", false},
		{"over RTP", on, "m=image 4000 RTP/AVP 98\na=rtpmap:98 t38/8000\n", false},
		{"over TCP", on, "m=image 4000 tcp t38\n", false},
		{"sound", on, "m=audio 4000 RTP/AVP 0\n", false},
		{"no T.38 for this account", allow(media.Ulaw), faxLine, false},
		{"an account that insists on SRTP", and(on, func(p *sipconf.Peer) { p.Encryption = sipconf.EncryptYes }), faxLine, false},
		{"an account that likes SRTP", and(on, func(p *sipconf.Peer) { p.Encryption = sipconf.EncryptTry }), faxLine, true},
	}
	for _, tt := range tests {
		if params, asks := open(t, tt.set).AsksFax(theirs(t, tt.offer)); asks != tt.asks {
			t.Errorf("%s: %t, with %v", tt.name, asks, params)
		}
	}
}

// TestFaxParameters has what one machine says be told to the other, within what
// the accounts allow.
func TestFaxParameters(t *testing.T) {
	const head = "m=image PORT udptl t38\na=T38FaxVersion:0\na=T38MaxBitRate:14400\na=T38FaxRateManagement:transferredTCF\n"
	tests := []struct {
		name     string
		from, to sipconf.T38
		want     string
	}{
		{"as it is", sipconf.T38{}, sipconf.T38{Correction: sipconf.CorrectFEC}, "a=T38FaxMaxDatagram:72\na=T38FaxUdpEC:t38UDPFEC"},
		{"redundancy", sipconf.T38{}, sipconf.T38{Correction: sipconf.CorrectRedundancy}, "a=T38FaxMaxDatagram:72\na=T38FaxUdpEC:t38UDPRedundancy"},
		{"no correction", sipconf.T38{}, sipconf.T38{Correction: sipconf.CorrectNot}, "a=T38FaxMaxDatagram:72"},
		{"maxdatagram=400", sipconf.T38{MaxDatagram: 400}, sipconf.T38{}, "a=T38FaxMaxDatagram:400"},
	}
	for _, tt := range tests {
		from, to := open(t, faxes(tt.from)), open(t, faxes(tt.to))
		params, ok := from.AsksFax(theirs(t, faxLine))
		if !ok {
			t.Fatal("not asked")
		}
		if err := to.TakeOffer(theirs(t, "m=audio 4000 RTP/AVP 0\n")); err != nil {
			t.Fatal(err)
		}
		offer, err := to.OfferFax(params)
		if err != nil {
			t.Fatal(err)
		}
		same(t, tt.name, shown(offer), head+tt.want)
		if again := to.Describe(sdp.SendRecv); shown(again) != shown(offer) {
			t.Errorf("described again as\n%s", shown(again))
		}
	}
}

// TestFaxAndBack takes a call to a fax and back to sound, on both sides.
func TestFaxAndBack(t *testing.T) {
	k := open(t, and(faxes(sipconf.T38{Correction: sipconf.CorrectFEC}), allow(media.Ulaw, media.VP8), pictures))
	if err := k.TakeOffer(theirs(t, "m=audio 4000 RTP/AVP 0\nm=video 4004 RTP/AVP 97\na=rtpmap:97 VP8/90000\n")); err != nil {
		t.Fatal(err)
	}
	sound := shown(k.Answer())
	if _, err := k.OfferFax([]media.FaxParameter{{Name: "T38FaxVersion", Value: "0"}, {Name: "T38FaxFillBitRemoval"}}); err != nil {
		t.Fatal(err)
	}
	same(t, "offer", shown(k.Describe(sdp.SendRecv)), "m=image PORT udptl t38\na=T38FaxVersion:0\na=T38FaxFillBitRemoval\nm=video 0 RTP/AVP 97")
	params, ok := k.TakeFaxAnswer(theirs(t, faxLine))
	if !ok || len(params) != 5 || !k.Faxing() || k.session.Image() == nil {
		t.Errorf("answer: %v, %t", params, ok)
	}
	if !k.TakeAnswer(theirs(t, faxLine)) { // of a refresh
		t.Error("a refresh of the session is not taken")
	}
	if err := k.EndFax(); err != nil || k.Faxing() || k.session.Image() != nil {
		t.Errorf("not over: %v", err)
	}
	same(t, "sound again", shown(k.Describe(sdp.SendRecv)), sound)
	for _, bad := range []string{"m=image 0 udptl t38\n", "m=audio 4000 RTP/AVP 0\n", ""} {
		if _, ok := k.TakeFaxAnswer(theirs(t, bad)); ok {
			t.Errorf("%q is a fax", bad)
		}
	}
}

func TestAnswerFax(t *testing.T) {
	k := open(t, faxes(sipconf.T38{Correction: sipconf.CorrectRedundancy}))
	offer := theirs(t, "m=audio 0 RTP/AVP 0\n"+faxLine+"m=image 4010 udptl t38\n")
	if err := k.TakeFaxOffer(offer); err != nil {
		t.Fatal(err)
	}
	got := k.AnswerFax(offer, []media.FaxParameter{{Name: "T38FaxVersion", Value: "3"}, {Name: "T38FaxUdpEC", Value: "t38UDPFEC"}})
	same(t, "answer", shown(got), "m=audio 0 RTP/AVP 0\nm=image PORT udptl t38\na=T38FaxVersion:3\na=T38FaxUdpEC:t38UDPRedundancy\nm=image 0 udptl t38")
	if !slices.Equal(k.FaxAs(), []media.FaxParameter{{Name: "T38FaxVersion", Value: "3"}, {Name: "T38FaxUdpEC", Value: "t38UDPFEC"}}) {
		t.Errorf("kept %v", k.FaxAs())
	}
}

// TestSecurityFaxParameters bounds what a phone can have us tell the other one.
func TestSecurityFaxParameters(t *testing.T) {
	k := open(t, faxes(sipconf.T38{}))
	lines := "m=image 4002 udptl t38\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\na=rtpmap:1 x/1\na=T38Long:" + strings.Repeat("x", 1000) + "\n" + strings.Repeat("a=T38FaxVersion:0\n", 1000)
	params, ok := k.AsksFax(theirs(t, lines))
	if !ok || len(params) != maxFaxParameters {
		t.Errorf("%d parameters", len(params))
	}
	for _, p := range params {
		if p.Name != "T38FaxVersion" {
			t.Errorf("%v", p)
		}
	}
}
