package scenario

import (
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/dtmf"
	"obelus/sip"
)

// keyWay is a dtmfmode, and a phone that goes by it.
type keyWay struct {
	mode   string
	events bool // the phone knows RFC 4733
}

var keyWays = []keyWay{
	{"rfc2833", true}, {"rfc2833", false}, {"info", true}, {"shortinfo", false}, {"inband", false}, {"auto", true}, {"auto", false},
}

func (w keyWay) String() string {
	if w.events {
		return w.mode + " with events"
	}
	return w.mode
}

// sound is the phone's m= line with its attributes.
func (w keyWay) sound() []string {
	if w.events {
		return []string{"m=audio 40000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"}
	}
	return []string{"m=audio 40000 RTP/AVP 0"}
}

// sends is how the phone's keys travel: events, tones or info.
func (w keyWay) sends() string {
	switch {
	case strings.Contains(w.mode, "info"):
		return "info"
	case w.mode == "inband" || !w.events:
		return "tone"
	}
	return "event"
}

// packet sends what the phone says: RTP of that type.
func (e *ear) packet(t *testing.T, kind byte, number uint16, stamp uint32, payload []byte) {
	t.Helper()
	b := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16([]byte{0x80, kind}, number), stamp)
	b = append(binary.BigEndian.AppendUint32(b, 0x01020304), payload...)
	if _, err := e.pc.WriteTo(b, net.UDPAddrFromAddrPort(e.to)); err != nil {
		t.Fatal(err)
	}
}

// presses has the phone press 5 for 100 ms, in the middle of a second of silence.
func (w keyWay) presses(h *house, caller *talk, e *ear) {
	tone, err := dtmf.NewTone('5', 100*time.Millisecond, 8000)
	if err != nil {
		h.t.Fatal(err)
	}
	enc, _ := codec.NewEncoder(media.Ulaw)
	number, stamp := e.number, e.stamp // what it said before
	began := stamp
	defer func() { e.number, e.stamp = number, stamp }()
	for i := range 50 {
		pcm := make([]int16, 160)
		down := i >= 20 && i < 25
		switch w.sends() {
		case "tone":
			if down {
				_, _ = tone.Read(pcm) // the end comes with the last
			}
		case "info":
			if i == 20 {
				body, kind := "Signal=5\r\nDuration=100\r\n", "application/dtmf-relay"
				if w.mode == "shortinfo" {
					body, kind = "5", "application/dtmf"
				}
				caller.send(sip.INFO, body, "Content-Type: "+kind)
			}
		case "event":
			if i >= 20 && i < 27 {
				units := min(uint16(i-19)*160, 800)
				b := []byte{5, 10, byte(units >> 8), byte(units)}
				if i >= 24 {
					b[1] |= 0x80
				}
				e.packet(h.t, 101, number, began+20*160, b)
				number++
				h.pass(20 * time.Millisecond)
				stamp += 160
				continue
			}
		}
		e.packet(h.t, 0, number, stamp, enc.Encode(nil, pcm))
		number++
		stamp += 160
		h.pass(20 * time.Millisecond)
	}
}

// about is 100 where that was meant: tones are measured in steps of 13 ms.
func about(ms int) int {
	if ms > 75 && ms < 125 {
		return 100
	}
	return ms
}

// infoKey reads a key that comes by INFO.
func infoKey(m *sip.Message) string {
	var ms int
	body := string(m.Body())
	switch {
	case m.ContentType() == "application/dtmf":
		return "shortinfo " + body
	case m.ContentType() == "application/dtmf-relay":
		var key byte
		if _, err := fmt.Sscanf(body, "Signal=%c\r\nDuration=%d", &key, &ms); err == nil {
			return fmt.Sprintf("info %c of %d ms", key, about(ms))
		}
	}
	return string(m.Bytes())
}

// keysAt lists the keys that have reached a phone, in whatever way.
func keysAt(h *house, p *phone, e *ear) string {
	var out []string
	told := make(map[uint32]bool)
	for m := p.hear(time.Second); m != nil; m = p.hear(time.Second) {
		if !m.IsRequest() {
			continue // what became of its own
		}
		// What was not answered while the key was pressed comes again.
		if c, err := m.CSeq(); err == nil && !told[c.Seq] {
			told[c.Seq] = true
			out = append(out, infoKey(m))
		}
		p.reply(m, 200)
	}
	if err := e.pc.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		h.t.Fatal(err)
	}
	d := dtmf.NewDetector(8000, false)
	dec, _ := codec.NewDecoder(media.Ulaw)
	ended := make(map[uint32]bool)
	for buf := make([]byte, 2048); ; {
		n, _, err := e.pc.ReadFrom(buf)
		if err != nil {
			return strings.Join(out, ", ")
		}
		b := buf[:n]
		switch stamp := binary.BigEndian.Uint32(b[4:]); {
		case b[1]&0x7f == 101 && b[13]&0x80 != 0 && !ended[stamp]:
			ended[stamp] = true
			out = append(out, fmt.Sprintf("event %d of %d ms", b[12], about(int(binary.BigEndian.Uint16(b[14:]))/8)))
		case b[1]&0x7f == 0:
			for _, k := range d.Hear(dec.Decode(nil, b[12:])) {
				if k.Up {
					out = append(out, fmt.Sprintf("tone %c of %d ms", k.Key, about(int(k.Held.Milliseconds()))))
				}
			}
		}
	}
}

// TestKeysBetweenModes has a key that one phone sends in its dtmfmode reach the
// other in its own, once.
func TestKeysBetweenModes(t *testing.T) {
	for _, from := range keyWays {
		if from.mode == "rfc2833" && !from.events {
			continue // it has no way to send a key
		}
		for _, to := range keyWays {
			t.Run(from.String()+" to "+to.String(), func(t *testing.T) {
				inHouse(t, directHouse("directmedia=no\ndisallow=all\nallow=ulaw", "dtmfmode="+from.mode, "dtmfmode="+to.mode, ""), func(h *house) {
					one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
					caller := one.offers("1002", from.sound()...)
					m := two.asked(sip.INVITE)
					theirs := two.listens(m)
					two.answers(m, to.sound()...)
					mine := one.listens(caller.accepted())
					h.pass(time.Second)
					theirs.says(t, 0, 0xff)
					from.presses(h, caller, mine)
					got := keysAt(h, two, theirs)
					want := map[string]string{"event": "event 5", "tone": "tone 5", "info": "info 5"}[to.sends()] + " of 100 ms"
					if to.mode == "shortinfo" { // it says no length
						want = "shortinfo 5"
					}
					if got != want {
						t.Errorf("it hears %s, want %s", got, want)
					}
					if w := keysAt(h, one, mine); w != "" {
						t.Errorf("whoever pressed it hears %s", w)
					}
					caller.bye()
					two.reply(two.asked(sip.BYE), 200)
					h.quiet()
				})
			})
		}
	}
}
