package transport

import (
	"hash/maphash"

	"obelus/sip"
)

// refuse answers a request without state (RFC 3261 section 8.2.7). A response and an ACK are dropped, and so is what its
// sender could not match an answer to.
func (l *Layer) refuse(m *sip.Message, f Flow, status int, reason string) {
	if !m.IsRequest() || m.Method() == sip.ACK || !answerable(m) {
		return
	}
	var scratch [1024]byte
	b := sip.NewBuilder(scratch[:0])
	ret := sip.Return{Received: f.Remote.Addr()}
	if via, err := m.Via(); err == nil {
		if _, asked := via.RPort(); asked {
			ret.RPort = f.Remote.Port()
		}
	}
	var tag [10]byte
	b.Response(m, status, reason, ret, string(l.statelessTag(tag[:0], m)))
	if status == 503 {
		b.Header("Retry-After", "5")
	}
	if err := f.Reply(b.End("", nil)); err != nil {
		l.o.Log.Debug("a refusal could not be sent", "to", f, "why", err)
	}
}

// statelessTag appends the tag of an answer without state: the same when the request is repeated, another for another request,
// and nothing that a stranger can tell beforehand (RFC 3261 section 8.2.7).
func (l *Layer) statelessTag(b []byte, m *sip.Message) []byte {
	var h maphash.Hash
	h.SetSeed(l.seed)
	for _, id := range [...]sip.HeaderID{sip.HeaderCallID, sip.HeaderFrom, sip.HeaderCSeq} {
		h.WriteString(m.Value(id))
		h.WriteByte(0)
	}
	b = append(b, "as"...)
	for sum, i := h.Sum64(), 0; i < 8; i++ {
		b = append(b, "0123456789abcdef"[sum>>(4*i)&15])
	}
	return b
}

// answerable says whether an answer to a request would be matched by its sender: it has what an answer is made of.
func answerable(m *sip.Message) bool {
	for _, id := range [...]sip.HeaderID{sip.HeaderVia, sip.HeaderFrom, sip.HeaderTo, sip.HeaderCallID, sip.HeaderCSeq} {
		if m.Value(id) == "" {
			return false
		}
	}
	return true
}
