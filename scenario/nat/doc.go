// Package nat is a laboratory of network address translators: real phones in
// network namespaces of their own, each behind a NAT of nftables, and the built
// obelus on the public side. Its tests call through every pairing of the four
// kinds of NAT and print what passed as a table; they need Linux and root.
//
// All packets stay in the namespaces. The names carry the process, and what a
// killed run has left is taken away at the start of the next.
package nat

// Kind is how a NAT gives out its ports and whom it lets in through them: the
// classic names, and in brackets those of RFC 4787.
type Kind string

// The four kinds.
const (
	// FullCone keeps one public port for a private one, and anybody may send to
	// it (endpoint-independent mapping and filtering).
	FullCone Kind = "full cone"
	// Restricted is FullCone, but only addresses that were sent to from that
	// port may send back (address-dependent filtering).
	Restricted Kind = "restricted"
	// PortRestricted is Restricted, but only the very ports that were sent to may
	// send back (address and port-dependent filtering).
	PortRestricted Kind = "port-restricted"
	// Symmetric gives each destination another public port, from which only that
	// destination is heard (address and port-dependent mapping and filtering).
	Symmetric Kind = "symmetric"
)

// Kinds lists the four, from the friendliest on.
func Kinds() []Kind { return []Kind{FullCone, Restricted, PortRestricted, Symmetric} }
