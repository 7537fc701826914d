package rtp

import (
	"net/netip"
	"time"

	"obelus/media"
	"obelus/media/srtp"
)

// Digit is a key of the phone, going down or coming up.
type Digit struct {
	Key byte // 0-9 * # A-D, and ! for the hook flash
	Up  bool
	// Duration is how long it was held; 0 while it goes down.
	Duration time.Duration
	// Relayed says that it has reached the phone at the other end already, in the
	// media stream; else whoever hears of it has to pass it on.
	Relayed bool
}

// Hooks is what a leg's owner hears of its media. Each may be nil. They are
// called by whoever reads or translates packets: they must return at once, and
// may use the plane in any way that returns at once (so not Play).
type Hooks struct {
	// Digit is called when a key goes down and when it comes up (RFC 4733, or by
	// its tones: [Session.SetKeys]).
	Digit func(Digit)
	// Learned is called when the source of a stream is settled, or changes.
	Learned func(kind media.Kind, from netip.AddrPort)
	// Foreign is called once for a negotiation when packets come from an
	// address that may not send here; they are dropped.
	Foreign func(kind media.Kind, from netip.AddrPort)
	// Dropped is called once for a format that the other leg doesn't have and
	// nobody here can translate; its packets are dropped.
	Dropped func(kind media.Kind, f media.Format)
}

// Stats is a stream's account, as RFC 3550 counts it.
type Stats struct {
	PacketsIn, BytesIn   uint64 // accepted; bytes of payload
	PacketsOut, BytesOut uint64
	Lost                 int64 // of what the far end sent; below 0 with duplicates
	RemoteLost           int64 // of what we sent, as the far end reports it
	Jitter, RemoteJitter time.Duration
	RTT                  time.Duration // 0 while unknown
	Foreign              uint64        // packets from elsewhere
	Untranslated         uint64        // packets in a format the other leg doesn't have
	Malformed            uint64        // what was no RTP or of no payload type agreed
	Suite                srtp.Suite    // "" for plain RTP
	Unauthentic          uint64        // packets on an SRTP stream that are not under its key
	Replays              uint64        // packets on an SRTP stream that came before
	Withheld             uint64        // packets not sent because nobody proved to listen there
	SSRC, RemoteSSRC     uint32
	Learned              netip.AddrPort // zero while nobody sent
	LastReceived         time.Time      // zero likewise
	Format               media.Format   // last received
}
