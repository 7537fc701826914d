// Package sip reads and writes SIP messages (RFC 3261): the message itself, the
// values inside it, and nothing about sockets, transactions or telephones.
//
// A Message is one piece of text with an index of its headers over it. Every
// string that comes out of a message is a view of that text, so reading costs
// no allocation; what each header means is worked out when it is asked for.
// The bytes, the order and the spelling of the headers stay as received.
//
// Reading has two stages. Parse refuses only what cannot be cut into a start
// line, headers and a body. Validate then names the answer that a malformed
// request is owed (400, 416, 505 ...), so that it is answered and not dropped.
// Leniencies names what was accepted although RFC 3261 does not allow it.
//
// Writing appends to a []byte: see Builder.
package sip
