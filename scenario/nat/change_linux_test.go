package nat

import (
	"regexp"
	"strconv"
	"testing"
	"time"

	"obelus/scenario/phones"
)

// Private ports of a phone's sound.
const (
	soundFirst = sipPort + 10
	soundLast  = sipPort + 39
)

// Addresses that a NAT changes to.
const (
	laterOne = publicNet + "111"
	laterTwo = publicNet + "112"
)

// changes has a NAT give the phone another port or address while it talks.
func (w *work) changes(t *testing.T) {
	for _, kind := range Kinds() {
		t.Run("ports of the sound, "+string(kind), func(t *testing.T) {
			t.Parallel()
			w.soundMoves(t, w.desk(t, kind, kind, deskSetup{}))
		})
		t.Run("port of the signalling, "+string(kind), func(t *testing.T) {
			t.Parallel()
			w.signallingMoves(t, w.desk(t, kind, kind, deskSetup{}))
		})
		t.Run("address, "+string(kind), func(t *testing.T) {
			t.Parallel()
			w.addressMoves(t, w.desk(t, kind, kind, deskSetup{}))
		})
	}
}

// soundMoves moves the sound of one phone, then of the other; each time both
// hear each other again. Either may hang up.
func (w *work) soundMoves(t *testing.T, d *desk) {
	for _, enders := range [][2]phones.Line{{d.linphone, d.baresip}, {d.baresip, d.linphone}} {
		phones.Connect(d.linphone, d.baresip)
		phones.HearEachOther(d.linphone, d.baresip)
		for _, box := range []*Box{d.one, d.two} {
			box.Renumber(soundFirst, soundLast)
			w.soundBack(t, d)
		}
		phones.Part(enders[0], enders[1])
	}
}

// soundBack waits until both hear each other again after a change, and notes
// how long the slower of them took: a tone needs a second to be recognised.
func (w *work) soundBack(t *testing.T, d *desk) {
	t.Helper()
	began := time.Now()
	phones.HearEachOther(d.linphone, d.baresip)
	t.Logf("both hear each other again after %v", time.Since(began).Round(time.Millisecond))
}

// signallingMoves moves the signalling of one phone, which then hangs up; and
// of the other, which registers anew, is hung up on and can be called again.
func (w *work) signallingMoves(t *testing.T, d *desk) {
	phones.Connect(d.baresip, d.linphone)
	d.one.Renumber(sipPort, sipPort)
	phones.HearEachOther(d.linphone, d.baresip)
	phones.Part(d.linphone, d.baresip)

	d.moved("1001", d.one, d.linphone)
	phones.Connect(d.baresip, d.linphone)
	d.two.Renumber(sipPort, sipPort)
	d.moved("1002", d.two, d.baresip)
	phones.HearEachOther(d.linphone, d.baresip)
	phones.Part(d.linphone, d.baresip)

	phones.Connect(d.linphone, d.baresip)
	phones.Part(d.linphone, d.baresip)
}

// moved has a phone register anew, and waits until the server knows where.
func (d *desk) moved(user string, box *Box, phone phones.Line) {
	d.lab.t.Helper()
	at := regexp.QuoteMeta(box.public) + `:`
	if box.kind != Symmetric {
		at += strconv.Itoa(box.ports[sipPort])
	} else {
		at += `\d+`
	}
	phone.Register()
	d.server.WaitAt(user, at)
}

// addressMoves gives each NAT another public address in mid-call: the sound
// comes back, and after the phones have registered anew either can hang up.
func (w *work) addressMoves(t *testing.T, d *desk) {
	phones.Connect(d.linphone, d.baresip)
	phones.HearEachOther(d.linphone, d.baresip)
	d.one.Readdress(laterOne)
	w.soundBack(t, d)
	d.moved("1001", d.one, d.linphone)
	d.two.Readdress(laterTwo)
	d.moved("1002", d.two, d.baresip)
	w.soundBack(t, d)
	phones.Part(d.linphone, d.baresip)

	phones.Connect(d.baresip, d.linphone)
	phones.HearEachOther(d.linphone, d.baresip)
	phones.Part(d.linphone, d.baresip)
}
