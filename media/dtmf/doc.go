// Package dtmf hears and makes the pairs of tones that stand for the keys of a
// telephone (ITU-T Q.23), in samples of any rate, and reads and writes the packets
// in which keys travel without tones (RFC 4733).
package dtmf

import "strings"

// The frequencies of rows and columns, hertz (ITU-T Q.23).
var (
	rows    = [4]float64{697, 770, 852, 941}
	columns = [4]float64{1209, 1336, 1477, 1633}
)

// names are the keys, row by row.
const names = "123A456B789C*0#D"

// place is where a key stands on the pad, row by row, -1 for what is no key.
func place(key byte) int {
	if key >= 'a' && key <= 'd' {
		key -= 'a' - 'A'
	}
	return strings.IndexByte(names, key)
}
