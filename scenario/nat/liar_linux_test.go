package nat

import (
	"errors"
	"os"
	"testing"
	"time"

	"obelus/scenario/phones"
)

// innocent is the host that a liar says it is at.
const innocent = publicNet + "77"

// liars have a phone that says it is elsewhere, at an address that is in use,
// call and be called, from behind every NAT to behind every NAT.
func (w *work) liars(t *testing.T) {
	for _, one := range Kinds() {
		for _, two := range Kinds() {
			t.Run(string(one)+" and "+string(two), func(t *testing.T) {
				t.Parallel()
				w.lies.row(t, one, two)
				w.lie(t, one, two)
			})
		}
	}
}

func (w *work) lie(t *testing.T, one, two Kind) {
	lab := NewLab(t, w.numbers)
	host := lab.Public("server", publicServer)
	victim := lab.Public("innocent", innocent)
	liarBox, box := lab.Behind("one", one, publicOne), lab.Behind("two", two, publicTwo)
	phones.StartServerAt(t, phones.ServerSetup{
		Binary: w.binary, Netns: host.Netns, Addr: host.Addr, Files: phones.SeedConfig(t, ""),
	})
	signalling, sound := listenAt(t, victim, sipPort), listenAt(t, victim, phones.LiarSound)

	a := account(phones.Setup{}, "1001", "1002", liarBox.Inside, phones.LowTone)
	b := account(phones.Setup{}, "1002", "1001", box.Inside, phones.HighTone)
	liar, phone := phones.StartLiar(t, a, innocent), phones.StartBaresip(t, b)
	phone.WaitRegistered()
	play(liar, phone, a, b)

	if n := count(t, signalling); n > 0 {
		t.Errorf("the server has sent %d messages to where the liar says it is", n)
	}
	// What a description names may be where the phone is, so that it is tried with
	// a few packets; then it must show itself.
	if n := count(t, sound); n > 2*unproven {
		t.Errorf("the server has sent %d packets of sound to where the liar says it is, want %d a call at most", n, unproven)
	}
}

// unproven is how many packets of sound may go to where nobody has sent from.
const unproven = 100

// play has each call the other, with sound both ways and either hanging up, and
// a text arrive at the liar.
func play(liar *phones.Liar, phone *phones.Baresip, a, b phones.Setup) {
	call := liar.Answers()
	phone.Dial(b.Number(a.User))
	phone.WaitTalking()
	phone.Hears(a.Tone)
	call.Hears(b.Tone)
	phone.HangUp()
	phone.WaitOver()
	call.WaitOver()

	call = liar.Calls(b.User)
	phone.WaitIncoming()
	phone.Answer()
	phone.WaitTalking()
	phone.Hears(a.Tone)
	call.Hears(b.Tone)
	phone.HangUp()
	phone.WaitOver()
	call.WaitOver()

	call = liar.Leaves()
	phone.Dial(b.Number(a.User))
	phone.WaitTalking()
	phone.WaitOver()
	call.WaitOver()

	text := liar.Reads()
	phone.Text("he lies")
	text.WaitOver()
}

// listenAt listens at a port of a host until the test ends.
func listenAt(t *testing.T, host Host, port int) Probe {
	t.Helper()
	p, err := OpenProbe(host, host.Addr, port)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// count is how many packets have come.
func count(t *testing.T, p Probe) int {
	t.Helper()
	_, heard, err := p.Wait("nothing", 100*time.Millisecond)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("count packets: %v", err)
	}
	return len(heard)
}
