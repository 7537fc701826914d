// Package dialog keeps what two SIP parties know of each other between the first
// request and the last (RFC 3261 section 12): tags, sequence numbers, the route
// set, the remote target. It also settles session timers (RFC 4028).
//
// A [Dialog] is plain state with no lock and no goroutine: the leg that owns it
// guards it.
package dialog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"obelus/sip"
)

// ID names a dialog: a request belongs to it only if all three agree. Tags are
// what keeps a stranger out of a call.
type ID struct{ CallID, Local, Remote string }

// Dialog is one dialog.
//
//	                 1xx with tag            2xx
//	INVITE ──► (half) ──────────► early ──────────► confirmed ──► terminated
//	                └──────────────────────2xx──────────┘   BYE
type Dialog struct {
	ID
	Local  string   // our side's From or To, without its tag
	Remote string   // the other side's
	Target string   // the URI requests go to: the Contact of the other side
	Routes []string // the route set, first hop first, as Route header values

	localSeq  uint32
	remoteSeq uint32
	heard     bool // a request of the other side has come
}

// ErrNoTag says that a request or response lacks the tag that it must have.
var ErrNoTag = errors.New("a tag is missing")

// Accept makes the dialog that a request opens, for the side that it came to
// (RFC 3261 section 12.1.1).
func Accept(req *sip.Message, localTag string) (*Dialog, error) {
	from, err := req.From()
	if err != nil {
		return nil, fmt.Errorf("read From: %w", err)
	}
	to, err := req.To()
	if err != nil {
		return nil, fmt.Errorf("read To: %w", err)
	}
	cseq, err := req.CSeq()
	if err != nil {
		return nil, fmt.Errorf("read CSeq: %w", err)
	}
	d := &Dialog{
		ID:    ID{req.CallID(), localTag, from.Tag()},
		Local: withoutTag(to), Remote: withoutTag(from), remoteSeq: cseq.Seq, heard: true,
		localSeq: firstSeq - 1,
	}
	d.Refresh(req)
	for r := range req.List(sip.HeaderRecordRoute) {
		d.Routes = append(d.Routes, strings.Clone(r))
	}
	return d, nil
}

// firstSeq is the first sequence number of a side, the original's.
const firstSeq = 102

// Begin makes the half dialog of a request that is about to be sent. from and to
// are header values without tags, target the URI that it is sent to.
func Begin(callID, localTag, from, to, target string) *Dialog {
	return &Dialog{ID: ID{CallID: callID, Local: localTag}, Local: from, Remote: to, Target: target, localSeq: firstSeq - 1}
}

// Answered makes the dialog that a response to our request opens or confirms: one
// for each tag of the other side (RFC 3261 section 12.1.2). d itself stays half,
// for the next.
func (d *Dialog) Answered(resp *sip.Message) (*Dialog, error) {
	tag := resp.ToTag()
	if tag == "" {
		return nil, fmt.Errorf("a response to %s: %w", d.CallID, ErrNoTag)
	}
	out := *d
	out.ID.Remote = strings.Clone(tag)
	out.Confirm(resp)
	return &out, nil
}

// Confirm takes the target and the route set from a response: again for the 2xx
// of a dialog that a 1xx has opened (RFC 3261 section 13.2.2.4).
func (d *Dialog) Confirm(resp *sip.Message) {
	d.Refresh(resp)
	d.Routes = nil
	for r := range resp.List(sip.HeaderRecordRoute) {
		d.Routes = append(d.Routes, strings.Clone(r))
	}
	slices.Reverse(d.Routes)
}

// Refresh takes the remote target from the Contact of a request or a response
// that may change it: INVITE, UPDATE, SUBSCRIBE, NOTIFY and their 2xx.
func (d *Dialog) Refresh(m *sip.Message) {
	if c, err := m.Contact(); err == nil && !c.IsStar() && c.Addr != "" {
		d.Target = strings.Clone(c.Addr)
	}
}

// InOrder takes the sequence number of a request of the other side. One that
// is not higher than the last has been overtaken and must be answered 500 (RFC
// 3261 section 12.2.2). An ACK and a CANCEL have the number of their INVITE and
// are not asked about.
func (d *Dialog) InOrder(seq uint32) bool {
	if d.heard && seq <= d.remoteSeq {
		return false
	}
	d.heard = true
	d.remoteSeq = seq
	return true
}

// RemoteSeq is the sequence number of the other side's last request.
func (d *Dialog) RemoteSeq() uint32 { return d.remoteSeq }

// Next returns the sequence number of our next request.
func (d *Dialog) Next() uint32 {
	d.localSeq++
	return d.localSeq
}

// LocalSeq is the sequence number of our last request.
func (d *Dialog) LocalSeq() uint32 { return d.localSeq }

// RequestURI returns what a request's first line names and the Route headers it
// carries (RFC 3261 section 12.2.1.1). Where the first hop is a strict router
// of RFC 2543 the target goes to the end of the route.
func (d *Dialog) RequestURI() (uri string, routes []string) {
	if len(d.Routes) == 0 {
		return d.Target, nil
	}
	first, err := sip.ParseNameAddr(d.Routes[0])
	if err != nil {
		return d.Target, d.Routes
	}
	if u, err := first.URI(); err != nil || u.Params.Has("lr") {
		return d.Target, d.Routes
	}
	return first.Addr, append(append([]string(nil), d.Routes[1:]...), "<"+d.Target+">")
}

// NextHop is the URI that requests are sent to: the first route, else the
// target.
func (d *Dialog) NextHop() string {
	if len(d.Routes) > 0 {
		if first, err := sip.ParseNameAddr(d.Routes[0]); err == nil {
			return first.Addr
		}
	}
	return d.Target
}

// Names writes the From and To of a request of ours, with their tags.
func (d *Dialog) Names() (from, to string) {
	from = d.Local + ";tag=" + d.ID.Local
	to = d.Remote
	if d.ID.Remote != "" {
		to += ";tag=" + d.ID.Remote
	}
	return from, to
}

// withoutTag writes an address header as it came, but for its tag.
func withoutTag(a sip.NameAddr) string {
	var b []byte
	tagless := a
	tagless.Params = ""
	b = tagless.Append(b)
	for name, value := range a.Params.All() {
		if !strings.EqualFold(name, "tag") {
			b = sip.AppendParam(b, name, value)
		}
	}
	return string(b)
}
