package sip

// Method is a request's method. Methods are case-sensitive (RFC 3261 section 7.1).
type Method string

// The methods of RFC 3261 and of the extensions that telephones use.
const (
	INVITE    Method = "INVITE"
	ACK       Method = "ACK"
	BYE       Method = "BYE"
	CANCEL    Method = "CANCEL"
	OPTIONS   Method = "OPTIONS"
	REGISTER  Method = "REGISTER"
	MESSAGE   Method = "MESSAGE"   // RFC 3428
	SUBSCRIBE Method = "SUBSCRIBE" // RFC 6665
	NOTIFY    Method = "NOTIFY"    // RFC 6665
	REFER     Method = "REFER"     // RFC 3515
	INFO      Method = "INFO"      // RFC 6086
	UPDATE    Method = "UPDATE"    // RFC 3311
	PRACK     Method = "PRACK"     // RFC 3262
	PUBLISH   Method = "PUBLISH"   // RFC 3903
)

// methodOf returns the constant for a known method, so that a kept Method does
// not hold on to a whole datagram, and a view of s for any other.
func methodOf(s string) Method {
	switch m := Method(s); m {
	case INVITE:
		return INVITE
	case ACK:
		return ACK
	case BYE:
		return BYE
	case CANCEL:
		return CANCEL
	case OPTIONS:
		return OPTIONS
	case REGISTER:
		return REGISTER
	case MESSAGE:
		return MESSAGE
	case SUBSCRIBE:
		return SUBSCRIBE
	case NOTIFY:
		return NOTIFY
	case REFER:
		return REFER
	case INFO:
		return INFO
	case UPDATE:
		return UPDATE
	case PRACK:
		return PRACK
	case PUBLISH:
		return PUBLISH
	default:
		return m
	}
}
