// Package record puts what a channel says, or what it says and hears, into sound
// files.
//
// A [Tape] is a set of files of the same sound with a goroutine that writes them:
// whoever hands it sound never waits for the disk. [Recorder.Record] is what Record,
// voicemail and dictation have in common: a beep, keys that stop it, silence that
// ends it, a limit. [Listen] hears a channel whatever it is, and also one that has
// no sound yet; a [Meter] says whether somebody talks.
package record
