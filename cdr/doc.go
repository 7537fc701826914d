// Package cdr makes the call records: which there are, what is in them, and when they are complete.
//
// It follows the public specification of the original's call records ("Asterisk 12 CDR Specification"), the manual pages of cdr.conf,
// CDR(), CDR_PROP(), ForkCDR and ResetCDR, and what records of Asterisk 13 to 20 look like:
//
//   - A record is about a pair of channels, Party A and Party B. Each channel begins one with itself as Party A.
//   - A channel that was dialled is never Party A of one that was not. Else the one chosen by CDR_PROP(party_a) is, then the older one.
//     A record whose Party A was dialled and has no Party B is not kept. A dialled channel that is sent into the dialplan (a transfer) was
//     dialled no more.
//   - Each phone that Dial calls makes a record; the first takes the one there is. It ends as the phone does: BUSY, NO ANSWER, FAILED, or
//     CONGESTION where cdr.conf has congestion=yes. All have the uniqueid of Party A and a rising sequence.
//   - A record is over when either of the two leaves the bridge. What Party A does after that in the dialplan begins the next one, with the
//     same linkedid and variables.
//   - dst, dcontext, lastapp and lastdata are those of Party A; a subroutine does not change the first two, and Dial keeps the last two.
//   - The answer is that of Party A: it counts from Answer() where the dialplan answered before Dial.
//   - With endbeforehexten, the default, h changes no record. Without, it makes one of its own after a conversation.
//   - Hold, music and sound change nothing.
//
// A record goes from state to state:
//
//	Single ──► Dial ──► Pending ──► Bridge ──► Final
//	   └────────┴─────────┴──────────┴─────────┘
//
// What happens to the channels of one call is told under one lock, that of their group; see group.
package cdr
