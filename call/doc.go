// Package call holds the heart of obelus: channels and bridges.
//
// A [Channel] is one party of a call. One goroutine owns it for its whole life
// and carries out orders ([Order]): run the dialplan at X, stay in bridge B.
// Anybody may give an order with [Channel.Do]; it cancels the context of the
// present one. So a transfer is a new order, never a move between goroutines.
//
// A [Leg] is the channel as its driver knows it: five verbs, and a stream of
// events that goes to one [Mailbox], chosen by whoever listens now.
//
// A [Bridge] is where channels talk. Channels wait for a bridge, never for each
// other. Sound flows from [Media] to [Media] with no code of this package in
// its way.
//
// The room imports no driver, no protocol, no dialplan and no store.
package call
