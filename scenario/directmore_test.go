package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/sip"
)

// TestDirectPictures has pictures go from phone to phone with the sound, and stay
// with us where one phone has none.
func TestDirectPictures(t *testing.T) {
	const general = "videosupport=yes\ndisallow=all\nallow=ulaw,h264"
	sound := func(port int) string { return fmt.Sprintf("m=audio %d RTP/AVP 0", port) }
	picture := func(port, number int) []string {
		return []string{fmt.Sprintf("m=video %d RTP/AVP %d", port, number), fmt.Sprintf("a=rtpmap:%d H264/90000", number), fmt.Sprintf("a=fmtp:%d profile-level-id=42e01f", number)}
	}
	tellDirect(t, []directStory{
		{"both have them", general, "", func(h *house, one, two *phone) {
			caller := one.offers("1002", append([]string{sound(40000)}, picture(40002, 99)...)...)
			m := two.asked(sip.INVITE)
			callee := two.answers(m, append([]string{sound(50000)}, picture(50002, 99)...)...)
			callee.body = two.describes(append([]string{sound(50000)}, picture(50002, 99)...)...)
			caller.accepted()
			m = callee.sentTo(sip.INVITE, atOne)
			if body := string(m.Body()); !strings.Contains(body, "m=audio 40000 RTP/AVP 0\r\n") || !strings.Contains(body, "m=video 40002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\na=fmtp:99 profile-level-id=42e01f\r\n") {
				h.t.Errorf("the called phone is told\n%s", body)
			}
			m = caller.sentTo(sip.INVITE, atTwo)
			if body := string(m.Body()); !strings.Contains(body, "m=audio 50000 RTP/AVP 0\r\n") || !strings.Contains(body, "m=video 50002 RTP/AVP 99\r\n") {
				h.t.Errorf("the caller is told\n%s", body)
			}
			one.silent(time.Minute)
			caller.ends(two)
		}},
		{"the called phone declines them", general, "", func(h *house, one, two *phone) {
			caller := one.offers("1002", append([]string{sound(40000)}, picture(40002, 99)...)...)
			callee := two.answers(two.asked(sip.INVITE), sound(50000), "m=video 0 RTP/AVP 99")
			callee.body = two.describes(sound(50000), "m=video 0 RTP/AVP 99")
			caller.accepted()
			for _, c := range []*talk{callee, caller} {
				m := c.sentTo(sip.INVITE, map[*talk]string{callee: atOne, caller: atTwo}[c])
				if got := lineOf(m, "video"); !strings.HasPrefix(got, "0 ") {
					h.t.Errorf("phone %s is told of pictures: %s", c.p.name, got)
				}
			}
			one.silent(time.Minute)
			caller.ends(two)
		}},
	})
}

// TestDirectFax has two machines that send sound to each other turn to a fax, which
// goes through the server, and back: then they send sound to each other again.
func TestDirectFax(t *testing.T) {
	tellDirect(t, []directStory{
		{"agreed on", "t38pt_udptl=yes", "", func(h *house, one, two *phone) {
			caller, callee := one.direct(two)
			caller.send(sip.INVITE, one.machineAt(4002))
			one.answer(100)
			m := two.asked(sip.INVITE)
			two.names(m, atHouse)
			two.replyWith(m, 200, callee.ourTag, two.machineAt(4002))
			two.asked(sip.ACK)
			one.names(caller.accepted(), atHouse)
			one.silent(time.Minute)
			callee.send(sip.INVITE, two.description())
			two.answer(100)
			callee.accepted()
			caller.sentTo(sip.INVITE, atHouse) // back to sound
			for _, c := range []*talk{callee, caller} {
				c.sentTo(sip.INVITE, map[*talk]string{callee: atOne, caller: atTwo}[c])
			}
			one.silent(time.Minute)
			caller.ends(two)
		}},
		{"refused", "t38pt_udptl=yes", "", func(h *house, one, two *phone) {
			caller, callee := one.direct(two)
			caller.send(sip.INVITE, one.machineAt(4002))
			one.answer(100)
			two.replyWith(two.asked(sip.INVITE), 488, callee.ourTag, "")
			two.asked(sip.ACK)
			caller.ackRefusal(one.answer(488))
			one.silent(time.Minute) // both go on sending to each other
			two.silent(time.Minute)
			caller.ends(two)
		}},
	})
}

// TestDirectMediaHoldsWhileATextGoes has a text in the call change nothing.
func TestDirectMediaHoldsWhileATextGoes(t *testing.T) {
	inHouse(t, directHouse("", "", "", ""), func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller, _ := one.direct(two)
		caller.send(sip.MESSAGE, "hi", "Content-Type: text/plain")
		one.answer(202)
		two.reply(two.asked(sip.MESSAGE), 200)
		one.silent(time.Minute)
		caller.ends(two)
		h.quiet()
	})
}
