// Package mailbox keeps voice messages on the disk as the original does, so that either can read what the other has written, and says what voicemail.conf says.
//
//	SPOOL/voicemail/CONTEXT/BOX/INBOX/msg0000.wav   the sound, once for every format
//	                                  msg0000.txt   who called, when, how long: without it there is no message
//	                           /Old, /Work ... /Urgent, /Deleted
//	                           /tmp                 what is being recorded
//	                           /unavail.wav, busy.wav, temp.wav, greet.wav
//	                           /secret.conf         the password, where passwordlocation=spooldir
//
// A message is there when its .txt is: that is linked into its folder last, after the sound is on the disk. A crash leaves a message in two places rather
// than in none. [Boxes] is safe for use from many goroutines; what it tells of counts ([Boxes.Watch]) is what lamps of phones show.
package mailbox
