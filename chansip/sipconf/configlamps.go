package sipconf

import (
	"errors"
	"strings"
	"time"
)

// NotifyRinging is when a lamp shows that an extension rings.
type NotifyRinging uint8

// The values of notifyringing=.
const (
	RingingShown    NotifyRinging = iota // yes
	RingingNotInUse                      // only while it is not in use
	RingingHidden                        // no
)

// String is the word of sip show settings.
func (n NotifyRinging) String() string { return [...]string{"Yes", "Yes, when not in use", "No"}[n%3] }

// NotifyCID is whether a lamp says who rings an extension.
type NotifyCID uint8

// The values of notifycid=.
const (
	CIDHidden        NotifyCID = iota // no
	CIDShown                          // yes
	CIDIgnoreContext                  // ignore-context
)

// String is the word of sip show settings.
func (n NotifyCID) String() string { return [...]string{"No", "Yes", "Yes (Ignoring context)"}[n%3] }

// Lamps are the settings of [general] about lamps and waiting messages.
type Lamps struct {
	Ringing              NotifyRinging
	Hold                 bool // notifyhold
	CID                  NotifyCID
	MinExpiry, MaxExpiry time.Duration // subminexpiry, submaxexpiry
	MWIFrom              string        // mwi_from: whom the unasked word of waiting messages is from
	MWIType              string        // notifymimetype
}

// lampOptions are those of [general] and of accounts about lamps and waiting
// messages.
func lampOptions() map[string]option {
	flag := func(at func(*Peer) *bool) option { return ofAccount(parseYesNo, at).everywhere() }
	seconds := func(at func(*General) *time.Duration) option { return inGeneral(units(time.Second, 1), at) }
	return map[string]option{
		"callcounter":    flag(func(p *Peer) *bool { return &p.CallCounter }),
		"notifyringing":  inGeneral(parseNotifyRinging, func(g *General) *NotifyRinging { return &g.Lamps.Ringing }),
		"notifyhold":     inGeneral(parseYesNo, func(g *General) *bool { return &g.Lamps.Hold }),
		"notifycid":      inGeneral(parseNotifyCID, func(g *General) *NotifyCID { return &g.Lamps.CID }),
		"subminexpiry":   seconds(func(g *General) *time.Duration { return &g.Lamps.MinExpiry }),
		"submaxexpiry":   seconds(func(g *General) *time.Duration { return &g.Lamps.MaxExpiry }),
		"mwi_from":       inGeneral(parseText, func(g *General) *string { return &g.Lamps.MWIFrom }),
		"notifymimetype": inGeneral(parseMIME, func(g *General) *string { return &g.Lamps.MWIType }),
		"mailbox":        ofAccount(parseList, func(p *Peer) *[]string { return &p.Mailboxes }).ofOne(),
		"hasvoicemail":   {account: setHasVoicemail, alone: true},
		"vmexten":        ofAccount(parseText, func(p *Peer) *string { return &p.VMExten }).everywhere(),
		"subscribemwi":   flag(func(p *Peer) *bool { return &p.SubscribeMWI }),
		"buggymwi":       flag(func(p *Peer) *bool { return &p.BuggyMWI }),
	}
}

// lampDefaults are the original's.
func lampDefaults() Lamps {
	return Lamps{MinExpiry: time.Minute, MaxExpiry: time.Hour, MWIType: "application/simple-message-summary"}
}

// setHasVoicemail reads hasvoicemail=yes: the account has the mailbox of its own name,
// where it has no other.
func setHasVoicemail(p *Peer, v string) error {
	if yesNo(v) && len(p.Mailboxes) == 0 {
		p.Mailboxes = []string{p.Name}
	}
	return nil
}

func parseNotifyRinging(v string) (NotifyRinging, error) {
	if strings.EqualFold(strings.TrimSpace(v), "notinuse") {
		return RingingNotInUse, nil
	}
	yes, err := parseYesNo(v)
	if yes {
		return RingingShown, err
	}
	return RingingHidden, err
}

func parseNotifyCID(v string) (NotifyCID, error) {
	if strings.EqualFold(strings.TrimSpace(v), "ignore-context") {
		return CIDIgnoreContext, nil
	}
	yes, err := parseYesNo(v)
	if yes {
		return CIDShown, err
	}
	return CIDHidden, err
}

func parseMIME(v string) (string, error) {
	if v = strings.TrimSpace(v); !strings.Contains(v, "/") || strings.ContainsAny(v, " \t\r\n;,") {
		return "", errors.New("it is no type such as application/simple-message-summary")
	}
	return v, nil
}
