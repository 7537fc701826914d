package crash

import (
	"bytes"
	"fmt"
	"net/netip"
)

// The accounts, by their first numbers: those that only register, those that texts are
// for, those that write and call.
const (
	firstMover, movers     = 5000, 120
	firstReader, readers   = 6000, 20
	firstWriter, writers   = 8000, 6
	firstCaller, callers   = 8500, 4
	accountsPerMoverSocket = 6
)

// sipConf has accounts without passwords: who they are is tested elsewhere.
func sipConf(addr netip.AddrPort) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "[general]\nudpbindaddr=%s\ntcpenable=no\ncontext=calls\noutofcall_message_context=texts\nstore_messages=yes\nmax_stored_messages=100000\nmaxexpiry=86400\nallowguest=no\n", addr)
	for _, group := range [][2]int{{firstMover, movers}, {firstReader, readers}, {firstWriter, writers}, {firstCaller, callers}} {
		for i := range group[1] {
			fmt.Fprintf(&b, "[%d]\ntype=friend\nhost=dynamic\n", group[0]+i)
		}
	}
	return b.Bytes()
}

// extensions writes the number called into the database before it answers.
const extensions = `[calls]
exten => _7X.,1,Set(DB(crash/${EXTEN})=${EXTEN})
 same => n,Answer()
 same => n,Wait(0.1)
 same => n,Hangup()
[texts]
exten => _6XXX,1,MessageSend(sip:${EXTEN},${MESSAGE(from)})
 same => n,Hangup()
`
