// Package sound is where what is played comes from: files of prompts in the
// formats that Asterisk's users have, and tones that are made.
package sound
