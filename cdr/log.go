package cdr

import "obelus/store"

// Log keeps call records. Its methods may be called from any goroutine, with a lock of the call held: they never block, and never call
// back into this package. What they are handed is theirs.
//
// Calls for one key come in order. A record that has ended need not have begun: where Begin still waits when End or Drop comes, it may
// be left out.
type Log interface {
	// Begin notes that a call is under way: should the server die, it is a record with disposition FAILED. It comes when somebody is called or
	// the call is answered (where cdr.conf has unanswered=yes, with the first step), for one of several phones that ring, and again with
	// more known once two talk.
	Begin(r store.CallRecord)

	// End keeps records that are complete: those of one channel, in the order of their sequence.
	End(r ...store.CallRecord)

	// Drop forgets a record that was begun and is not to be kept: NoCDR, or nobody was called and cdr.conf wants no such records.
	Drop(k store.CallKey)
}
