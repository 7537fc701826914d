package stun

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"iter"
	"net/netip"
)

// Kind is the type of a message: its class and method (RFC 8489 section 5).
type Kind uint16

// The kinds of the Binding method. No other method is known here.
const (
	BindingRequest    Kind = 0x0001
	BindingIndication Kind = 0x0011
	BindingSuccess    Kind = 0x0101
	BindingError      Kind = 0x0111
)

// Attr is the type of an attribute.
type Attr uint16

// The attributes that are known. A message with another one below 0x8000 must not be answered as if it were not there (RFC
// 8489 section 14).
const (
	MappedAddress    Attr = 0x0001
	ResponseAddress  Attr = 0x0002 // RFC 3489: refused
	ChangeRequest    Attr = 0x0003
	SourceAddress    Attr = 0x0004 // RFC 3489
	ChangedAddress   Attr = 0x0005 // RFC 3489
	Username         Attr = 0x0006
	Integrity        Attr = 0x0008
	ErrorCode        Attr = 0x0009
	UnknownAttrs     Attr = 0x000a
	Realm            Attr = 0x0014
	Nonce            Attr = 0x0015
	IntegritySHA256  Attr = 0x001c
	PasswordAlg      Attr = 0x001d
	Userhash         Attr = 0x001e
	XORMappedAddress Attr = 0x0020
	Priority         Attr = 0x0024 // RFC 8445
	UseCandidate     Attr = 0x0025 // RFC 8445
	Padding          Attr = 0x0026 // RFC 5780: refused
	ResponsePort     Attr = 0x0027 // RFC 5780: refused
	Software         Attr = 0x8022
	Fingerprint      Attr = 0x8028
	ResponseOrigin   Attr = 0x802b // RFC 5780
	OtherAddress     Attr = 0x802c // RFC 5780
)

const (
	headerSize      = 20
	cookie          = 0x2112a442
	fingerprintXOR  = 0x5354554e
	fingerprintSize = 8
)

// ID names a transaction: the magic cookie and 96 bits, or the 128 bits of RFC 3489.
type ID [16]byte

// NewID returns a name that nobody can guess.
func NewID() ID {
	var id ID
	rand.Read(id[:])
	binary.BigEndian.PutUint32(id[:], cookie)
	return id
}

// Classic says whether the transaction is one of RFC 3489.
func (id ID) Classic() bool { return binary.BigEndian.Uint32(id[:]) != cookie }

// ErrMessage says that a datagram is no STUN message.
var ErrMessage = errors.New("no STUN message")

// Message is a view of a datagram. It is good for as long as the datagram's bytes are.
type Message struct {
	Kind Kind
	ID   ID
	body []byte // whole attributes
}

// Looks says whether a datagram on a port of another protocol is meant for STUN (RFC 8489 section 5): by its first two bits
// and the magic cookie.
func Looks(b []byte) bool {
	return len(b) >= headerSize && b[0]>>6 == 0 && binary.BigEndian.Uint32(b[4:]) == cookie
}

// Parse reads a datagram. It is strict about lengths, and a FINGERPRINT must be right (RFC 8489 section 14.7).
func Parse(b []byte) (Message, error) {
	if len(b) < headerSize || b[0]>>6 != 0 {
		return Message{}, ErrMessage
	}
	m := Message{Kind: Kind(binary.BigEndian.Uint16(b)), ID: ID(b[4:headerSize]), body: b[headerSize:]}
	if int(binary.BigEndian.Uint16(b[2:])) != len(m.body) || len(m.body)%4 != 0 {
		return Message{}, ErrMessage
	}
	for at := 0; at < len(m.body); {
		a, n := m.attr(at)
		if n > len(m.body)-at {
			return Message{}, ErrMessage
		}
		if a == Fingerprint && (at+n != len(m.body) || n != fingerprintSize || !fingerprinted(b)) {
			return Message{}, ErrMessage
		}
		at += n
	}
	return m, nil
}

// attr is the attribute at a place of the body: its type and how many bytes it takes there.
func (m Message) attr(at int) (Attr, int) {
	size := int(binary.BigEndian.Uint16(m.body[at+2:]))
	return Attr(binary.BigEndian.Uint16(m.body[at:])), 4 + (size+3)/4*4
}

// fingerprinted says whether the last eight bytes are the right FINGERPRINT of those before.
func fingerprinted(b []byte) bool {
	end := len(b) - fingerprintSize
	return binary.BigEndian.Uint32(b[end+4:]) == crc32.ChecksumIEEE(b[:end])^fingerprintXOR
}

// Attrs lists the attributes and their values.
func (m Message) Attrs() iter.Seq2[Attr, []byte] {
	return func(yield func(Attr, []byte) bool) {
		for at := 0; at < len(m.body); {
			a, n := m.attr(at)
			size := int(binary.BigEndian.Uint16(m.body[at+2:]))
			if !yield(a, m.body[at+4:at+4+size]) {
				return
			}
			at += n
		}
	}
}

// Get is the value of the first attribute of a type.
func (m Message) Get(a Attr) ([]byte, bool) {
	for got, v := range m.Attrs() {
		if got == a {
			return v, true
		}
	}
	return nil, false
}

// Mapped is the address that the other side saw, of a successful answer.
func (m Message) Mapped() (netip.AddrPort, bool) {
	if m.Kind != BindingSuccess {
		return netip.AddrPort{}, false
	}
	if v, ok := m.Get(XORMappedAddress); ok {
		if a, ok := m.address(v); ok {
			m.ID.mask(a[:])
			return address(a)
		}
	}
	v, ok := m.Get(MappedAddress)
	if !ok {
		return netip.AddrPort{}, false
	}
	a, ok := m.address(v)
	if !ok {
		return netip.AddrPort{}, false
	}
	return address(a)
}

// Address is the address in an attribute that is not masked: RESPONSE-ORIGIN, OTHER-ADDRESS and their like.
func (m Message) Address(a Attr) (netip.AddrPort, bool) {
	v, ok := m.Get(a)
	if !ok {
		return netip.AddrPort{}, false
	}
	raw, ok := m.address(v)
	if !ok {
		return netip.AddrPort{}, false
	}
	return address(raw)
}

// rawAddress is a port and an address of four or sixteen bytes.
type rawAddress []byte

// address copies the port and address out of an attribute (RFC 8489 section 14.1).
func (Message) address(v []byte) (rawAddress, bool) {
	if len(v) == 8 && v[1] == 1 || len(v) == 20 && v[1] == 2 {
		return append(rawAddress(nil), v[2:]...), true
	}
	return nil, false
}

func address(raw rawAddress) (netip.AddrPort, bool) {
	a, ok := netip.AddrFromSlice(raw[2:])
	return netip.AddrPortFrom(a.Unmap(), binary.BigEndian.Uint16(raw)), ok
}

// mask turns a port and an address into what XOR-MAPPED-ADDRESS has, and back (RFC 8489 section 14.2).
func (id *ID) mask(raw []byte) {
	raw[0] ^= id[0]
	raw[1] ^= id[1]
	for i := range raw[2:] {
		raw[2+i] ^= id[i]
	}
}
