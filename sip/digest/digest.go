// Package digest is HTTP Digest authentication as SIP uses it (RFC 3261 section
// 22, RFC 7616, RFC 8760): the server's side, which keeps no memory of those
// whom it has only asked, and the client's.
package digest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"obelus/sip"
)

// Result is what a [Server] makes of a request.
type Result uint8

// The results.
const (
	Missing Result = iota // there is no proof for our realm, or one of nobody's nonce: ask
	Good                  // the proof holds
	Bad                   // it does not
	Stale                 // it would, but its nonce was used or is old: ask again, with stale=true
)

// Options is how a [Server] is made.
type Options struct {
	// Life is how long a nonce is good for; 0 is five minutes.
	Life time.Duration
}

// Server asks for proofs and checks them. A nonce carries its own time and number
// under a key that only this server has, so that asking costs no memory; what is
// remembered, in a ring of fixed size, is which numbers were used. A nonce is good
// for one request, as in the original, and for that request sent again.
type Server struct {
	life   time.Duration
	dummy  string
	seed   maphash.Seed
	macs   sync.Pool
	serial atomic.Uint32
	used   [ring]atomic.Uint64 // number of the nonce, and a hash of its request
}

// ring is how many used nonces are told apart. One that another has pushed out
// counts as used.
const ring = 1 << 16

// NewServer makes a server with a key of its own.
func NewServer(o Options) *Server {
	if o.Life <= 0 {
		o.Life = 5 * time.Minute
	}
	var key, dummy [16]byte
	rand.Read(key[:])
	rand.Read(dummy[:])
	s := &Server{life: o.Life, dummy: hex.EncodeToString(dummy[:]), seed: maphash.MakeSeed()}
	s.macs.New = func() any { return &signer{mac: hmac.New(sha256.New, key[:])} }
	s.serial.Store(1)
	return s
}

// Dummy is a secret that nobody knows: an unknown user is checked with it, so
// that it takes as long, and looks the same, as a wrong password.
func (s *Server) Dummy() string { return s.dummy }

// nonceLen is the length of a nonce: time, number and a MAC of both, in hex.
const nonceLen = 8 + 8 + 16

// signer makes MACs, again and again in the same memory.
type signer struct {
	mac   hash.Hash
	stamp [8]byte
	sum   [sha256.Size]byte
}

// sign writes the MAC of a nonce's time and number.
func (s *Server) sign(dst []byte, stamp [8]byte) {
	m := s.macs.Get().(*signer)
	m.mac.Reset()
	m.stamp = stamp
	m.mac.Write(m.stamp[:])
	hex.Encode(dst, m.mac.Sum(m.sum[:0])[:8])
	s.macs.Put(m)
}

func (s *Server) appendNonce(b []byte, now time.Time) []byte {
	var stamp [8]byte
	binary.BigEndian.PutUint32(stamp[:4], uint32(now.Unix()))
	binary.BigEndian.PutUint32(stamp[4:], s.serial.Add(1))
	var n [nonceLen]byte
	hex.Encode(n[:16], stamp[:])
	s.sign(n[16:], stamp)
	return append(b, n[:]...)
}

// Challenge is the value of a WWW-Authenticate header, in the original's shape.
func (s *Server) Challenge(realm string, stale bool, now time.Time) string {
	b := make([]byte, 0, 96+len(realm))
	b = append(b, `Digest algorithm=MD5, realm=`...)
	b = sip.AppendQuoted(b, realm)
	b = append(b, `, nonce="`...)
	b = s.appendNonce(b, now)
	b = append(b, '"')
	if stale {
		b = append(b, ", stale=true"...)
	}
	return string(b)
}

// Check is a request to check.
type Check struct {
	Message *sip.Message
	Realm   string
	User    string // whose proof it must be
	Secret  string
	HA1     string // instead of Secret: md5secret, the MD5 of user:realm:secret in hex
	Proxy   bool   // Proxy-Authorization instead of Authorization
	Now     time.Time
}

// Verify checks the proof in a request. The URI in it is taken as it is, as the
// original does: proxies change the one of the request.
func (s *Server) Verify(c Check) Result {
	header := sip.HeaderAuthorization
	if c.Proxy {
		header = sip.HeaderProxyAuthorization
	}
	for a := range c.Message.Auths(header) {
		if !a.IsDigest() {
			continue
		}
		if p := readProof(a); p.realm == c.Realm {
			return s.verify(c, &p)
		}
	}
	return Missing
}

// proof is what a client answered, read in one go.
type proof struct {
	user, realm, nonce, uri, response, algorithm, qop, cnonce, nc string
}

func readProof(a sip.AuthParams) (p proof) {
	for name, value := range a.All() {
		switch {
		case strings.EqualFold(name, "username"):
			p.user = value
		case strings.EqualFold(name, "realm"):
			p.realm = value
		case strings.EqualFold(name, "nonce"):
			p.nonce = value
		case strings.EqualFold(name, "uri"):
			p.uri = value
		case strings.EqualFold(name, "response"):
			p.response = value
		case strings.EqualFold(name, "algorithm"):
			p.algorithm = value
		case strings.EqualFold(name, "qop"):
			p.qop = value
		case strings.EqualFold(name, "cnonce"):
			p.cnonce = value
		case strings.EqualFold(name, "nc"):
			p.nc = value
		}
	}
	return p
}

func (s *Server) verify(c Check, p *proof) Result {
	holds := holds(c, p)
	switch serial, fresh := s.read(p.nonce, c.Now); {
	case fresh && s.take(serial, c.Message):
		if holds {
			return Good
		}
		return Bad
	case holds:
		return Stale
	}
	return Missing
}

// holds says whether the response is the right one for its nonce. It takes the
// same time whether the user name is right or not.
func holds(c Check, p *proof) bool {
	q := question{
		user: p.user, realm: c.Realm, secret: c.Secret, ha1: c.HA1, nonce: p.nonce, method: string(c.Message.Method()),
		uri: p.uri, qop: p.qop, cnonce: p.cnonce, nc: p.nc,
	}
	var ok bool
	if q.sha256, ok = algorithm(p.algorithm); !ok || q.sha256 && c.HA1 != "" || q.qop != "" && q.qop != "auth" {
		return false
	}
	var want [2 * sha256.Size]byte
	n := q.answer(want[:])
	got := p.response
	right := len(got) == n
	for i := 0; right && i < n; i++ {
		want[i] ^= lower(got[i])
	}
	sum := byte(0)
	for _, x := range want[:n] {
		sum |= x
	}
	return subtle.ConstantTimeByteEq(sum, 0) == 1 && right && q.user == c.User
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'F' {
		return c | 0x20
	}
	return c
}

// algorithm reads the algorithm parameter; false for one that is not known.
func algorithm(s string) (sha bool, ok bool) {
	switch {
	case s == "", strings.EqualFold(s, "MD5"):
		return false, true
	case strings.EqualFold(s, "SHA-256"):
		return true, true
	}
	return false, false
}

// read takes a nonce apart; false where it is not ours, or too old.
func (s *Server) read(nonce string, now time.Time) (serial uint32, fresh bool) {
	if len(nonce) != nonceLen {
		return 0, false
	}
	var text [nonceLen]byte
	copy(text[:], nonce)
	var stamp [8]byte
	if _, err := hex.Decode(stamp[:], text[:16]); err != nil {
		return 0, false
	}
	var mac [16]byte
	s.sign(mac[:], stamp)
	if subtle.ConstantTimeCompare(mac[:], text[16:]) != 1 {
		return 0, false
	}
	age := now.Sub(time.Unix(int64(binary.BigEndian.Uint32(stamp[:4])), 0))
	return binary.BigEndian.Uint32(stamp[4:]), age <= s.life && age > -time.Minute
}

// take uses a nonce up for a request; false if another request has used it.
func (s *Server) take(serial uint32, m *sip.Message) bool {
	slot := &s.used[serial%ring]
	mine := uint64(serial)<<32 | uint64(s.hash(m))
	for {
		old := slot.Load()
		if old == mine {
			return true // the same request, sent again
		}
		if was := uint32(old >> 32); was != 0 && int32(was-serial) >= 0 {
			return false
		}
		if slot.CompareAndSwap(old, mine) {
			return true
		}
	}
}

// hash tells one request from another: by its Call-ID and CSeq, which stay the
// same when it is sent again.
func (s *Server) hash(m *sip.Message) uint32 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	h.WriteString(m.CallID())
	h.WriteByte(0)
	h.WriteString(m.Value(sip.HeaderCSeq))
	return uint32(h.Sum64()) | 1
}

// question is what a digest answers.
type question struct {
	user, realm, secret, ha1 string
	nonce, method, uri       string
	qop, cnonce, nc          string
	sha256, session          bool
}

// answer writes the response (RFC 7616 section 3.4.1) in hex and returns its
// length.
func (q *question) answer(dst []byte) int {
	var scratch [512]byte
	var a1, a2 [2 * sha256.Size]byte
	n := q.size()
	if q.ha1 != "" {
		copy(a1[:n], strings.ToLower(q.ha1))
	} else {
		b := append(scratch[:0], q.user...)
		b = append(b, ':')
		b = append(b, q.realm...)
		b = append(b, ':')
		q.sum(a1[:], append(b, q.secret...))
	}
	if q.session {
		b := append(scratch[:0], a1[:n]...)
		b = append(b, ':')
		b = append(b, q.nonce...)
		b = append(b, ':')
		q.sum(a1[:], append(b, q.cnonce...))
	}
	b := append(scratch[:0], q.method...)
	b = append(b, ':')
	q.sum(a2[:], append(b, q.uri...))

	b = append(scratch[:0], a1[:n]...)
	b = append(b, ':')
	b = append(b, q.nonce...)
	b = append(b, ':')
	if q.qop != "" {
		b = append(b, q.nc...)
		b = append(b, ':')
		b = append(b, q.cnonce...)
		b = append(b, ':')
		b = append(b, q.qop...)
		b = append(b, ':')
	}
	return q.sum(dst, append(b, a2[:n]...))
}

func (q *question) size() int {
	if q.sha256 {
		return 2 * sha256.Size
	}
	return 2 * md5.Size
}

func (q *question) sum(dst, data []byte) int {
	if q.sha256 {
		s := sha256.Sum256(data)
		return hex.Encode(dst, s[:])
	}
	s := md5.Sum(data)
	return hex.Encode(dst, s[:])
}
