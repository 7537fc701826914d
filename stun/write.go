package stun

import (
	"encoding/binary"
	"hash/crc32"
	"net/netip"
)

// writer writes one message behind dst[:start].
type writer struct {
	b     []byte
	start int
	most  int // how many bytes the message may have
}

func begin(dst []byte, kind Kind, id ID, most int) writer {
	w := writer{b: dst, start: len(dst), most: most}
	w.b = binary.BigEndian.AppendUint16(w.b, uint16(kind))
	w.b = append(w.b, 0, 0)
	w.b = append(w.b, id[:]...)
	return w
}

// size is how many bytes the message has so far.
func (w *writer) size() int { return len(w.b) - w.start }

// fits says whether an attribute of so many bytes may still be added, with room left for another.
func (w *writer) fits(size, reserve int) bool { return w.size()+4+(size+3)/4*4+reserve <= w.most }

func (w *writer) attr(a Attr, size int) {
	w.b = binary.BigEndian.AppendUint16(w.b, uint16(a))
	w.b = binary.BigEndian.AppendUint16(w.b, uint16(size))
}

func (w *writer) pad() {
	for w.size()%4 != 0 {
		w.b = append(w.b, 0)
	}
}

func (w *writer) text(a Attr, s string) {
	w.attr(a, len(s))
	w.b = append(w.b, s...)
	w.pad()
}

// addressSize is how many bytes the value of an address attribute has.
func addressSize(a netip.AddrPort) int {
	if a.Addr().Is4() {
		return 8
	}
	return 20
}

// address adds an attribute with an address, masked where id is not nil.
func (w *writer) address(a Attr, at netip.AddrPort, id *ID) {
	w.attr(a, addressSize(at))
	family := byte(1)
	if !at.Addr().Is4() {
		family = 2
	}
	w.b = append(w.b, 0, family)
	from := len(w.b)
	w.b = binary.BigEndian.AppendUint16(w.b, at.Port())
	if at.Addr().Is4() {
		ip := at.Addr().As4()
		w.b = append(w.b, ip[:]...)
	} else {
		ip := at.Addr().As16()
		w.b = append(w.b, ip[:]...)
	}
	if id != nil {
		id.mask(w.b[from:])
	}
}

// end settles the length and, where it is wanted, adds FINGERPRINT.
func (w *writer) end(fingerprint bool) []byte {
	size := w.size() - headerSize
	if fingerprint {
		size += fingerprintSize
	}
	binary.BigEndian.PutUint16(w.b[w.start+2:], uint16(size))
	if fingerprint {
		sum := crc32.ChecksumIEEE(w.b[w.start:]) ^ fingerprintXOR
		w.attr(Fingerprint, 4)
		w.b = binary.BigEndian.AppendUint32(w.b, sum)
	}
	return w.b
}

// AppendRequest appends a Binding request, which is 28 bytes: with a FINGERPRINT, as a request on a port of another protocol
// should have one.
func AppendRequest(dst []byte, id ID) []byte {
	w := begin(dst, BindingRequest, id, headerSize)
	return w.end(!id.Classic())
}
