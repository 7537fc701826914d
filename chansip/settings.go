package chansip

import (
	"net/netip"
	"strings"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/sip/transport"
)

// Settings is what sip.conf says: an immutable value per load. A call keeps the
// one that it began with.
type Settings struct {
	General   General
	Peers     []*Peer // in file order
	Registers []Register

	byName map[string]*Peer // lower case
	byAddr map[netip.AddrPort][]*Peer
	byIP   map[netip.Addr][]*Peer

	created created // by autocreatepeer: the one thing that is added after the load
}

// Peer returns the account of that name, in any case of letters, nil for none.
func (s *Settings) Peer(name string) *Peer {
	if p, ok := s.byName[name]; ok {
		return p
	}
	if p, ok := s.byName[strings.ToLower(name)]; ok {
		return p
	}
	return s.made(name)
}

// General is the [general] section.
type General struct {
	Context    string // "default"
	AllowGuest bool   // calls and texts from nobody we know
	AutoCreate bool   // autocreatepeer=yes: REGISTER makes an account
	UserAgent  string // what Server and User-Agent say
	Realm      string // "asterisk"
	FromDomain string
	CallerID   string // shown where a call has no caller ID: "asterisk"
	SDPSession string
	SDPOwner   string

	UDPBind []netip.AddrPort // where UDP listens
	TCP     bool
	TCPBind []netip.AddrPort
	UDP     bool

	AllowOverlap      bool // 484 for what may become an extension
	AlwaysAuthReject  bool
	AllowTransfer     bool
	AllowExternal     bool // allowexternaldomains
	AllowSubscribe    bool
	AuthMessages      bool // auth_message_requests
	AuthOptions       bool // auth_options_requests
	MatchAuthUsername bool
	CompactHeaders    bool
	SRVLookup         bool
	LegacyUserField   bool
	UseQ850           bool // use_q850_reason: Reason headers are written
	PrematureMedia    bool // progressinband and prematuremedia
	DisallowedMethods []string

	MinExpiry, MaxExpiry, DefaultExpiry time.Duration
	RegisterTimeout                     time.Duration // between tries of register =>
	RegisterAttempts                    int           // 0: for ever
	RegisterRetry403                    bool
	QualifyFreq                         time.Duration
	QualifyGap                          time.Duration
	QualifyPeers                        int

	TCPAuthTimeout time.Duration
	TCPAuthLimit   int

	ExternAddr    netip.AddrPort // externaddr, externip: zero for none
	ExternHost    string
	ExternRefresh time.Duration
	ExternTCPPort uint16
	LocalNets     []netip.Prefix
	MediaAddr     netip.Addr // media_address
	RTPBind       netip.Addr // rtpbindaddr

	// Default is what a peer begins with.
	Default Peer
}

// Type is what an account may do.
type Type uint8

// The types of accounts: a user calls in, a peer is called, a friend does both.
const (
	TypeUser Type = 1 << iota
	TypePeer
	TypeFriend = TypeUser | TypePeer
)

// DTMFMode is how keys travel.
type DTMFMode uint8

// The modes of dtmfmode=.
const (
	DTMFRFC4733 DTMFMode = iota // rfc2833
	DTMFInfo
	DTMFShortInfo
	DTMFInband
	DTMFAuto
)

// NAT is what nat= asks for.
type NAT struct {
	ForceRport     bool // answer where the request came from, asked or not
	Comedia        bool // send sound where it comes from
	AutoForceRport bool // ... only where the phone turns out to be behind NAT
	AutoComedia    bool
}

// DirectMedia is when two phones may send sound to each other directly.
type DirectMedia struct {
	Allowed  bool
	NoNAT    bool // not to or from a phone behind NAT
	Update   bool // by UPDATE rather than by re-INVITE
	Outgoing bool // not to the party that called
}

// Insecure is what insecure= leaves unchecked.
type Insecure struct{ Port, Invite bool }

// SessionTimers is session-timers=.
type SessionTimers struct {
	Mode         string // accept, originate, refuse
	Expires, Min time.Duration
	RefresherUAC bool // session-refresher=uac
}

// Peer is one account. It does not change after the load; what does (address,
// reachability) is in location and in [peerState].
type Peer struct {
	Name        string
	Type        Type
	Description string
	Line        string // where it is defined: sip.conf:12

	Secret       string
	MD5Secret    string
	RemoteSecret string
	AuthUser     string // authuser of a call out, else Username
	Username     string // defaultuser, username

	Context          string
	SubscribeContext string
	MessageContext   string // outofcall_message_context
	AcceptMessages   bool   // accept_outofcall_message
	Exten            string // regexten
	CallerID         call.Party
	CIDPres          call.Presentation
	FromUser         string
	FromDomain       string
	Language         string
	Music            string // musicclass, mohinterpret
	MusicSuggest     string
	Account          string
	AMAFlags         int
	Mailboxes        []string
	Vars             []Var // setvar, in order

	Host          string // "dynamic", a name or an address
	Dynamic       bool
	Addr          netip.AddrPort        // of a host that is an address, or once resolved
	DefaultAddr   netip.Addr            // defaultip
	Port          uint16                // 0: the default of the transport
	Transports    []transport.Transport // allowed, the first is used to call
	OutboundProxy string

	Formats       []media.Format                 // allow and disallow
	Ptime         map[media.Format]time.Duration // allow=ulaw:30
	PreferredOnly bool
	Video, Text   bool
	MaxBitrate    int // kbit/s

	DTMF       DTMFMode
	NAT        NAT
	Direct     DirectMedia
	Insecure   Insecure
	ACL        ACL // permit, deny
	ContactACL ACL // contactpermit, contactdeny
	DirectACL  ACL

	Qualify     time.Duration // slower than that is lagged; 0: not asked
	QualifyFreq time.Duration
	Keepalive   time.Duration
	MaxContacts int // phones at once; 1 as in the original
	CallLimit   int // 0: none
	BusyLevel   int

	AllowTransfer                            bool
	AllowSubscribe                           bool
	AllowOverlap                             bool
	TrustRPID                                bool   // believe Remote-Party-ID and P-Asserted-Identity
	SendRPID                                 string // no, rpid, pai
	PromiscRedir                             bool   // a 302 may lead anywhere
	ProgressInband                           string // never, no, yes
	UserEqPhone                              bool
	Timers                                   SessionTimers
	T1, TimerB                               time.Duration
	MaxForwards                              int
	RTPTimeout, RTPHoldTimeout, RTPKeepalive time.Duration
	IgnoreSDPVersion                         bool
	RTCPMux                                  bool
}

// Var is one setvar= of a peer.
type Var struct{ Name, Value string }

// Register is one register => line: obelus registers with another server.
type Register struct {
	Peer      string // peer?...: settings are taken from that section
	Transport transport.Transport
	User      string
	Domain    string // user@domain in From and To; "" is the host
	Secret    string
	AuthUser  string
	Host      string
	Port      uint16
	Exten     string // what calls from there are for: "s"
	Expires   time.Duration
	Line      string
}

// ACL is a list of permit and deny, in order; the last that matches decides, and
// what none matches is allowed, as in the original.
type ACL []Rule

// Rule is one line of an ACL.
type Rule struct {
	Permit bool
	Net    netip.Prefix
}

// Allows says whether an address passes. An IPv4 address that arrived on an IPv6
// socket counts as IPv4; rules of one family say nothing of the other.
func (a ACL) Allows(addr netip.Addr) bool {
	addr = addr.Unmap()
	ok := true
	for _, r := range a {
		if r.Net.Contains(addr) {
			ok = r.Permit
		}
	}
	return ok
}
