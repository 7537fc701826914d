package chansip

import (
	"context"

	"obelus/call"
	"obelus/chansip/referral"
	"obelus/sip"
)

// Transfer sends the phone elsewhere: by 302 while its call was not answered
// (RFC 3261 section 21.3.3), else by REFER. to is a user of ours, or user@host.
func (l *leg) Transfer(ctx context.Context, to string) (code int, err error) {
	l.mu.Lock()
	uri, err := referral.Target(to, l.d.where.Host(&l.set.General, l.flow))
	switch {
	case err != nil:
	case l.state == legRinging && l.incoming:
		l.request.Answer(302, "Moved Temporarily", func(b *sip.Builder) { b.Add(sip.HeaderContact, "Transfer <"+uri+">") })
		l.mu.Unlock()
		l.ended(call.CauseNormalClearing)
		return 302, nil
	case l.state != legUp:
		err = call.ErrGone
	default:
		l.referred = referral.New()
		r := l.referred
		b, branch := l.begin(l.dlg, sip.REFER)
		b.Header("Refer-To", "<"+uri+">")
		b.Header("Referred-By", l.contact)
		l.sendOwn(b.End("", nil), branch, sip.REFER, r)
		l.mu.Unlock()
		return r.Wait(ctx)
	}
	l.mu.Unlock()
	return 0, err
}
