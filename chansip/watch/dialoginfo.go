package watch

import (
	"strconv"
	"strings"

	"obelus/call"
	"obelus/chansip/lines"
	"obelus/chansip/sipconf"
	"obelus/device"
)

// pickupPrefix begins the Call-ID of a ringing call in a dialog-info: with it in
// Replaces a phone takes the call.
const pickupPrefix = "pickup-"

// writeDialogInfo writes RFC 4235: one dialog that stands for whatever the extension
// does, always in full.
func writeDialogInfo(s *subscription, set *sipconf.Settings) []byte {
	state := shown(s.latest.State, set.General.Lamps.Ringing)
	uri, _ := s.uris()
	w := writer{make([]byte, 0, 1024)}
	w.put("<?xml version=\"1.0\"?>\n<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" version=\""+strconv.FormatUint(uint64(s.version), 10)+
		"\" state=\"full\" entity=\"", uri, "\">\n<dialog id=\"", s.exten, "\"")
	if state > 0 && state&device.ExtensionRinging != 0 {
		// What a phone sends back in Replaces, to take the call: no dialog of ours, see Desk.Pickup.
		w.put(" call-id=\"", pickupPrefix+s.dlg.CallID, "\" local-tag=\"", s.dlg.ID.Remote, "\" remote-tag=\"", s.dlg.ID.Local, "\" direction=\"recipient\">\n")
		s.parties(&w, set, uri)
	} else {
		w.put(">\n")
	}
	w.put("<state>" + dialogState(state) + "</state>\n")
	if state > 0 && state&device.ExtensionHold != 0 {
		// RFC 4235 section 4.1.6.1 calls it pval, the original pvalue: phones were made for both.
		w.put("<local>\n<target uri=\"", uri, "\">\n<param pname=\"+sip.rendering\" pval=\"no\" pvalue=\"no\"/>\n</target>\n</local>\n")
	}
	w.put("</dialog>\n</dialog-info>\n")
	return w.b
}

// dialogState is the state of the dialog that stands for an extension. One that is
// not there looks like one at rest, as in the original.
func dialogState(state device.Extension) string {
	switch {
	case state <= 0 || state == device.ExtensionUnavailable:
		return "terminated"
	case state&device.ExtensionRinging != 0:
		return "early"
	}
	return "confirmed"
}

// parties writes who rings the extension, with notifycid; else the extension itself
// on both sides, which phones want there to show that it rings.
func (s *subscription) parties(w *writer, set *sipconf.Settings, uri string) {
	name, remote := s.exten, uri
	if set.General.Lamps.CID != sipconf.CIDHidden {
		if c := s.caller(); c.Channel != nil {
			name, remote = s.shownCaller(set, c.Caller)
		}
	}
	w.put("<remote>\n<identity display=\"", name, "\">", remote, "</identity>\n<target uri=\"", remote, "\"/>\n</remote>\n"+
		"<local>\n<identity display=\"", s.exten, "\">", uri, "</identity>\n<target uri=\"", uri, "\"/>\n</local>\n")
}

// caller is the call that rings the extension the longest; of no channel where none
// is known.
func (s *subscription) caller() lines.Call {
	var first lines.Call
	for _, d := range s.latest.Devices {
		account, ok := strings.CutPrefix(strings.ToLower(d.Name), "sip/")
		if !ok || d.State != device.Ringing && d.State != device.RingInUse {
			continue
		}
		p := s.d.c.Settings().Peer(account)
		if p == nil {
			continue
		}
		for _, c := range s.d.c.Lines.Ringing(p.Name) {
			if first.Channel == nil || c.Channel.Created().Before(first.Channel.Created()) {
				first = c
			}
		}
	}
	return first
}

// shownCaller is a caller as the lamp shows it.
func (s *subscription) shownCaller(set *sipconf.Settings, p call.Party) (name, uri string) {
	if p.Number == "" || p.NumPres&0x60 != 0 {
		return "anonymous", "sip:anonymous@anonymous.invalid"
	}
	name = p.Name
	if name == "" || p.NamePres&0x60 != 0 {
		name = p.Number
	}
	return name, s.d.c.Outside.URI(&set.General, s.peer, s.flow, p.Number)
}
