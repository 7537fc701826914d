// Package srtp encrypts, authenticates and opens RTP and RTCP packets (RFC 3711, RFC
// 7714), and keeps a key from ever meeting the same packet number twice. Whoever
// agreed on the keys brings them.
package srtp

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/pion/srtp/v3"
)

// Suite is a way to encrypt and authenticate packets, by the name that SDP gives
// it (RFC 4568 §6.2, RFC 6188, RFC 7714).
type Suite string

// The suites there are.
const (
	AES128SHA80 Suite = "AES_CM_128_HMAC_SHA1_80"
	AES128SHA32 Suite = "AES_CM_128_HMAC_SHA1_32"
	AES256SHA80 Suite = "AES_256_CM_HMAC_SHA1_80"
	AES128GCM   Suite = "AEAD_AES_128_GCM"
	AES256GCM   Suite = "AEAD_AES_256_GCM"
)

// ErrKey says that a key can't be used: it is not as long as its suite wants it,
// or the suite is not known.
var ErrKey = errors.New("unusable SRTP key")

func (s Suite) profile() (srtp.ProtectionProfile, bool) {
	switch s {
	case AES128SHA80:
		return srtp.ProtectionProfileAes128CmHmacSha1_80, true
	case AES128SHA32:
		return srtp.ProtectionProfileAes128CmHmacSha1_32, true
	case AES256SHA80:
		return srtp.ProtectionProfileAes256CmHmacSha1_80, true
	case AES128GCM:
		return srtp.ProtectionProfileAeadAes128Gcm, true
	case AES256GCM:
		return srtp.ProtectionProfileAeadAes256Gcm, true
	}
	return 0, false
}

// lengths are those of the master key and the master salt in bytes; 0 where the
// suite is not known.
func (s Suite) lengths() (key, salt int) {
	switch s {
	case AES128SHA80, AES128SHA32:
		return 16, 14
	case AES256SHA80:
		return 32, 14
	case AES128GCM:
		return 16, 12
	case AES256GCM:
		return 32, 12
	}
	return 0, 0
}

// KeyLen is how long master key and master salt are together, in bytes; 0 where
// the suite is not known.
func (s Suite) KeyLen() int {
	key, salt := s.lengths()
	return key + salt
}

// Crypto makes a stream SRTP (RFC 3711). Whoever agreed on the keys, SDP or a
// handshake, gives them here.
type Crypto struct {
	Suite Suite
	// Local is the master key and the master salt, one behind the other, of what
	// we send; Remote of what the far end sends.
	Local, Remote []byte
	// RemoteMKI is the master key identifier that the far end's packets carry;
	// nil for none. Ours never carry one.
	RemoteMKI []byte
}

// String names the suite. Keys are never written.
func (c *Crypto) String() string {
	if c == nil {
		return "plain"
	}
	return string(c.Suite)
}

// GoString keeps %#v from writing the keys.
func (c *Crypto) GoString() string { return "srtp.Crypto(" + c.String() + ")" }

// replayWindow is how far behind the newest a packet may come (RFC 3711 §3.3.2
// wants 64 at least); and beyond which ours are not sent any more.
const replayWindow = 128

// secret is one direction's keys.
type secret struct {
	name Suite
	key  []byte
	mki  []byte
}

func (s *secret) same(o *secret) bool {
	return s.name == o.name && bytes.Equal(s.key, o.key) && bytes.Equal(s.mki, o.mki)
}

// context makes pion's state for the keys.
func (s *secret) context(options ...srtp.ContextOption) (*srtp.Context, error) {
	profile, ok := s.name.profile()
	key, salt := s.name.lengths()
	if !ok {
		return nil, fmt.Errorf("suite %q: %w", s.name, ErrKey)
	}
	if len(s.key) != key+salt {
		return nil, fmt.Errorf("%s wants %d bytes of key and salt, not %d: %w", s.name, key+salt, len(s.key), ErrKey)
	}
	if len(s.mki) > 0 {
		options = append(options, srtp.MasterKeyIndicator(s.mki))
	}
	c, err := srtp.CreateContext(s.key[:key], s.key[key:], profile, options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", s.name, ErrKey, err)
	}
	return c, nil
}

// Pair is the two directions of a description; both are nil for plain RTP.
type Pair struct {
	In  *Opener
	Out *Sealer
}

// New prepares what a description says, before anything is changed by it. With
// replay a packet that came before is refused.
func New(c *Crypto, replay bool) (Pair, error) {
	if c == nil {
		return Pair{}, nil
	}
	in, err := newOpener(secret{c.Suite, bytes.Clone(c.Remote), bytes.Clone(c.RemoteMKI)}, replay)
	if err != nil {
		return Pair{}, fmt.Errorf("the far end's key: %w", err)
	}
	out, err := newSealer(secret{name: c.Suite, key: bytes.Clone(c.Local)})
	if err != nil {
		return Pair{}, fmt.Errorf("our key: %w", err)
	}
	return Pair{in, out}, nil
}
