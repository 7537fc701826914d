package scenario

import (
	"io/fs"
	"math"
	"path/filepath"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
	tonefile "obelus/media/sound"
	"obelus/prompt"
	"obelus/sip"
)

// prompts are the sounds of a house: "menu" is two seconds of 440 Hz; others are missing.
type prompts struct{}

// Open opens one.
func (prompts) Open(name, _ string, _ []media.Format) (prompt.Sound, error) {
	if filepath.IsAbs(name) { // a recording
		return tonefile.Library{}.Open(name, "")
	}
	if name != "menu" {
		return nil, fs.ErrNotExist
	}
	src, err := tonefile.NewTone("!440/2000")
	return tone{src}, err
}

// Exists says whether there is one.
func (prompts) Exists(name, _ string) bool {
	return name == "menu" || filepath.IsAbs(name) && tonefile.Library{}.Exists(name, "")
}

type tone struct{ media.Source }

func (tone) Close() error { return nil }

// loud is how much of a frequency a phone hears in a while: 0 for nothing, near 1 for
// nothing else.
func (e *ear) loud(t *testing.T, freq float64, last time.Duration) float64 {
	t.Helper()
	dec, _ := codec.NewDecoder(media.Ulaw)
	var pcm []int16
	for _, b := range e.hears(t, 0, last) {
		pcm = dec.Decode(pcm, b)
	}
	var re, im, all float64
	for i, s := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * freq * float64(i) / 8000)
		re += float64(s) * cos
		im += float64(s) * sin
		all += float64(s) * float64(s)
	}
	if all == 0 {
		return 0
	}
	return 2 * (re*re + im*im) / (all * float64(len(pcm)))
}

// hearsTone fails unless a phone hears that frequency, and nothing else.
func (e *ear) hearsTone(t *testing.T, freq float64, what string) {
	t.Helper()
	if l := e.loud(t, freq, 400*time.Millisecond); l < 0.9 {
		t.Errorf("%s: it hears %.2f of %.0f Hz", what, l, freq)
	}
}

// TestMenu walks a menu with a phone that presses keys in each of the ways there are: it
// hears the menu, presses 5, which is an extension, is asked there, presses 5 again, and
// hears the tone of so many hundred hertz. Nothing is installed.
func TestMenu(t *testing.T) {
	for _, w := range keyWays {
		if w.mode == "rfc2833" && !w.events {
			continue // it has no way to send a key
		}
		t.Run(w.String(), func(t *testing.T) {
			f := directHouse("disallow=all\nallow=ulaw\ntonezone=de", "dtmfmode="+w.mode, "", "")
			f.extensions = readFile(t, "testdata/ivr-extensions.conf")
			inHouse(t, f, func(h *house) {
				one := h.registered("1001", addrOne)
				caller := one.offers("600", w.sound()...)
				mine := one.listens(caller.accepted())
				mine.says(t, 0, 0xff)
				mine.hearsTone(t, 440, "the menu")
				w.presses(h, caller, mine)
				if w.sends() == "info" {
					one.answer(200)
				}
				mine.hears(t, 0, 300*time.Millisecond) // what was played meanwhile
				mine.hearsTone(t, 440, "the question")
				w.presses(h, caller, mine)
				if w.sends() == "info" {
					one.answer(200)
				}
				mine.hears(t, 0, time.Second)
				mine.hearsTone(t, 500, "the answer")
				h.pass(5 * time.Second)
				mine.hears(t, 0, 100*time.Millisecond)
				mine.hearsTone(t, 425, "Germany's dial tone")
				caller.bye()
				h.quiet()
			})
		})
	}
}

// TestRingBehindAnswer has a caller whose call was answered hear ringing, as its phone
// can't be told of it any more, and the tone end where the call is taken.
func TestRingBehindAnswer(t *testing.T) {
	f := directHouse("directmedia=no\ndisallow=all\nallow=ulaw", "tonezone=de", "", "Answer()\n same => n,Dial(SIP/1002,30)")
	inHouse(t, f, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		caller := one.call("1002")
		mine := one.listens(caller.accepted())
		mine.says(t, 0, 0xff)
		m := two.asked(sip.INVITE)
		two.reply(m, 180)
		h.pass(100 * time.Millisecond)
		mine.hearsTone(t, 425, "ringing")
		theirs := two.listens(m)
		two.takes(m)
		h.pass(time.Second)
		mine.hears(t, 0, 100*time.Millisecond)
		for i := range uint16(10) {
			theirs.says(t, i, 0x22)
			h.pass(20 * time.Millisecond)
		}
		heard := mine.hears(t, 0, time.Second)
		if len(heard) == 0 || heard[len(heard)-1][80] != 0x22 {
			t.Errorf("it hears %d packets, not those of the other", len(heard))
		}
		caller.bye()
		two.reply(two.asked(sip.BYE), 200)
		h.quiet()
	})
}

// TestInbandRinging: progressinband=yes has ringing heard before the answer.
func TestInbandRinging(t *testing.T) {
	f := directHouse("disallow=all\nallow=ulaw", "progressinband=yes", "", "Ringing()\n same => n,Wait(3)\n same => n,Busy(1)")
	inHouse(t, f, func(h *house) {
		one := h.registered("1001", addrOne)
		caller := one.begins("1005").invites()
		one.answer(100)
		one.answer(180)
		mine := one.listens(one.answer(183))
		mine.says(t, 0, 0xff)
		h.pass(100 * time.Millisecond)
		if l := mine.loud(t, 440, time.Second) + mine.loud(t, 480, time.Second); l < 0.9 {
			t.Errorf("ringing is not heard: %.2f", l)
		}
		m := one.answer(486)
		caller.ackRefusal(m)
		h.quiet()
	})
}

// TestMenuInMacro has a key pressed during the sound of a macro lead out of it, into the
// context that called it, as the original does.
func TestMenuInMacro(t *testing.T) {
	f := directHouse("disallow=all\nallow=ulaw", "", "", "")
	f.extensions = "[my]\nexten => 600,1,Answer()\n same => n,Macro(menu)\n same => n,Hangup()\nexten => 5,1,PlayTones(500)\n same => n,Wait(20)\n" +
		"[macro-menu]\nexten => s,1,BackGround(menu)\n same => n,Hangup()\n"
	inHouse(t, f, func(h *house) {
		one := h.registered("1001", addrOne)
		caller := one.offers("600", keyWay{"rfc2833", true}.sound()...)
		mine := one.listens(caller.accepted())
		mine.says(t, 0, 0xff)
		mine.hearsTone(t, 440, "the menu")
		keyWay{"rfc2833", true}.presses(h, caller, mine)
		mine.hears(t, 0, 100*time.Millisecond)
		mine.hearsTone(t, 500, "the extension")
		caller.bye()
		h.quiet()
	})
}
