package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// offers is a call that the phone has made with an offer of its own; it has been
// answered 100.
func (p *phone) offers(exten string, lines ...string) *talk {
	p.h.t.Helper()
	t := p.begins(exten)
	t.body = p.describes(lines...)
	t.invites()
	p.answer(100)
	return t
}

// answers takes a call with an answer of its own.
func (p *phone) answers(m *sip.Message, lines ...string) *talk {
	p.h.t.Helper()
	t := p.called(m, "callee"+p.name)
	p.replyWith(m, 200, t.ourTag, p.describes(lines...))
	p.asked(sip.ACK)
	return t
}

// says fails the test unless the m= line of a kind reads so.
func says(t *testing.T, who string, m *sip.Message, kind, want string) {
	t.Helper()
	if got := lineOf(m, kind); got != want {
		t.Errorf("%s is told of %s:\n%s\nwant\n%s", who, kind, got, want)
	}
}

const (
	vp8   = "a=rtpmap:97 VP8/90000"
	sound = "PORT RTP/AVP 0 a=rtpmap:0 PCMU/8000 a=maxptime:140 a=sendrecv"
	keyed = "PORT RTP/AVP 0 101 a=rtpmap:0 PCMU/8000 a=rtpmap:101 telephone-event/8000 a=fmtp:101 0-16 a=maxptime:140 a=sendrecv"
)

// TestPictures has calls with pictures, and without where one side declines them.
func TestPictures(t *testing.T) {
	const general = "videosupport=yes\ndisallow=all\nallow=ulaw,vp8,h264\n"
	tellWith(t, general, []story{
		{"passed on, with numbers, parameters and feedback", func(h *house, one, two *phone) {
			caller := one.offers("1002", "m=audio 40000 RTP/AVP 0", "m=video 40002 RTP/AVP 98 99 97", "a=rtpmap:98 H264/90000", "a=fmtp:98 profile-level-id=42e01f",
				"a=rtpmap:99 H264/90000", "a=fmtp:99 profile-level-id=640028", vp8, "a=rtcp-fb:* ccm fir", "a=rtcp-fb:99 nack pli", "a=rtcp-fb:97 goog-remb")
			m := two.asked(sip.INVITE)
			says(t, "the called", m, "video", "PORT RTP/AVP 97 98 99 a=rtpmap:97 VP8/90000 a=rtpmap:98 H264/90000 a=fmtp:98 profile-level-id=42e01f "+
				"a=rtpmap:99 H264/90000 a=fmtp:99 profile-level-id=640028 a=rtcp-fb:* ccm fir a=rtcp-fb:99 nack pli a=sendrecv")
			if !strings.Contains(string(m.Body()), "\r\nb=CT:384\r\nt=0 0\r\n") {
				t.Errorf("no b=CT in\n%s", m.Body())
			}
			two.answers(m, "m=audio 50000 RTP/AVP 0", "m=video 50002 RTP/AVP 99", "a=rtpmap:99 H264/90000", "a=fmtp:99 profile-level-id=64001f;max-fs=3600", "a=rtcp-fb:99 nack pli")
			ok := caller.accepted()
			says(t, "the caller", ok, "video", "PORT RTP/AVP 99 a=rtpmap:99 H264/90000 a=fmtp:99 profile-level-id=64001f;max-fs=3600 a=rtcp-fb:99 nack pli a=sendrecv")
			says(t, "the caller", ok, "audio", sound)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"declined by the called phone: port zero, and the call goes on", func(h *house, one, two *phone) {
			caller := one.offers("1002", "m=audio 40000 RTP/AVP 0 101", "m=video 40002 RTP/AVP 97", vp8)
			m := two.asked(sip.INVITE)
			theirs := two.listens(m)
			two.answers(m, "m=audio 40000 RTP/AVP 0 101", "m=video 0 RTP/AVP 97")
			ok := caller.accepted()
			mine := one.listens(ok)
			says(t, "the caller", ok, "video", "0 RTP/AVP 97")
			says(t, "the caller", ok, "audio", keyed)
			h.pass(time.Second)
			for i := range uint16(5) {
				mine.says(t, i, 0x11)
				theirs.says(t, i, 0x22)
				h.pass(20 * time.Millisecond)
			}
			if a, b := mine.hears(t, 0, time.Second), theirs.hears(t, 0, time.Second); len(a) < 4 || len(b) < 4 {
				t.Errorf("heard %d and %d packets", len(a), len(b))
			}
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"declined by the caller: port zero in the offer, before the sound", func(h *house, one, two *phone) {
			caller := one.offers("1002", "m=video 0 RTP/AVP 97", "m=audio 40000 RTP/AVP 0 101")
			m := two.asked(sip.INVITE)
			says(t, "the called", m, "audio", keyed)
			says(t, "the called", m, "video", "")
			two.answers(m, "m=audio 50000 RTP/AVP 0 101")
			ok := caller.accepted()
			says(t, "the caller", ok, "video", "0 RTP/AVP 97")
			says(t, "the caller", ok, "audio", keyed)
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"put off by a re-INVITE in mid-call", func(h *house, one, two *phone) {
			caller := one.offers("1002", "m=audio 40000 RTP/AVP 0", "m=video 40002 RTP/AVP 97", vp8)
			two.answers(two.asked(sip.INVITE), "m=audio 50000 RTP/AVP 0", "m=video 50002 RTP/AVP 97", vp8)
			says(t, "the caller", caller.accepted(), "video", "PORT RTP/AVP 97 a=rtpmap:97 VP8/90000 a=sendrecv")
			h.pass(time.Second)
			caller.send(sip.INVITE, one.describes("m=audio 40000 RTP/AVP 0", "m=video 0 RTP/AVP 97"))
			one.answer(100)
			says(t, "the caller", caller.accepted(), "video", "0 RTP/AVP 97")
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
		{"a full picture is asked for by INFO, both ways", func(h *house, one, two *phone) {
			caller, callee := one.connects(two)
			for _, c := range []struct {
				from *talk
				to   *phone
			}{{caller, two}, {callee, one}} {
				c.from.send(sip.INFO, "<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>", "Content-Type: application/media_control+xml")
				c.from.p.answer(200)
				m := c.to.asked(sip.INFO)
				if m.ContentType() != "application/media_control+xml" || !strings.Contains(string(m.Body()), "<picture_fast_update>") {
					t.Errorf("asked by\n%s", m.Bytes())
				}
				c.to.reply(m, 200)
			}
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
	})
}

// TestOffersOfSound has the order and the framing be those of the original.
func TestOffersOfSound(t *testing.T) {
	tellWith(t, "disallow=all\nallow=ulaw,gsm,alaw\n", []story{
		{"the caller's formats first, then the rest", func(h *house, one, two *phone) {
			caller := one.offers("1002", "m=audio 40000 RTP/AVP 8 3")
			m := two.asked(sip.INVITE)
			says(t, "the called", m, "audio", "PORT RTP/AVP 3 8 0 101 a=rtpmap:3 GSM/8000 a=rtpmap:8 PCMA/8000 a=rtpmap:0 PCMU/8000 a=rtpmap:101 telephone-event/8000 a=fmtp:101 0-16 a=maxptime:140 a=sendrecv")
			two.answers(m, "m=audio 50000 RTP/AVP 3 8 101")
			says(t, "the caller", caller.accepted(), "audio", "PORT RTP/AVP 3 8 a=rtpmap:3 GSM/8000 a=rtpmap:8 PCMA/8000 a=maxptime:140 a=sendrecv")
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
	})
	tellWith(t, "disallow=all\nallow=ulaw:30,alaw\nautoframing=yes\npreferred_codec_only=yes\n", []story{
		{"framing, and the first codec alone is answered", func(h *house, one, two *phone) {
			caller := one.offers("1002", "m=audio 40000 RTP/AVP 8 0", "a=ptime:40")
			m := two.asked(sip.INVITE)
			says(t, "the called", m, "audio", "PORT RTP/AVP 0 8 101 a=rtpmap:0 PCMU/8000 a=rtpmap:8 PCMA/8000 a=rtpmap:101 telephone-event/8000 a=fmtp:101 0-16 a=ptime:30 a=maxptime:140 a=sendrecv")
			two.answers(m, "m=audio 50000 RTP/AVP 8")
			says(t, "the caller", caller.accepted(), "audio", "PORT RTP/AVP 0 a=rtpmap:0 PCMU/8000 a=ptime:30 a=maxptime:140 a=sendrecv")
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
	})
	tellWith(t, "textsupport=yes\ndisallow=all\nallow=ulaw,red,t140\n", []story{
		{"text as one types", func(h *house, one, two *phone) {
			caller := one.offers("1002", "m=audio 40000 RTP/AVP 0", "m=text 40004 RTP/AVP 98 100", "a=rtpmap:98 t140/1000", "a=rtpmap:100 red/1000", "a=fmtp:100 98/98/98")
			m := two.asked(sip.INVITE)
			says(t, "the called", m, "text", "PORT RTP/AVP 100 98 a=rtpmap:100 RED/1000 a=fmtp:100 98/98/98 a=rtpmap:98 T140/1000 a=sendrecv")
			two.answers(m, "m=audio 50000 RTP/AVP 0", "m=text 50004 RTP/AVP 98", "a=rtpmap:98 T140/1000")
			says(t, "the caller", caller.accepted(), "text", "PORT RTP/AVP 98 a=rtpmap:98 T140/1000 a=sendrecv")
			caller.bye()
			two.reply(two.asked(sip.BYE), 200)
		}},
	})
}

// TestSIPCodec has the dialplan choose the codec of a call.
func TestSIPCodec(t *testing.T) {
	const plan = "[my]\nexten => 1002,1,Set(SIP_CODEC=alaw)\n same => n,Set(_SIP_CODEC_OUTBOUND=gsm,nonsense)\n same => n,Dial(SIP/1002)\n"
	inHouse(t, files{sip: seed(t).sip, extensions: plan}, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.offers("1002", "m=audio 40000 RTP/AVP 0 8 3")
		m := two.asked(sip.INVITE)
		says(t, "the called", m, "audio", "PORT RTP/AVP 3 101 a=rtpmap:3 GSM/8000 a=rtpmap:101 telephone-event/8000 a=fmtp:101 0-16 a=maxptime:300 a=sendrecv")
		two.answers(m, "m=audio 50000 RTP/AVP 3")
		says(t, "the caller", caller.accepted(), "audio", "PORT RTP/AVP 8 a=rtpmap:8 PCMA/8000 a=maxptime:140 a=sendrecv")
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}

// accounts are the seed's files with a line in each account.
func accounts(t testing.TB, one, two string) files {
	f := seed(t)
	for name, line := range map[string]string{"1001": one, "1002": two} {
		f.sip = strings.Replace(f.sip, "["+name+"]\n", "["+name+"]\n"+line+"\n", 1)
	}
	return f
}

// TestReachable has a call come about between phones that share no codec where
// one can be made into the other, and fail with its cause where not.
func TestReachable(t *testing.T) {
	inHouse(t, accounts(t, "disallow=all\nallow=gsm", "disallow=all\nallow=g722,g729"), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.offers("1002", "m=audio 40000 RTP/AVP 3 8")
		m := two.asked(sip.INVITE)
		says(t, "the called", m, "audio", "PORT RTP/AVP 9 101 a=rtpmap:9 G722/8000 a=rtpmap:101 telephone-event/8000 a=fmtp:101 0-16 a=maxptime:140 a=sendrecv")
		theirs := two.listens(m)
		two.answers(m, "m=audio 40000 RTP/AVP 9")
		ok := caller.accepted()
		says(t, "the caller", ok, "audio", "PORT RTP/AVP 3 a=rtpmap:3 GSM/8000 a=maxptime:300 a=sendrecv")
		mine := one.listens(ok)
		for i := range byte(10) {
			ts := 160 * uint16(i)
			frame := append([]byte{0x80, 3, 0, i, 0, 0, byte(ts >> 8), byte(ts), 1, 2, 3, 4, 0xd8, 0x20, 0xa2, 0xe1, 0x5a, 0x50}, make([]byte, 27)...)
			mine.write(t, frame...)
			h.pass(20 * time.Millisecond)
		}
		if heard := theirs.hears(t, 9, time.Second); len(heard) < 5 || len(heard[0]) != 160 {
			t.Errorf("GSM was heard as %d packets of G.722", len(heard))
		}
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
	inHouse(t, accounts(t, "disallow=all\nallow=speex", "disallow=all\nallow=g729"), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.offers("1002", "m=audio 40000 RTP/AVP 110", "a=rtpmap:110 speex/8000")
		one.reply(one.asked(sip.MESSAGE), 200)
		m := one.answer(503)
		one.header(m, "X-Asterisk-HangupCauseCode", "58")
		caller.ackRefusal(m)
		two.silent(time.Second)
		h.quiet()
	})
}

// TestThroughLocal has what two phones say of their pictures reach each other
// through two Local channels.
func TestThroughLocal(t *testing.T) {
	const plan = "[my]\nexten => 1002,1,Dial(Local/8@my/n)\nexten => 8,1,Dial(Local/9@my/n)\nexten => 9,1,Dial(SIP/1002)\n"
	f := with(t, "videosupport=yes\ndisallow=all\nallow=ulaw,alaw,h264\n")
	f.extensions = plan
	inHouse(t, f, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.offers("1002", "m=audio 40000 RTP/AVP 0 8", "m=video 40002 RTP/AVP 98 99", "a=rtpmap:98 H264/90000", "a=fmtp:98 profile-level-id=42e01f",
			"a=rtpmap:99 H264/90000", "a=fmtp:99 profile-level-id=640028")
		m := two.asked(sip.INVITE)
		says(t, "the called", m, "video", "PORT RTP/AVP 98 99 a=rtpmap:98 H264/90000 a=fmtp:98 profile-level-id=42e01f a=rtpmap:99 H264/90000 a=fmtp:99 profile-level-id=640028 a=sendrecv")
		two.answers(m, "m=audio 50000 RTP/AVP 8", "m=video 50002 RTP/AVP 99", "a=rtpmap:99 H264/90000", "a=fmtp:99 profile-level-id=64001f")
		ok := caller.accepted()
		says(t, "the caller", ok, "audio", "PORT RTP/AVP 8 0 a=rtpmap:8 PCMA/8000 a=rtpmap:0 PCMU/8000 a=maxptime:140 a=sendrecv")
		says(t, "the caller", ok, "video", "PORT RTP/AVP 99 a=rtpmap:99 H264/90000 a=fmtp:99 profile-level-id=64001f a=sendrecv")
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}
