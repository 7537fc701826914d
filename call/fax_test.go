package call

import (
	"errors"
	"testing"
	"testing/synctest"

	"obelus/media"
)

// faxLeg is a phone that notes what it is told of a fax.
type faxLeg struct {
	fakeLeg
	refuses bool
}

func (l *faxLeg) Indicate(i Indication) error {
	x, ok := i.(Fax)
	if !ok {
		return l.fakeLeg.Indicate(i)
	}
	if l.refuses {
		return errors.New("no T.38 here")
	}
	word := [...]string{FaxAsked: "asked", FaxAgreed: "agreed", FaxRefused: "refused", FaxOver: "over"}[x.Step]
	for _, p := range x.Params {
		word += " " + p.Name + ":" + p.Value
	}
	return l.note(word)
}

// TestFaxBetweenTwo has a bridge carry the words of a fax, and refuse where the
// other party can't be asked.
func TestFaxBetweenTwo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRegistry(quiet(), nil)
		la, lb := &faxLeg{fakeLeg: fakeLeg{sound: &fakeMedia{}}}, &faxLeg{fakeLeg: fakeLeg{sound: &fakeMedia{}}}
		a, b := r.New(Spec{Name: "SIP/a-0", Leg: la}), r.New(Spec{Name: "SIP/b-0", Leg: lb})
		bridge := NewBridge()
		for _, c := range []*Channel{a, b} {
			c.Start(Await)
			if err := c.Do(bridge.Order()); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		says := func(c *Channel, step FaxStep) {
			c.Notify(Event{Kind: EventFax, Indication: Fax{Step: step, Params: []media.FaxParameter{{Name: "T38FaxVersion", Value: "0"}}}})
			synctest.Wait()
		}
		says(a, FaxAsked)
		says(b, FaxAgreed)
		says(a, FaxOver)
		if !lb.has("asked T38FaxVersion:0") || !la.has("agreed T38FaxVersion:0") || !lb.has("over T38FaxVersion:0") {
			t.Errorf("a was told %q, b %q", la.told, lb.told)
		}
		lb.refuses = true
		says(a, FaxOver)
		if la.has("refused") {
			t.Error("what needs no answer was refused")
		}
		says(a, FaxAsked)
		if !la.has("refused") {
			t.Errorf("a was not told that b refuses: %q", la.told)
		}
		a.Hangup(CauseNormalClearing)
		b.Hangup(CauseNormalClearing)
		<-a.Done()
		<-b.Done()
	})
}
