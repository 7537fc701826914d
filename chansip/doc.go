// Package chansip is the SIP channel driver: the accounts of sip.conf, and the
// calls and texts of their phones.
//
// A [Driver] is handed messages by the transport and answers them, one file a
// method: the room door says whose each is, the rooms reach and qualify where and
// whether a phone can be called. A call has a [leg]: what the call room knows as
// a channel's other face. What the phone says is told to the channel as events;
// what the channel wants comes as the leg's verbs.
//
// The room knows no dialplan and no application: it is handed what an incoming
// call does, and hands out a dialer and a sender.
package chansip
