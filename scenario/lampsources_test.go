package scenario

import (
	"strings"
	"testing"
	"time"

	"obelus/pbx"
	"obelus/sip"
)

// TestLampSources has a lamp be told of whatever changes a device, by whoever knows.
func TestLampSources(t *testing.T) {
	f := withLamps(t, "", "exten => 1002,hint,SIP/1002\nexten => 20,hint,MWI:1002@office\nexten => 21,hint,Local/wait@quiet\nexten => 22,hint,Custom:x")
	f.sip = strings.Replace(f.sip, "[1002]\n", "[1002]\nqualify=yes\nmailbox=1002@office\nsubscribemwi=yes\n", 1)
	f.extensions += "[quiet]\nexten => wait,1,Answer()\n same => n,Wait(5)\n"
	inHouse(t, f, func(h *house) {
		desk := h.phone("1001", addrOne)
		lamps := make(map[string]*lamp)
		for _, exten := range []string{"1002", "20", "21", "22"} {
			l, _ := desk.watches(exten, presence)
			lamps[l.talk.callID] = l
			lamps[exten] = l
		}
		expect := func(exten, note string) {
			t.Helper()
			if got := desk.note(lamps[exten].told()); got != note {
				t.Errorf("%s: %s, want %s", exten, got, note)
			}
		}
		two := h.registered("1002", addrTwo)
		expect("1002", "Ready, open")
		two.reply(two.asked(sip.OPTIONS), 200)
		desk.silent(time.Second)
		unanswered := two.asked(sip.OPTIONS).CallID()
		expect("1002", "Not online, closed")
		for {
			m := two.asked(sip.OPTIONS)
			two.reply(m, 200)
			if m.CallID() != unanswered { // not the same again
				break
			}
		}
		expect("1002", "Ready, open")

		h.boxes.set("1002@office", 1, 0)
		h.sip.Lamps().Messages("office", "1002")
		expect("20", "On the phone, open")
		h.boxes.set("1002@office", 0, 1)
		h.sip.Lamps().Messages("office", "1002")
		expect("20", "Ready, open")

		h.pbx.Originate(pbx.Originate{To: "Local/wait@quiet", App: "Wait", Data: "5", Timeout: time.Minute}, nil)
		expect("21", "On the phone, open")
		expect("21", "Ready, open")

		if err := h.board.Set("Custom:x", "BUSY"); err != nil {
			t.Fatal(err)
		}
		expect("22", "On the phone, open")
		if _, err := h.db.Delete("CustomDevstate", "x"); err != nil {
			t.Fatal(err)
		}
		if m := two.request(sip.REGISTER, "sip:10.99.0.1", "Contact: *", "Expires: 0"); m.StatusCode() != 200 {
			t.Errorf("not unregistered:\n%s", m.Bytes())
		}
		expect("1002", "Not online, closed")
		desk.silent(time.Minute)
	})
}
