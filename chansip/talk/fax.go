package talk

import (
	"slices"
	"strconv"
	"strings"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/sip/sdp"
)

// What is taken of the parameters of a fax at most.
const (
	maxFaxParameters = 16
	maxFaxValue      = 64 // bytes
)

// The parameters that we have a say in (ITU-T T.38 table D.1).
const (
	faxMaxDatagram = "T38FaxMaxDatagram"
	faxCorrection  = "T38FaxUdpEC"
)

// Faxing says whether the call is a fax over T.38 now, or is to become one.
func (t *Talk) Faxing() bool { return t.fax }

// FaxAs is what the phone was told of the other machine.
func (t *Talk) FaxAs() []media.FaxParameter { return t.faxAs }

// WhyNoFax says in words why the call can't turn into a fax over T.38, "" where
// it can: an account that insists on SRTP is not to have one in the clear.
func (t *Talk) WhyNoFax() string {
	switch {
	case !t.peer.T38.On:
		return "t38pt_udptl is not set"
	case t.peer.Encryption == sipconf.EncryptYes:
		return "encryption=yes, and T.38 is never encrypted"
	}
	return ""
}

// AsksFax says whether an offer turns the call into a fax over UDPTL (T.38), with
// no sound beside it, and with which parameters. It is false where the account
// has no T.38.
func (t *Talk) AsksFax(offer *sdp.Session) ([]media.FaxParameter, bool) {
	m, ok := offer.First(media.Image.String())
	if _, sound := offer.First(media.Audio.String()); sound || !ok || !m.IsT38() || t.WhyNoFax() != "" {
		return nil, false
	}
	return t.faxOf(m), true
}

// faxOf reads the parameters of a T.38 line. Where the account says so the
// phone's word about the size of its packets is not believed.
func (t *Talk) faxOf(m *sdp.Media) []media.FaxParameter {
	var out []media.FaxParameter
	for _, a := range m.Attributes {
		if len(a.Name) > 3 && strings.EqualFold(a.Name[:3], "T38") && len(a.Name) <= maxFaxValue && len(a.Value) <= maxFaxValue && len(out) < maxFaxParameters {
			out = append(out, media.FaxParameter{Name: a.Name, Value: a.Value})
		}
	}
	if n := t.peer.T38.MaxDatagram; n > 0 {
		out = slices.DeleteFunc(out, func(p media.FaxParameter) bool { return strings.EqualFold(p.Name, faxMaxDatagram) })
		out = append(out, media.FaxParameter{Name: faxMaxDatagram, Value: strconv.Itoa(n)})
	}
	return out
}

// OfferFax describes the call as a fax, in the place of the sound: what the other
// machine can do, as far as the account allows.
func (t *Talk) OfferFax(params []media.FaxParameter) (*sdp.Session, error) {
	if err := t.openFax(); err != nil {
		return nil, err
	}
	t.faxAs = params
	return t.Describe(sdp.SendRecv), nil
}

// faxLines are those of a description of the call as a fax.
func (t *Talk) faxLines() []sdp.Media {
	var out []sdp.Media
	taken := false
	for i := range t.lines {
		if l := &t.lines[i]; l.kind == media.Audio && !l.refused && !taken {
			out = append(out, t.faxLine(t.faxAs))
			taken = true
		} else {
			out = append(out, l.decline())
		}
	}
	return out
}

// TakeFaxOffer keeps where the phone's machine listens.
func (t *Talk) TakeFaxOffer(offer *sdp.Session) error {
	if err := t.openFax(); err != nil {
		return err
	}
	t.setFax(offer)
	return nil
}

// AnswerFax describes the call as a fax to the phone that offered it: what the
// other machine can do.
func (t *Talk) AnswerFax(offer *sdp.Session, params []media.FaxParameter) *sdp.Session {
	s := t.head()
	t.faxAs = params
	taken := false
	for i := range offer.Media {
		m := &offer.Media[i]
		if m.IsT38() && !m.Rejected() && !taken {
			s.Media = append(s.Media, t.faxLine(params))
			taken = true
		} else {
			s.Media = append(s.Media, m.Decline())
		}
	}
	return s
}

// TakeFaxAnswer takes the answer to our offer of a fax; false where the phone has
// not taken it.
func (t *Talk) TakeFaxAnswer(answer *sdp.Session) ([]media.FaxParameter, bool) {
	m, ok := answer.First(media.Image.String())
	if !ok || !m.IsT38() {
		return nil, false
	}
	t.setFax(answer)
	return t.faxOf(m), true
}

// EndFax ends the fax: what was agreed on about sound holds again.
func (t *Talk) EndFax() error {
	t.fax, t.faxAs = false, nil
	return t.session.CloseImage()
}

func (t *Talk) openFax() error {
	if _, err := t.session.OpenImage(); err != nil {
		return err
	}
	t.Home() // a fax goes by way of us
	t.fax = true
	return nil
}

// setFax tells the media plane where the phone's machine listens.
func (t *Talk) setFax(their *sdp.Session) {
	m, ok := their.First(media.Image.String())
	im := t.session.Image()
	if !ok || im == nil {
		return
	}
	addr, _ := their.RTPAddr(m)
	im.SetRemote(addr, t.symmetric(addr), t.signal)
	t.remote = their.Origin.SessionID + " " + their.Origin.Version
}

// faxLine is the m= line of a fax.
func (t *Talk) faxLine(params []media.FaxParameter) sdp.Media {
	m := sdp.Media{Kind: media.Image.String(), Proto: "udptl", Formats: []string{"t38"}}
	if im := t.session.Image(); im != nil {
		m.Port = im.Port()
	}
	for _, p := range params {
		if strings.EqualFold(p.Name, faxCorrection) {
			if p.Value = weaker(p.Value, t.peer.T38.Correction); p.Value == "" {
				continue
			}
		}
		m.Add(p.Name, p.Value)
	}
	return m
}

// weaker is the error correction that the phone is told of: the other machine's,
// and none that the account is not to have.
func weaker(value string, most sipconf.Correction) string {
	fec := strings.EqualFold(value, "t38UDPFEC")
	switch {
	case most == sipconf.CorrectNot:
		return ""
	case most == sipconf.CorrectRedundancy && fec:
		return "t38UDPRedundancy"
	}
	return value
}
