package sip

// HeaderID is a small number for a known header name, so that a lookup is an
// array index. HeaderOther stands for every name that has none.
type HeaderID uint8

// The headers known by number. Long names and compact forms map to the same one.
const (
	HeaderOther HeaderID = iota
	HeaderVia
	HeaderFrom
	HeaderTo
	HeaderCallID
	HeaderCSeq
	HeaderMaxForwards
	HeaderContact
	HeaderRoute
	HeaderRecordRoute
	HeaderExpires
	HeaderContentLength
	HeaderContentType
	HeaderContentEncoding
	HeaderContentDisposition
	HeaderContentLanguage
	HeaderAuthorization
	HeaderProxyAuthorization
	HeaderWWWAuthenticate
	HeaderProxyAuthenticate
	HeaderAuthenticationInfo
	HeaderSupported
	HeaderRequire
	HeaderProxyRequire
	HeaderUnsupported
	HeaderAllow
	HeaderAllowEvents
	HeaderAccept
	HeaderAcceptEncoding
	HeaderAcceptLanguage
	HeaderEvent
	HeaderSubscriptionState
	HeaderSessionExpires
	HeaderMinSE
	HeaderMinExpires
	HeaderRSeq
	HeaderRAck
	HeaderReferTo
	HeaderReferredBy
	HeaderReferSub
	HeaderReplaces
	HeaderJoin
	HeaderTargetDialog
	HeaderSubject
	HeaderUserAgent
	HeaderServer
	HeaderDate
	HeaderTimestamp
	HeaderWarning
	HeaderRetryAfter
	HeaderReason
	HeaderPAssertedIdentity
	HeaderPPreferredIdentity
	HeaderRemotePartyID
	HeaderPrivacy
	HeaderDiversion
	HeaderHistoryInfo
	HeaderPath
	HeaderServiceRoute
	HeaderAlertInfo
	HeaderCallInfo
	HeaderErrorInfo
	HeaderSIPETag
	HeaderSIPIfMatch
	HeaderIdentity
	HeaderIdentityInfo
	HeaderRequestDisposition
	HeaderAcceptContact
	HeaderRejectContact
	HeaderOrganization
	HeaderPriority
	HeaderInReplyTo
	HeaderReplyTo
	HeaderMIMEVersion
	HeaderFlowTimer

	headerCount
)

// headerNames holds the spelling used when we write a header.
var headerNames = [headerCount]string{
	HeaderOther:              "",
	HeaderVia:                "Via",
	HeaderFrom:               "From",
	HeaderTo:                 "To",
	HeaderCallID:             "Call-ID",
	HeaderCSeq:               "CSeq",
	HeaderMaxForwards:        "Max-Forwards",
	HeaderContact:            "Contact",
	HeaderRoute:              "Route",
	HeaderRecordRoute:        "Record-Route",
	HeaderExpires:            "Expires",
	HeaderContentLength:      "Content-Length",
	HeaderContentType:        "Content-Type",
	HeaderContentEncoding:    "Content-Encoding",
	HeaderContentDisposition: "Content-Disposition",
	HeaderContentLanguage:    "Content-Language",
	HeaderAuthorization:      "Authorization",
	HeaderProxyAuthorization: "Proxy-Authorization",
	HeaderWWWAuthenticate:    "WWW-Authenticate",
	HeaderProxyAuthenticate:  "Proxy-Authenticate",
	HeaderAuthenticationInfo: "Authentication-Info",
	HeaderSupported:          "Supported",
	HeaderRequire:            "Require",
	HeaderProxyRequire:       "Proxy-Require",
	HeaderUnsupported:        "Unsupported",
	HeaderAllow:              "Allow",
	HeaderAllowEvents:        "Allow-Events",
	HeaderAccept:             "Accept",
	HeaderAcceptEncoding:     "Accept-Encoding",
	HeaderAcceptLanguage:     "Accept-Language",
	HeaderEvent:              "Event",
	HeaderSubscriptionState:  "Subscription-State",
	HeaderSessionExpires:     "Session-Expires",
	HeaderMinSE:              "Min-SE",
	HeaderMinExpires:         "Min-Expires",
	HeaderRSeq:               "RSeq",
	HeaderRAck:               "RAck",
	HeaderReferTo:            "Refer-To",
	HeaderReferredBy:         "Referred-By",
	HeaderReferSub:           "Refer-Sub",
	HeaderReplaces:           "Replaces",
	HeaderJoin:               "Join",
	HeaderTargetDialog:       "Target-Dialog",
	HeaderSubject:            "Subject",
	HeaderUserAgent:          "User-Agent",
	HeaderServer:             "Server",
	HeaderDate:               "Date",
	HeaderTimestamp:          "Timestamp",
	HeaderWarning:            "Warning",
	HeaderRetryAfter:         "Retry-After",
	HeaderReason:             "Reason",
	HeaderPAssertedIdentity:  "P-Asserted-Identity",
	HeaderPPreferredIdentity: "P-Preferred-Identity",
	HeaderRemotePartyID:      "Remote-Party-ID",
	HeaderPrivacy:            "Privacy",
	HeaderDiversion:          "Diversion",
	HeaderHistoryInfo:        "History-Info",
	HeaderPath:               "Path",
	HeaderServiceRoute:       "Service-Route",
	HeaderAlertInfo:          "Alert-Info",
	HeaderCallInfo:           "Call-Info",
	HeaderErrorInfo:          "Error-Info",
	HeaderSIPETag:            "SIP-ETag",
	HeaderSIPIfMatch:         "SIP-If-Match",
	HeaderIdentity:           "Identity",
	HeaderIdentityInfo:       "Identity-Info",
	HeaderRequestDisposition: "Request-Disposition",
	HeaderAcceptContact:      "Accept-Contact",
	HeaderRejectContact:      "Reject-Contact",
	HeaderOrganization:       "Organization",
	HeaderPriority:           "Priority",
	HeaderInReplyTo:          "In-Reply-To",
	HeaderReplyTo:            "Reply-To",
	HeaderMIMEVersion:        "MIME-Version",
	HeaderFlowTimer:          "Flow-Timer",
}

// String returns the header's name as we write it.
func (id HeaderID) String() string {
	if id < headerCount {
		return headerNames[id]
	}
	return ""
}

// compactForm maps a one-letter header name to its header (RFC 3261 section
// 7.3.3 and the extensions that registered a letter).
func compactForm(c byte) HeaderID {
	switch c | 0x20 {
	case 'a':
		return HeaderAcceptContact
	case 'b':
		return HeaderReferredBy
	case 'c':
		return HeaderContentType
	case 'd':
		return HeaderRequestDisposition
	case 'e':
		return HeaderContentEncoding
	case 'f':
		return HeaderFrom
	case 'i':
		return HeaderCallID
	case 'j':
		return HeaderRejectContact
	case 'k':
		return HeaderSupported
	case 'l':
		return HeaderContentLength
	case 'm':
		return HeaderContact
	case 'n':
		return HeaderIdentityInfo
	case 'o':
		return HeaderEvent
	case 'r':
		return HeaderReferTo
	case 's':
		return HeaderSubject
	case 't':
		return HeaderTo
	case 'u':
		return HeaderAllowEvents
	case 'v':
		return HeaderVia
	case 'x':
		return HeaderSessionExpires
	case 'y':
		return HeaderIdentity
	default:
		return HeaderOther
	}
}

// headerSlots is an open-addressed table from the hash of a name to its number.
var headerSlots = fillHeaderSlots()

func fillHeaderSlots() (slots [256]HeaderID) {
	for id := HeaderOther + 1; id < headerCount; id++ {
		h := headerHash(headerNames[id])
		for slots[h] != HeaderOther {
			h++
		}
		slots[h] = id
	}
	return slots
}

// headerHash looks at the length and three letters, in lower case.
func headerHash(name string) uint8 {
	n := len(name)
	return uint8(n*5) + (name[0]|0x20)*7 + (name[n-1]|0x20)*13 + (name[n/2]|0x20)*29
}

// LookupHeader returns the number of a header name, long or compact, in any
// case; HeaderOther when it has none.
func LookupHeader(name string) HeaderID {
	switch len(name) {
	case 0:
		return HeaderOther
	case 1:
		if isAlpha(name[0]) {
			return compactForm(name[0])
		}
		return HeaderOther
	}
	for h := headerHash(name); headerSlots[h] != HeaderOther; h++ {
		if id := headerSlots[h]; equalFold(headerNames[id], name) {
			return id
		}
	}
	return HeaderOther
}
