package watch

import (
	"obelus/chansip/sipconf"
	"obelus/device"
	"obelus/sip"
)

// look is a state in the words of presence.
type look struct {
	basic    string // open, inuse, closed
	activity string // of RPID: busy, away; "" for none
	note     string
}

// lookOf is how a state looks, in the original's words.
func lookOf(s *device.Status, state device.Extension) look {
	if s.Offline() {
		return look{"closed", "away", "Not online"}
	}
	switch state {
	case device.ExtensionRinging, device.ExtensionRinging | device.ExtensionInUse:
		return look{"inuse", "busy", "Ringing"}
	case device.ExtensionInUse:
		return look{"inuse", "busy", "On the phone"}
	case device.ExtensionBusy:
		return look{"closed", "busy", "On the phone"}
	case device.ExtensionUnavailable:
		return look{"closed", "away", "Unavailable"}
	case device.ExtensionHold, device.ExtensionHold | device.ExtensionInUse:
		return look{"closed", "busy", "On hold"}
	}
	return look{"open", "", "Ready"}
}

// shown is the state as notifyringing lets it be seen.
func shown(state device.Extension, n sipconf.NotifyRinging) device.Extension {
	switch {
	case state < 0 || state&device.ExtensionRinging == 0:
		return state
	case n == sipconf.RingingHidden, n == sipconf.RingingNotInUse && state&device.ExtensionInUse != 0:
		return state &^ device.ExtensionRinging
	}
	return state
}

// uris are the addresses in the dialog: that of the extension, and the watcher's.
func (s *subscription) uris() (extension, watcher string) {
	return plainURI(s.dlg.Local), plainURI(s.dlg.Remote)
}

// plainURI is the URI of a From or To, without parameters.
func plainURI(header string) string {
	n, err := sip.ParseNameAddr(header)
	if err != nil {
		return ""
	}
	for i := 0; i < len(n.Addr); i++ {
		if n.Addr[i] == ';' || n.Addr[i] == '?' {
			return n.Addr[:i]
		}
	}
	return n.Addr
}

// writePIDF writes RFC 3863, with RPID (RFC 4480) in the original's form: some phones
// look for exactly these names. The entity is whose presence it is; the original has
// the watcher's address there, which no phone can have wanted.
func writePIDF(s *subscription, set *sipconf.Settings) []byte {
	l := lookOf(&s.latest, shown(s.latest.State, set.General.Lamps.Ringing))
	uri, _ := s.uris()
	w := writer{make([]byte, 0, 768)}
	w.put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"+
		"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" \nxmlns:pp=\"urn:ietf:params:xml:ns:pidf:person\"\n"+
		"xmlns:es=\"urn:ietf:params:xml:ns:pidf:rpid:status:rpid-status\"\nxmlns:ep=\"urn:ietf:params:xml:ns:pidf:rpid:rpid-person\"\n"+
		"entity=\"", uri, "\">\n<pp:person><status>\n")
	if l.activity != "" {
		w.put("<ep:activities><ep:" + l.activity + "/></ep:activities>\n")
	}
	basic := "open" // on the phone, but there
	if l.basic == "closed" && l.activity != "busy" {
		basic = "closed"
	}
	w.put("</status></pp:person>\n<note>", l.note, "</note>\n<tuple id=\"", s.exten, "\">\n<contact priority=\"1\">", uri,
		"</contact>\n<status><basic>"+basic+"</basic></status>\n</tuple>\n")
	if p := &s.latest.Presence; p.State != device.NotSet && p.State != device.PresenceInvalid {
		w.put("<tuple id=\"digium-presence\">\n<status>\n<digium_presence type=\"", p.State.String(), "\" subtype=\"", p.Subtype, "\">", p.Message,
			"</digium_presence>\n</status>\n</tuple>\n")
	}
	w.put("</presence>\n")
	return w.b
}

// writeXPIDF writes the form that went before RFC 3863, which Polycom has lamps by.
func writeXPIDF(s *subscription, set *sipconf.Settings) []byte {
	l := lookOf(&s.latest, shown(s.latest.State, set.General.Lamps.Ringing))
	uri, watcher := s.uris()
	sub := map[string]string{"open": "online", "inuse": "onthephone", "closed": "offline"}[l.basic]
	w := writer{make([]byte, 0, 512)}
	w.put("<?xml version=\"1.0\"?>\n<!DOCTYPE presence PUBLIC \"-//IETF//DTD RFCxxxx XPIDF 1.0//EN\" \"xpidf.dtd\">\n<presence>\n<presentity uri=\"", watcher,
		";method=SUBSCRIBE\" />\n<atom id=\"", s.exten, "\">\n<address uri=\"", uri, ";user=ip\" priority=\"0.800000\">\n<status status=\""+l.basic+
			"\" />\n<msnsubstatus substatus=\""+sub+"\" />\n</address>\n</atom>\n</presence>\n")
	return w.b
}
