package packet

import "encoding/binary"

// Kinds of feedback (RFC 4585, RFC 5104), by the five bits behind the version.
const (
	FeedbackNACK  = 1  // packets missed (RFC 4585 §6.2.1)
	feedbackTMMBR = 3  // a limit of the rate (RFC 5104 §4.2.1)
	feedbackTMMBN = 4  // its answer
	FeedbackTWCC  = 15 // arrival times of packets by a count that ends here
	pictureFIR    = 4  // a fresh picture (RFC 5104 §4.3.1)
	pictureTSTR   = 5  // sharpness against speed
	pictureTSTN   = 6  // its answer
)

// Address writes into feedback who asks and whom.
func Address(b []byte, sender, source uint32) {
	if b[1] == TypeFIR || b[1] == TypeNACK {
		binary.BigEndian.PutUint32(b[4:], source) // only whom
		return
	}
	binary.BigEndian.PutUint32(b[4:], sender)
	if len(b) < 12 {
		return
	}
	if !listsSources(b) {
		binary.BigEndian.PutUint32(b[8:], source)
		return
	}
	for i := 12; i+8 <= len(b); i += 8 {
		binary.BigEndian.PutUint32(b[i:], source)
	}
}

// listsSources says whether feedback names whom it is for in each of its entries
// of eight bytes (RFC 5104 §4.2 and §4.3) rather than once before them.
func listsSources(b []byte) bool {
	kind := b[0] & 0x1f
	if b[1] == TypePSFB {
		return kind == pictureFIR || kind == pictureTSTR || kind == pictureTSTN
	}
	return kind == feedbackTMMBR || kind == feedbackTMMBN
}

// TypeName says what a packet of RTCP is by its type.
func TypeName(kind byte) string {
	switch kind {
	case TypeFIR:
		return "Fast Update Request of H.261"
	case TypeNACK:
		return "NACK of H.261"
	case TypeSR:
		return "Sender Report"
	case TypeRR:
		return "Receiver Report"
	case TypeSDES:
		return "Source Description"
	case TypeBye:
		return "BYE"
	case TypeRTPFB:
		return "Feedback about packets"
	case TypePSFB:
		return "Feedback about pictures"
	}
	return "unknown"
}
