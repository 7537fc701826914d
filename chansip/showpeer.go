package chansip

import (
	"fmt"
	"io"
	"time"

	"obelus/chansip/qualify"
	"obelus/chansip/show"
	"obelus/chansip/sipconf"
	"obelus/location"
	"obelus/sip"
)

// row is a line of sip show peer: a label and a value.
type row struct{ label, value string }

// ShowPeer prints sip show peer NAME, in the original's lines; false where there
// is none of that name. Several phones of one account follow each other under
// Reg. Contact.
func (d *Driver) ShowPeer(w io.Writer, name string) bool {
	set := d.settings.Load()
	p := set.Peer(name)
	if p == nil || p.Type&sipconf.TypePeer == 0 {
		fmt.Fprintf(w, "Peer %s not found.\n\n", name)
		return false
	}
	found := d.reach.Registered(p)
	expire := "-1"
	if len(found) > 0 {
		expire = fmt.Sprint(sip.Seconds(found[0].Expires.Sub(now())))
	}
	show.Peer(w, p, expire, len(found) > 0 && behindNAT(&found[0]))
	for _, r := range d.placeRows(set, p, found) {
		show.Line(w, r.label, r.value)
	}
	fmt.Fprintln(w)
	return true
}

func (d *Driver) placeRows(set *Settings, p *Peer, found []location.Binding) []row {
	host, at, fallback := "", "(null)", show.AddrOr(p.DefaultAddr, "(null)")
	if !p.Dynamic {
		host = p.Host
	}
	if a, there := d.placeOf(p, found); there {
		at = a.String()
	}
	mode, refresher := show.Timers(p)
	rows := []row{
		{"ToHost", host},
		{"Addr->IP", at},
		{"Defaddr->IP", fallback},
		{"Prim.Transp.", p.Transport().String()},
		{"Allowed.Trsp", show.Transports(p)},
		{"Def. Username", userAt(p, found)},
		{"Outb. proxy", show.WordOr(p.OutboundProxy, "<not set>")},
		{"Codecs", "(" + show.Formats(p.Formats) + ")"},
		{"Auto-Framing", show.Yes(p.AutoFraming)},
	}
	rows = append(rows, d.phoneRows(p, found)...)
	return append(rows, []row{
		{"Qualify Freq", show.Millis(qualify.Freq(p, set))},
		{"Keepalive", show.Millis(p.Keepalive)},
		{"Sess-Timers", mode},
		{"Sess-Refresh", refresher},
		{"Sess-Expires", show.Secs(p.Timers.Expires)},
		{"Min-Sess", show.Secs(p.Timers.Min)},
		{"Encryption", show.Encryption(p.Encryption)},
		{"RTCP Mux", show.Yes(p.RTCPMux)},
		{"Defined at", p.Line},
	}...)
}

// phoneRows are the phones of an account, at least the lines of one.
func (d *Driver) phoneRows(p *Peer, found []location.Binding) []row {
	if len(found) == 0 {
		status, _ := d.status(p)
		return []row{{"Status", status}, {"Useragent", ""}, {"Reg. Contact", ""}}
	}
	var rows []row
	for _, b := range found {
		status, _ := d.phones.Status(p, b.Contact)
		rows = append(rows, row{"Status", status}, row{"Useragent", show.Plain(b.UserAgent)}, row{"Reg. Contact", show.Plain(b.Contact)})
		if len(found) > 1 {
			rows = append(rows, row{"  Received", b.Transport + " " + b.Received.String()}, row{"  Expire", fmt.Sprint(int(b.Expires.Sub(now()) / time.Second))})
		}
	}
	return rows
}
