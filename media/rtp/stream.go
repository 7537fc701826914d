package rtp

import (
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"obelus/media"
	"obelus/media/srtp"
	"obelus/media/wire"
)

// Stream is one m= line of a leg: a port for RTP, one for RTCP.
type Stream struct {
	session *Session
	kind    media.Kind
	local   netip.AddrPort
	in      receiver
	out     sender
	// route is the stream that packets leave by; nil where they end here.
	route atomic.Pointer[Stream]
	// eventWent says that the last telephone event has been passed on.
	eventWent atomic.Bool
	// lane is nil until the sound has to go through samples.
	lane atomic.Pointer[lane]
	// tap is nil where nobody here listens.
	tap atomic.Pointer[tap]
}

// Kind is what the stream carries.
func (st *Stream) Kind() media.Kind { return st.kind }

// Local is the address that the stream listens on. Its address is the one
// that was bound, which may be 0.0.0.0; what to advertise is the caller's to
// know.
func (st *Stream) Local() netip.AddrPort { return st.local }

// Port is the RTP port; RTCP has the next one.
func (st *Stream) Port() int { return int(st.local.Port()) }

// SSRC is the name under which we send (RFC 3550 §8), for a=ssrc and reports.
func (st *Stream) SSRC() uint32 { return st.out.ssrc }

// SetRemote takes what an offer and answer settled. It may be called again at
// any time; packets keep flowing. Called with the address of before it keeps
// the source that was learned, and lets another take its place as soon as
// that one is silent.
func (st *Stream) SetRemote(r Remote) error {
	r.Addr, r.RTCP, r.Signal = wire.Plain(r.Addr), wire.Plain(r.RTCP), r.Signal.Unmap()
	receive := r.Receive
	if receive == nil {
		receive = r.Payloads
	}
	table, err := receiveTable(receive)
	if err != nil {
		return err
	}
	if _, err := receiveTable(r.Payloads); err != nil {
		return err
	}
	crypts, err := srtp.New(r.Crypto, !st.session.plane.settings.Load().TakeReplays)
	if err != nil {
		return fmt.Errorf("%s stream: %w", st.kind, err)
	}
	learned := st.in.setRemote(&r, crypts.In, table)
	st.out.setRemote(&r, crypts.Out, learned)
	return nil
}

// LastReceived is when a packet was last accepted; zero if never.
func (st *Stream) LastReceived() time.Time {
	st.in.mu.Lock()
	defer st.in.mu.Unlock()
	return st.in.last
}

// Stats is the stream's account so far.
func (st *Stream) Stats() Stats {
	var s Stats
	st.in.addTo(&s)
	st.out.addTo(&s)
	return s
}

// SendFormats lists the codecs that may be sent to the phone, best first.
func (st *Stream) SendFormats() []media.Format {
	st.out.mu.Lock()
	defer st.out.mu.Unlock()
	var out []media.Format
	for _, p := range st.out.payloads {
		if p.Format.IsCodec() {
			out = append(out, p.Format)
		}
	}
	return out
}

// HasEvents says whether the phone takes telephone events (RFC 4733).
func (st *Stream) HasEvents() bool {
	st.out.mu.Lock()
	defer st.out.mu.Unlock()
	return st.out.events != noPayload
}

// strangerTo says that nothing the far end may send could leave by other.
func (st *Stream) strangerTo(other *Stream) bool {
	st.in.mu.Lock()
	table, known := st.in.payloads, st.in.known
	st.in.mu.Unlock()
	other.out.mu.Lock()
	defer other.out.mu.Unlock()
	set := st.session.plane.options.Codecs
	if !known || !other.out.known {
		return false
	}
	for _, p := range table {
		if p.format.IsCodec() && (other.out.canSend(p.format) || other.out.canTurn(set, p.format)) {
			return false
		}
	}
	return true
}

// offers writes the codecs for an error: "ulaw|gsm".
func (st *Stream) offers() string {
	var names []string
	for _, f := range st.SendFormats() {
		names = append(names, f.String())
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, "|")
}

func (st *Stream) close() error {
	err := st.out.close()
	st.lane.Swap(&lane{closed: true}).close()
	st.session.plane.reports.remove(st)
	st.session.plane.ports.Give(st.Port())
	if err != nil {
		return fmt.Errorf("close %s port %d: %w", st.kind, st.Port(), err)
	}
	return nil
}
