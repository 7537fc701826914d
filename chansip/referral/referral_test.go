package referral

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"obelus/sip"
)

func TestTarget(t *testing.T) {
	for to, want := range map[string]string{
		"100": "sip:100@10.0.0.1", "100@there.example": "sip:100@there.example", "a b": "sip:a%20b@10.0.0.1", "x>@y": "", "a@b c": "",
	} {
		if got, err := Target(to, "10.0.0.1"); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", to, got, err, want)
		}
	}
}

func notify(t *testing.T, event, body string) *sip.Message {
	t.Helper()
	m, err := sip.Parse([]byte(fmt.Sprintf("NOTIFY sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 NOTIFY\r\nEvent: %s\r\nContent-Length: %d\r\n\r\n%s", event, len(body), body)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestWait: what the dialplan is told of a REFER.
func TestWait(t *testing.T) {
	for name, c := range map[string]struct {
		does   func(r *Referral)
		status int
		err    error
	}{
		"taken, and made": {func(r *Referral) {
			r.tell(202)
			r.Notified(notify(t, "refer", "SIP/2.0 100 Trying"))
			r.Notified(notify(t, "refer;id=3", "SIP/2.0 200 OK\r\n"))
		}, 200, nil},
		"taken, and not made": {func(r *Referral) { r.tell(202); r.Notified(notify(t, "refer", "SIP/2.0 486 Busy")) }, 486, ErrRefused},
		"taken, and nothing":  {func(r *Referral) { r.tell(202); r.Notified(notify(t, "presence", "SIP/2.0 200 OK")) }, 202, nil},
		"rubbish": {func(r *Referral) {
			r.tell(202)
			r.Notified(notify(t, "refer", "SIP/2.0 2"))
			r.Notified(notify(t, "refer", ""))
		}, 202, nil},
		"refused":   {func(r *Referral) { r.tell(603) }, 603, ErrRefused},
		"no answer": {func(r *Referral) { r.Failed(nil, nil) }, 408, ErrRefused},
		"silence":   {func(*Referral) {}, 0, ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := New()
				go c.does(r)
				status, err := r.Wait(t.Context())
				if status != c.status || !errors.Is(err, c.err) {
					t.Errorf("%d, %v; want %d, %v", status, err, c.status, c.err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := New().Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		var none *Referral
		none.Notified(notify(t, "refer", "SIP/2.0 200 OK"))
	})
}
