package sipconf

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"obelus/acl"
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

	byName  map[string]*Peer // lower case, and as written
	byAddr  map[netip.AddrPort][]*Peer
	byIP    map[netip.Addr][]*Peer
	byExten map[exten][]*Peer // regexten; nil without regcontext
	lines   map[string]string // where the options of [general] stand, by name in lower case

	oldWays []danger // what works and would better be written otherwise

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

// ByAddr is the account with a fixed address that a request for an extension comes
// from, as the original finds it: by address and port, or by the address alone where
// insecure=port says so, and over a connection where transport= of the account allows
// connections. Of several accounts at one provider the one is meant whose
// callbackextension= is what is called, if there is one.
func (s *Settings) ByAddr(from netip.AddrPort, connection bool, exten string) *Peer {
	all := s.byIP[from.Addr()]
	if len(all) == 0 {
		return nil
	}
	if exten != "" {
		for _, p := range all {
			if p.Callback == exten && p.At(from, p.Addr, connection) {
				return p
			}
		}
	}
	if exact := s.byAddr[from]; len(exact) > 0 {
		return exact[0]
	}
	for _, p := range all {
		if connection && p.connects() {
			return p
		}
	}
	for _, p := range all {
		if p.Insecure.Port {
			return p
		}
	}
	return nil
}

// At says whether what comes from an address may be from an account that is at another.
func (p *Peer) At(from, is netip.AddrPort, connection bool) bool {
	return from == is || from.Addr() == is.Addr() && (p.Insecure.Port || connection && p.connects())
}

// OnlyEncrypted says whether transport= of an account names encrypted connections
// alone.
func (p *Peer) OnlyEncrypted() bool {
	plain := func(t transport.Transport) bool { return !t.Secure() }
	return len(p.Transports) > 0 && !slices.ContainsFunc(p.Transports, plain)
}

// connects says whether an account may use connections.
func (p *Peer) connects() bool {
	return slices.ContainsFunc(p.Transports, transport.Transport.Reliable)
}

// place settles where an account is: host and port, in whatever order they were
// written.
func (s *Settings) place(p *Peer) {
	if p.Dynamic || p.Host == "" {
		return
	}
	if host, port := SplitHostPort(p.Host); port != 0 {
		p.Host, p.Port = host, port
	}
	a, err := parseAddr(p.Host)
	if err != nil {
		return // a name
	}
	port := p.Port
	if port == 0 {
		port = p.Transport().DefaultPort()
	}
	p.Addr = netip.AddrPortFrom(a, port)
	if p.Type&TypePeer != 0 {
		s.byAddr[p.Addr] = append(s.byAddr[p.Addr], p)
		s.byIP[a] = append(s.byIP[a], p)
	}
}

// General is the [general] section.
type General struct {
	Context        string // "default"
	AllowGuest     bool   // calls and texts from nobody we know
	AutoCreate     bool   // autocreatepeer=yes: REGISTER makes an account
	UserAgent      string // what Server and User-Agent say
	Realm          string // "asterisk"
	FromDomain     string
	Domains        []Domain     // domain=
	AutoDomain     bool         // autodomain: our own addresses and names are domains of ours, too
	DomainsAsRealm bool         // domainsasrealm
	Credentials    []Credential // auth= of [general] and [authentication]
	CallerID       string       // shown where a call has no caller ID: "asterisk"
	SDPSession     string
	SDPOwner       string

	SIPMarks, AudioMarks, VideoMarks, TextMarks Marks // tos_, cos_

	UDPBind   []netip.AddrPort // where UDP listens
	TCP       bool
	TCPBind   []netip.AddrPort
	TLSEnable bool // tlsenable=yes: others may connect to us
	TLSBind   []netip.AddrPort
	TLS       transport.TLSOptions
	UDP       bool   // always, from a file
	BindPort  uint16 // bindport, port; 0: 5060

	AllowOverlap      bool // 484 for what may become an extension
	AlwaysAuthReject  bool
	AllowTransfer     bool
	AllowExternal     bool // allowexternaldomains
	AllowSubscribe    bool
	AuthMessages      bool  // auth_message_requests
	AuthOptions       bool  // auth_options_requests
	MessageNotices    bool  // message_notices: who wrote a text that nobody gets is told
	MaxStoredTotal    int   // max_stored_messages_total: texts that may wait in all
	MaxStoredBytes    int64 // max_stored_bytes: of their bodies
	MatchAuthUsername bool
	CompactHeaders    bool
	RelaxDTMF         bool // relaxdtmf: keys heard in the sound may be further from the standard
	SRVLookup         bool
	LegacyUserField   bool   // legacy_useroption_parsing: a user ends before its semicolon
	StoreCause        bool   // storesipcause: HASH(SIP_CAUSE,channel) of who calls has the last answer
	RegContext        string // regcontext: where an extension exists while its account is registered
	RegextenOnQualify bool   // regextenonqualify: ... and while it answers
	SendDiversion     bool   // send_diversion
	ShrinkCallerID    bool   // shrinkcallerid: numbers of callers lose what only parts their digits
	PrematureMedia    bool   // prematuremedia=no: sound before the called phone rings is let through
	ExcludeStatic     bool   // dynamic_exclude_static: nobody registers from where an account with a fixed host is
	DisallowedMethods []string

	MinExpiry, MaxExpiry, DefaultExpiry time.Duration
	RegisterTimeout                     time.Duration // between tries of register =>
	RegisterAttempts                    int           // 0: for ever
	RegisterRetry403                    bool
	QualifyFreq                         time.Duration
	QualifyGap                          time.Duration
	QualifyPeers                        int

	T1Min time.Duration // the least timert1

	TCPAuthTimeout time.Duration
	TCPAuthLimit   int

	ExternAddr    netip.AddrPort // externaddr, externip: zero for none
	ExternHost    string
	ExternRefresh time.Duration
	ExternTCPPort uint16
	ExternTLSPort uint16
	STUNAddr      string // host or host:port: asked what our address outside is
	// MatchExternLocally has externaddr used only where we talk from an address
	// in localnet.
	MatchExternLocally bool
	LocalNets          []netip.Prefix
	MediaAddr          netip.Addr // media_address
	RTPBind            netip.Addr // rtpbindaddr

	Lamps Lamps

	// Default is what a peer begins with.
	Default        Peer
	DirectRTPSetup bool // who calls and who is called are told of each other at once
}

// port is bindport, or the port of SIP.
func (g *General) port() uint16 {
	if g.BindPort != 0 {
		return g.BindPort
	}
	return transport.UDP.DefaultPort()
}

// Type is what an account may do.
type Type uint8

// The types of accounts: a user calls in, a peer is called, a friend does both.
const (
	TypeUser Type = 1 << iota
	TypePeer
	TypeFriend = TypeUser | TypePeer
)

// parseType reads type=.
func parseType(v string) (Type, bool) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "friend":
		return TypeFriend, true
	case "peer":
		return TypePeer, true
	case "user":
		return TypeUser, true
	}
	return 0, false
}

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

// T38 is t38pt_udptl: whether a call may turn to fax over UDPTL, and how.
type T38 struct {
	On          bool
	Correction  Correction
	MaxDatagram int // bytes; what is said of the phone instead of its own T38FaxMaxDatagram; 0: nothing
}

// Correction is how a fax repairs what is lost.
type Correction uint8

// The ways of error correction, the weakest first.
const (
	CorrectNot Correction = iota
	CorrectRedundancy
	CorrectFEC
)

// String is the word of sip show peer.
func (c Correction) String() string { return [...]string{"None", "Redundancy", "FEC"}[c%3] }

// TrustID is trust_id_outbound: what an account is told of a party that is not to be
// shown.
type TrustID uint8

// The values of trust_id_outbound.
const (
	TrustLegacy TrustID = iota
	TrustNo
	TrustYes
)

// String is the word of the option.
func (t TrustID) String() string { return [...]string{"Legacy", "No", "Yes"}[t%3] }

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

	Secret    string
	MD5Secret string
	Username  string // defaultuser, username
	CallerID  call.Party
	Account   string
	Mailboxes []string
	Vars      []Var // setvar, in order

	Host    string // "dynamic", a name or an address
	Dynamic bool
	Port    uint16         // 0: the default of the transport
	Addr    netip.AddrPort // of a host that is an address, or once resolved

	*Common
}

// Common is what accounts often have in common: of ten thousand phones it takes the
// memory of a few. Accounts whose lines say the same share one; it does not change after
// the load either.
type Common struct {
	RemoteSecret string
	Credentials  []Credential // auth=

	Context          string
	SubscribeContext string
	MessageContext   string        // outofcall_message_context
	AcceptMessages   bool          // accept_outofcall_message
	StoreMessages    bool          // store_messages: texts that no phone takes wait
	MessageExpiry    time.Duration // message_expiry: how long they do
	MaxStored        int           // max_stored_messages: how many may
	Exten            string        // regexten
	Callback         string        // callbackextension: obelus registers with the host, for calls to that extension
	CIDPres          call.Presentation
	FromUser         string
	FromDomain       string
	Language         string
	ToneZone         string // country whose tones the phone is used to, "" for that of the house
	Music            string // musicclass, mohinterpret
	MusicSuggest     string
	AMAFlags         int
	Groups           call.Groups // callgroup, pickupgroup and their like

	DefaultAddr   netip.Addr            // defaultip
	Transports    []transport.Transport // allowed, the first is used to call
	OutboundProxy string

	Formats       []media.Format                 // allow and disallow
	Ptime         map[media.Format]time.Duration // allow=ulaw:30
	PreferredOnly bool                           // preferred_codec_only: of what is in common the first is answered
	AutoFraming   bool                           // packets are as long as the phone asks
	Video, Text   bool
	VideoAlways   bool // videosupport=always: pictures are offered whoever calls
	MaxBitrate    int  // of calls with pictures, kbit/s
	AVPF          bool // RTP/AVPF is offered
	// G726NonStandard says that what the phone calls G726-32 is packed as AAL2
	// does.
	G726NonStandard bool
	T38             T38

	DTMF DTMFMode
	// CompensateDTMF is rfc2833compensate: each event's timestamp is a key by
	// itself.
	CompensateDTMF bool
	Encryption     Encryption
	ShortTag       bool // encryption_taglen=32: SRTP with 32 bits of proof is offered first
	NAT            NAT
	Direct         DirectMedia
	Insecure       Insecure
	ACL            acl.List   // permit, deny
	ContactACL     acl.List   // contactpermit, contactdeny
	DirectACL      acl.List   // directmediapermit, directmediadeny: of the other phone's address
	named          namedLists // until the load is done

	Qualify     time.Duration // slower than that is lagged; 0: not asked
	QualifyFreq time.Duration
	Keepalive   time.Duration
	MaxContacts int // phones at once; 1 as in the original

	SupportPath bool // Path headers are kept, and requests go by them (RFC 3327)
	CallLimit   int  // 0: none
	BusyLevel   int
	CallCounter bool // its calls are counted, without a limit

	VMExten      string // whom a phone dials that shows waiting messages
	SubscribeMWI bool   // it is told of them only when it asks
	BuggyMWI     bool   // ... in fewer words

	AllowTransfer                            bool
	AllowSubscribe                           bool
	AllowOverlap                             bool
	TrustRPID                                bool   // believe Remote-Party-ID and P-Asserted-Identity
	SendRPID                                 string // no, rpid, pai
	TrustID                                  TrustID
	UseQ850                                  bool   // use_q850_reason: Reason headers are written
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

// namedLists are what the acl= options of an account name.
type namedLists struct{ acl, contact, direct acl.List }

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

// Transport is how an account is called.
func (p *Peer) Transport() transport.Transport {
	if len(p.Transports) > 0 {
		return p.Transports[0]
	}
	return transport.UDP
}

// String is the word of the option.
func (i Insecure) String() string {
	switch {
	case i.Port && i.Invite:
		return "port,invite"
	case i.Port:
		return "port"
	case i.Invite:
		return "invite"
	}
	return "no"
}

// LineOf is where an option of [general] stands, such as sip.conf:3; "" where it does not.
func (s *Settings) LineOf(option string) string { return s.lines[option] }
