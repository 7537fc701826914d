package text

import (
	"context"
	"fmt"
	"slices"

	"obelus/chansip/reach"
	"obelus/chansip/sipconf"
	"obelus/message"
	"obelus/message/waiting"
	"obelus/sip"
)

// Phones are the phones of sip.conf's accounts for texts that wait. Its methods may be
// called from any goroutine.
type Phones struct{ *Sender }

var _ waiting.Driver = Phones{}

// Account implements waiting.Driver.
func (s Phones) Account(to string) (waiting.Account, bool) {
	set := s.c.Settings()
	a, err := readAddress(to)
	if err != nil {
		return waiting.Account{}, false
	}
	name, _ := s.named(set, a)
	return accountOf(set.Peer(name))
}

// Named implements waiting.Driver.
func (s Phones) Named(name string) (waiting.Account, bool) {
	return accountOf(s.c.Settings().Peer(name))
}

func accountOf(p *sipconf.Peer) (waiting.Account, bool) {
	if p == nil || p.Type&sipconf.TypePeer == 0 {
		return waiting.Account{}, false
	}
	return waiting.Account{
		Name: p.Name, Store: p.StoreMessages, Several: p.Dynamic && p.MaxContacts > 1, Expiry: p.MessageExpiry, Most: p.MaxStored,
	}, true
}

// Limits are what sip.conf allows to wait.
func (s Phones) Limits() waiting.Limits {
	g := &s.c.Settings().General
	return waiting.Limits{Messages: g.MaxStoredTotal, Bytes: g.MaxStoredBytes, Notices: g.MessageNotices}
}

// Waits implements waiting.Driver.
func (s Phones) Waits(account string) bool {
	p := s.c.Settings().Peer(account)
	return p != nil && s.c.Reach.Waits(p)
}

// Phones implements waiting.Driver.
func (s Phones) Phones(account string) []waiting.Phone {
	p := s.c.Settings().Peer(account)
	if p == nil || p.Type&sipconf.TypePeer == 0 {
		return nil
	}
	var out []waiting.Phone
	for _, w := range s.c.Ways(p) {
		if phone := phoneOf(w); !slices.Contains(out, phone) {
			out = append(out, phone)
		}
	}
	return out
}

// phoneOf names the phone at the end of a way: by its instance (RFC 5626), else by
// where it is.
func phoneOf(w reach.Way) waiting.Phone {
	if w.Instance != "" {
		return waiting.Phone{Key: w.Instance, Instance: true}
	}
	return waiting.Phone{Key: "at " + w.Contact}
}

// Deliver implements waiting.Driver.
func (s Phones) Deliver(ctx context.Context, account, phone string, m *message.Message) error {
	set := s.c.Settings()
	p := set.Peer(account)
	if p == nil || p.Type&sipconf.TypePeer == 0 {
		return fmt.Errorf("%w: sip.conf has no account '%s' any more", message.ErrFailed, account)
	}
	number := ""
	if a, err := readAddress(m.To); err == nil {
		_, number = s.named(set, a)
	}
	to, err := s.account(set, p, number)
	if err != nil {
		return err
	}
	to.Ways = slices.DeleteFunc(to.Ways, func(w reach.Way) bool { return phoneOf(w).Key != phone })
	if len(to.Ways) == 0 {
		return fmt.Errorf("%w: the phone of SIP/%s has gone", message.ErrFailed, account)
	}
	return s.Sender.Deliver(ctx, to, m)
}

// named is the account that an address may mean, and the number behind it.
func (s *Sender) named(set *sipconf.Settings, a address) (name, number string) {
	name, number = a.host, sip.Unescape(a.user)
	if number != "" && set.Peer(name) == nil && s.c.Reach.Local(set, a.host+a.params) {
		name, number = number, ""
	}
	return name, number
}

// firm says whether a phone that gives an answer would give it another time too. The
// others say that it does not take the text now: it is busy, not to be disturbed, or
// in trouble.
func firm(status int) bool {
	switch status {
	case 408, 430, 480, 486, 487, 491:
		return false
	case 501, 505, 513:
		return true
	}
	return status < 500 || status >= 600
}
