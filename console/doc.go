// Package console is the command line of a running server, in the words and the
// columns of Asterisk's.
//
// A [Table] of commands is served by a [Server] on a local socket that only its
// owner can open; [Attach] is the other end: one command, or a prompt with
// history and completion. What happens is told to attached consoles as the
// original's verbose lines ([Verbose]).
package console
