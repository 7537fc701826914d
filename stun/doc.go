// Package stun tells phones behind NAT what address they are seen by: a server of the Binding method of STUN (RFC 8489), of
// the tests of RFC 5780 where it has a second address, and of RFC 3489 for phones of old (Linphone asks so). What a client
// needs to ask the same question is here too.
//
// The messages are read and written by a hundred lines of our own: the libraries there are refuse whatever lacks the magic
// cookie, which is everything of RFC 3489, and a server that answers strangers is better off with no allocation between a
// datagram and its answer.
//
// It is made to be of no use to anybody else:
//
//   - on the wire, with the headers of IP and UDP, an answer is never more than twice as large as its request ([Amplification]):
//     who forges the source of a request gains nothing. What would not fit is left out;
//   - answers go to where the request came from and nowhere else: RESPONSE-ADDRESS of RFC 3489, RESPONSE-PORT and PADDING of
//     RFC 5780 are refused with 420;
//   - each network of sources and all of them together have so many answers a second ([Options]), counted in a table that does
//     not grow;
//   - a packet that can't be read is dropped, and nothing that comes in ends a reader.
//
// There are no passwords: what a Binding answers is no secret (RFC 8489 section 12). Integrity attributes are read over.
package stun
