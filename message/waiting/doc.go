// Package waiting keeps texts so that none is lost that somebody was told is
// taken.
//
// The [Inbox] is the way in: what a driver takes is made durable before its
// sender hears so, goes through the dialplan, and is forgotten after it; what was
// left when the process ended is run again. The [Shelf] is the way out: a text
// that no phone takes now lies there until one does, or until its time is over.
//
// Bodies are in the store, which says what survives; in memory there are counts,
// and what is just being delivered.
package waiting
