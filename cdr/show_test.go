package cdr

import (
	"strings"
	"testing"
	"time"

	"obelus/call"
	"obelus/store"
)

// nothing is a log that keeps nothing.
type nothing struct{}

func (nothing) Begin(store.CallRecord)  {}
func (nothing) End(...store.CallRecord) {}
func (nothing) Drop(store.CallKey)      {}

func TestShowStatus(t *testing.T) {
	batch, off := Defaults(), Defaults()
	batch.Batch.On, batch.Batch.Size = true, 1
	off.Enable = false
	for _, c := range []struct {
		c    Config
		s    Shipping
		want string
	}{
		{Defaults(), Shipping{}, `
Call Detail Record (CDR) settings
----------------------------------
  Logging:                    Enabled
  Mode:                       Simple
  Log calls by default:       Yes
  Log unanswered calls:       No
  Log congestion:             No

  Ignore bridging changes:    No

  Ignore dial state changes:  No

* Registered Backends
  -------------------
    (none)

`}, {batch, Shipping{Backends: []string{"csv"}, Waiting: 3, Next: 90 * time.Second}, `
Call Detail Record (CDR) settings
----------------------------------
  Logging:                    Enabled
  Mode:                       Batch
  Log calls by default:       Yes
  Log unanswered calls:       No
  Log congestion:             No

  Ignore bridging changes:    No

  Ignore dial state changes:  No

* Batch Mode Settings
  -------------------
  Safe shutdown:              Enabled
  Threading model:            Scheduler plus separate threads
  Current batch size:         3 records
  Maximum batch size:         1 record
  Maximum batch time:         300 seconds
  Next batch processing time: 90 seconds

* Registered Backends
  -------------------
    csv

`}, {off, Shipping{Backends: []string{"csv"}}, `
Call Detail Record (CDR) settings
----------------------------------
  Logging:                    Disabled
  Mode:                       Simple

`},
	} {
		var b strings.Builder
		New(c.c, nothing{}).ShowStatus(&b, c.s)
		if b.String() != c.want {
			t.Errorf("%s\nwant\n%s", b.String(), c.want)
		}
	}
}

// TestShowsNoEscapes: a caller's name can't steer the operator's terminal.
func TestShowsNoEscapes(t *testing.T) {
	x := newExchange(Defaults())
	a := x.comes("a")
	a.ChangeIdentity(func(i *call.Identity) { i.Caller.Name = "A\x1b[2J\nB\u009b" })
	var b strings.Builder
	x.ShowChannel(&b, a)
	if strings.ContainsAny(b.String(), "\x1b\u009b") || !strings.Contains(b.String(), "A?[2J?B?") {
		t.Errorf("%q", b.String())
	}
	x.ends(t, a)
}
