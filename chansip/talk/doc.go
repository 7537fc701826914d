// Package talk is what one call leg and its phone agree on about sound, picture
// and text: the offer and answer of RFC 3264, in the way of the original's
// chan_sip. A [Talk] holds the leg's RTP session and tells it what was settled.
// It knows no SIP message, no dialog and no channel: descriptions go in and come
// out.
package talk
