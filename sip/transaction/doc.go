// Package transaction makes requests and responses reliable over a transport
// that is not (RFC 3261 section 17, RFC 6026): it sends again what may have been
// lost, answers what comes twice from what it keeps, and matches the two ends.
//
// There are four machines, a file each: serverinvite.go, serverother.go,
// clientinvite.go, clientother.go. They keep rendered bytes, not messages, and
// have their timers rung by one [Wheel]: no goroutine and no time.Timer of
// their own. Each has one mutex, and calls its user with none held.
//
// A request that must cost nothing, because nobody has proved who sent it, is
// answered by [Server.ReplyStateless]: nothing is kept, and the same request
// sent again gets the same answer.
package transaction
