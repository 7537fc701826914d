package show

import (
	"fmt"
	"strings"

	"obelus/sip/sdp"
	"obelus/sip/transport"
)

// Wire is a message on the wire, as sip set debug prints it. Proofs of passwords
// and keys of calls are masked.
func Wire(dir transport.Direction, f transport.Flow, b []byte) string {
	head := "<--- SIP read from %s:%s --->\n%s\n<------------->"
	if dir == transport.Out {
		head = "<--- Transmitting to %s:%s --->\n%s\n<------------>"
	}
	return fmt.Sprintf(head, f.Transport, transport.Unmap(f.Remote), masked(string(b)))
}

// masked takes the proofs of passwords and the keys of calls out of a message that
// is shown (security class 39).
func masked(s string) string {
	const key = `response="`
	var out strings.Builder
	for {
		i := strings.Index(s, key)
		if i < 0 {
			break
		}
		end := strings.IndexByte(s[i+len(key):], '"')
		if end < 0 {
			break
		}
		out.WriteString(s[:i+len(key)])
		out.WriteString("...")
		s = s[i+len(key)+end:]
	}
	out.WriteString(s)
	return sdp.HideKeys(out.String())
}
