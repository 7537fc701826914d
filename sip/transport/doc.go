// Package transport carries SIP messages over UDP, TCP and TLS (RFC 3261 section 18).
//
// # Flows
//
// Every message that arrives comes with a [Flow]: the transport, both addresses and the socket or connection it came by.
// An answer goes back on its flow, a registration keeps its flow, and sending on a flow never dials (RFC 5626).
// [Layer.Connect] is the one place that opens connections.
//
// # Who serves a message
//
// A UDP socket has one reader, a connection has one reader, and no message ever gets a goroutine of its own. The reader
// parses into a message that it uses again for the next one, and asks the handler whether it wants this message served at once
// ([Handler.Inline]; REGISTER and OPTIONS run to completion there). Every other message is copied once and goes to one of a
// fixed number of workers, chosen by its Call-ID: whatever belongs to one call is served one after the other, in the order in
// which it came, and a slow call holds up no reader. A worker's queue is bounded; what finds it full is answered 503 without
// state (a response or an ACK is dropped and counted).
//
// A handler that panics loses that one message: the panic is counted and logged, and the reader or worker goes on.
package transport
