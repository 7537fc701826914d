package event

import (
	"log/slog"
	"net/netip"
	"time"
)

// Channel names a channel in facts, the way the original's events do.
type Channel struct {
	Name     string // "SIP/1001-00000001"
	UniqueID string
	LinkedID string // the unique id of the call's first channel
}

// PeerRegistered says that a peer's phone can be reached at a contact.
type PeerRegistered struct {
	Peer      string // the account
	Contact   string
	Addr      netip.AddrPort // where the request came from
	Transport string
	UserAgent string
	Expires   time.Duration
	Refresh   bool // the contact was known already
}

// PeerUnregistered says that a contact of a peer is gone.
type PeerUnregistered struct {
	Peer    string
	Contact string
	Addr    netip.AddrPort
	Reason  string // "unregistered", "expired", "replaced", "removed"
	Left    int    // contacts that remain
}

// PeerReachable says that a peer answers again, and how fast.
type PeerReachable struct {
	Peer      string
	RoundTrip time.Duration
	Lagged    bool // answers, but slower than qualify allows
}

// PeerUnreachable says that a peer no longer answers.
type PeerUnreachable struct {
	Peer string
	Last time.Duration // round trip when it last answered
}

// ChannelCreated says that a channel exists.
type ChannelCreated struct {
	Channel
	State       string // "Down", "Ring", ...
	Account     string
	CallerNum   string
	CallerName  string
	Context     string
	Exten       string
	Application string // of a channel that runs no dialplan
}

// ChannelState says that a channel changed its state.
type ChannelState struct {
	Channel
	State string // "Ring", "Ringing", "Up", ...
}

// ChannelTalking says that the party of a channel has begun to talk, or has stopped:
// what TALK_DETECT is told to look for.
type ChannelTalking struct {
	Channel
	Talks    bool
	Duration time.Duration // of the talk, when it has stopped
}

// ChannelEnded says that a channel is gone.
type ChannelEnded struct {
	Channel
	Cause     int // Q.850
	CauseText string
	Answered  time.Duration // how long it was up
}

// Step says that a channel executes a priority of the dialplan.
type Step struct {
	Channel
	Context  string
	Exten    string
	Priority int
	App      string
	Data     string // after substitution
}

// BridgeEntered says that a channel hears a bridge.
type BridgeEntered struct {
	Channel
	Bridge string
	Count  int // channels in the bridge, this one included
}

// BridgeLeft says that a channel no longer hears a bridge.
type BridgeLeft struct {
	Channel
	Bridge string
	Count  int // channels that remain
}

// DialBegun says that a channel calls another.
type DialBegun struct {
	Channel        // who calls; empty for a call made by nobody
	Dialed  string // the name of the channel called
	Target  string // as written in Dial: "SIP/1002"
}

// DialEnded says how the call to another channel ended.
type DialEnded struct {
	Channel
	Dialed string
	Target string
	Status string // DIALSTATUS
}

// MessageReceived says that a text message came in.
type MessageReceived struct {
	From, To    string
	ContentType string
	Size        int // bytes of the body; the body itself is not told
}

// MessageSent says that a text message was handed to its receiver, or could not be.
type MessageSent struct {
	From, To    string
	ContentType string
	Size        int
	Status      string // MESSAGE_SEND_STATUS
	Reason      string // why it failed
}

// AuthFailed says that somebody did not prove who they are.
type AuthFailed struct {
	Account   string // as claimed
	Addr      netip.AddrPort
	Transport string
	Method    string
	Reason    string
}

// CallFailed says in one line why a call did not come about.
type CallFailed struct {
	Channel
	From, To string
	Cause    int // Q.850
	Reason   string
}

// UserEvent is what the dialplan tells by UserEvent(). No name and no value has a
// line end.
type UserEvent struct {
	Channel
	Name   string
	Fields []Field
}

// Field is one line of a [UserEvent].
type Field struct{ Name, Value string }

// Notice is a line for whoever watches.
type Notice struct {
	Level slog.Level
	Room  string
	Text  string
}

func (PeerRegistered) fact()   {}
func (PeerUnregistered) fact() {}
func (PeerReachable) fact()    {}
func (PeerUnreachable) fact()  {}
func (ChannelCreated) fact()   {}
func (ChannelState) fact()     {}
func (ChannelTalking) fact()   {}
func (ChannelEnded) fact()     {}
func (Step) fact()             {}
func (BridgeEntered) fact()    {}
func (BridgeLeft) fact()       {}
func (DialBegun) fact()        {}
func (DialEnded) fact()        {}
func (MessageReceived) fact()  {}
func (MessageSent) fact()      {}
func (AuthFailed) fact()       {}
func (CallFailed) fact()       {}
func (Notice) fact()           {}
func (UserEvent) fact()        {}
