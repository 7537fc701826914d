package watch

import (
	"strings"

	"obelus/chansip/outside"
	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/sip"
	"obelus/sip/transaction"
)

// Word is a NOTIFY of no subscription that an operator has sent to phones: a type of
// sip_notify.conf.
type Word struct {
	Headers [][2]string // Event and others
	Body    string
}

// Send sends a word to every phone of an account; false where none can be reached.
// What they answer changes nothing.
func (d *Desk) Send(account string, word Word) bool {
	set := d.c.Settings()
	p := set.Peer(account)
	if p == nil {
		return false
	}
	ways := d.c.Ways(p)
	for _, w := range ways {
		b, branch := d.outOfDialog(set, p, w, set.General.CallerID, set.General.CallerID)
		contentType := ""
		for _, h := range word.Headers {
			switch strings.ToLower(h[0]) {
			case "content-length":
			case "content-type":
				contentType = h[1]
			default:
				b.Header(h[0], h[1])
			}
		}
		d.c.Transactions.Send(b.End(contentType, []byte(word.Body)), branch, sip.NOTIFY, w.Flow, transaction.Timing{T1: p.T1, B: p.TimerB}, deaf{})
	}
	return len(ways) > 0
}

// outOfDialog begins a NOTIFY to a phone that belongs to no subscription.
func (d *Desk) outOfDialog(set *sipconf.Settings, p *sipconf.Peer, w reach.Way, user, name string) (sip.Builder, string) {
	branch := transaction.NewBranch()
	var b sip.Builder
	b.Request(sip.NOTIFY, w.URI)
	d.c.Outside.AddVia(&b, w.Flow, branch)
	for _, route := range w.Routes {
		b.Add(sip.HeaderRoute, route)
	}
	b.Number(sip.HeaderMaxForwards, 70)
	b.Add(sip.HeaderFrom, string(sip.AppendQuoted(nil, name))+" <"+d.c.Outside.URI(&set.General, p, w.Flow, user)+">;tag="+outside.NewTag())
	b.Add(sip.HeaderTo, "<"+w.URI+">")
	b.Add(sip.HeaderContact, d.c.Outside.Contact(&set.General, w.Flow, w.URI, user))
	b.Add(sip.HeaderCallID, d.c.Outside.NewCallID(&set.General, w.Flow))
	b.CSeq(102, sip.NOTIFY)
	b.Add(sip.HeaderUserAgent, set.General.UserAgent)
	return b, branch
}
