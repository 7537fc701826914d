// Package referral is what REFER says (RFC 3515): that a phone is asked to call somebody else, and what comes of it; what a phone asks of us so.
package referral

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/sip"
	"obelus/sip/transaction"
)

// ErrRefused is what a phone says that does not transfer itself.
var ErrRefused = errors.New("the phone refused to be transferred")

// patience is how long a phone that has taken a REFER is waited for to say what came of it.
const patience = 32 * time.Second

// Target is the URI that a phone is to call: to is user@host, or a user at host.
func Target(to, host string) (string, error) {
	uri := "sip:" + to
	if !strings.Contains(to, "@") {
		uri = "sip:" + string(sip.AppendEscapedUser(nil, to)) + "@" + host
	}
	if _, err := sip.ParseURI(uri); err != nil || strings.ContainsAny(uri, "<> \r\n") {
		return "", fmt.Errorf("%q can't be called", to)
	}
	return uri, nil
}

// To reads whom a REFER of a phone names, and the headers that a request to him is to have.
func To(m *sip.Message) (user, headers string, ok bool) {
	v, _ := m.Header("Refer-To")
	a, err := sip.ParseNameAddr(v)
	if err != nil {
		return "", "", false
	}
	u, err := a.URI()
	if err != nil || u.Who() == "" {
		return "", "", false
	}
	return u.Who(), u.Headers, true
}

// Report adds to a NOTIFY that it is about a phone's REFER of that number, and that nothing more is said of it.
func Report(b *sip.Builder, number uint32) {
	b.Header("Event", fmt.Sprintf("refer;id=%d", number))
	b.Header("Subscription-State", "terminated;reason=noresource")
}

// Referral is a REFER that was sent. What comes of it are numbers of SIP: its answer, and then what its NOTIFYs say.
type Referral struct {
	answer chan int
}

// New makes one. It is the sink of its request.
func New() *Referral { return &Referral{answer: make(chan int, 2)} }

// Response takes the answer.
func (r *Referral) Response(_ *transaction.Client, m *sip.Message) {
	if s := m.StatusCode(); s >= 200 {
		r.tell(s)
	}
}

// Failed is told when there is none.
func (r *Referral) Failed(*transaction.Client, error) { r.tell(408) }

func (r *Referral) tell(status int) {
	select {
	case r.answer <- status:
	default: // it has been told enough
	}
}

// Notified takes in a NOTIFY of the phone (RFC 3515 section 2.4.5); one about something else is passed over. r may be nil.
func (r *Referral) Notified(m *sip.Message) {
	event, _ := m.Header("Event")
	version, rest, ok := strings.Cut(string(m.Body()), " ")
	if r == nil || !ok || !strings.HasPrefix(strings.ToLower(event), "refer") || version != "SIP/2.0" || len(rest) < 3 {
		return
	}
	if s, err := strconv.Atoi(rest[:3]); err == nil && s >= 200 {
		r.tell(s)
	}
}

// Wait waits for the outcome. Where the phone has taken the REFER and then says nothing of it that is its answer.
func (r *Referral) Wait(ctx context.Context) (status int, err error) {
	over := time.NewTimer(patience)
	defer over.Stop()
	last := 0
	for {
		select {
		case <-ctx.Done():
			return last, context.Cause(ctx)
		case <-over.C:
			if last == 0 {
				return 0, ErrRefused
			}
			return last, nil
		case s := <-r.answer:
			switch {
			case s >= 300:
				return s, fmt.Errorf("%w: %d", ErrRefused, s)
			case last != 0:
				return s, nil
			}
			last = s
		}
	}
}
