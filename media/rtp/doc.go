// Package rtp is the media plane: it owns the RTP and RTCP ports (RFC 3550) of
// all calls and moves packets between them.
//
// A [Session] is the media of one call leg, with a [Stream] for its sound and,
// where wanted, its picture and its live text; each stream has an even port
// for RTP and the next one for RTCP. What arrives at a stream is learned (who
// may send here), counted, watched for pressed keys and sent out of the stream
// it is connected to. What leaves a stream is always one unbroken RTP stream:
// one SSRC, rising sequence numbers and timestamps, whoever is behind it.
//
// Sound that the other phone takes passes as it came. Where it takes none of it,
// or where keys are looked for in it, it goes by a lane of the stream: a jitter
// buffer, out of which a worker makes a frame every 20 ms, decodes, resamples and
// codes it.
//
// Who listens to a session ([Session.Hear]) has a tap hung into it: both directions
// are decoded beside what passes, each through a jitter buffer of its own. A session
// that has none pays a look at a pointer for each packet.
//
// Ownership: a stream has a receiving half and a sending half, each with its own
// mutex. A packet takes the first, lets go, then takes the second of the stream it
// leaves by; never two at a time, and no callback runs under either. A lane's
// and a tap's buffer have a third, under which none but the workers' is taken; what decodes and
// codes is the worker's alone.
// Connect, Part, Echo and SetRemote swap what a packet will meet next and may
// be called at any time from any goroutine.
//
// RTCP: reports are our own (RFC 3550 §6.4), for each leg what that leg can
// know; feedback about pictures (RFC 4585 and the older FIR) passes from phone
// to phone with SSRCs and sequence numbers rewritten. Everything else in RTCP
// ends here.
package rtp
