// Package crash kills a running obelus and holds it to its word.
//
// Code phones keep it busy over loopback: they register, move, go away, write texts to
// each other and call. At a moment nobody chose the process is killed (kill -9) and
// started again on the same data. What it has acknowledged must be there: whoever was
// told 200 to a REGISTER is registered, with that contact and the life it had left; a
// text that was answered 202 reaches its receiver; what the dialplan wrote into its
// database before it answered a call is in it; and each call has its record, once.
package crash
