// Package phones drives real SIP phones on loopback and tells what they do
// and hear: linphonec and baresip, each a process with its own home, ports and
// sound files, Linphone's own chat (see [Chat]), and SIPp for many calls at once. Its tests come in two kinds:
// TestDirect lets the phones call each other with no server between, which
// proves the harness; TestObelus puts the built obelus binary in the middle.
//
// No phone has a sound card. Each plays a wav file with a tone of its own into
// the call and records what it hears; Listen finds the tone again in the
// recording. Everything waits for something the phone said or heard, never for
// time to pass, and gives up at a deadline with the phone's whole output.
//
// The programs come from Debian: scenario/install-peers.sh installs them. A
// missing program fails the test that needs it.
package phones
