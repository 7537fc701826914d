// Package digest is HTTP Digest authentication as SIP uses it (RFC 3261 section
// 22, RFC 7616, RFC 8760): the server's side, which keeps no memory of those
// whom it has only asked, and the client's.
package digest

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"hash/maphash"
	"net/netip"
	"strconv"
	"strings"
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
// for one request, as in the original, and for that request sent again: the same
// bytes from the same source. A listener who replays them under another Contact,
// or from elsewhere, is told that the nonce is stale.
type Server struct {
	life   time.Duration
	dummy  string
	seed   maphash.Seed
	key    hmacKey
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
	s := &Server{life: o.Life, dummy: hex.EncodeToString(dummy[:]), seed: maphash.MakeSeed(), key: newKey(key)}
	s.serial.Store(1)
	return s
}

// Dummy is a secret that nobody knows: an unknown user is checked with it, so
// that it takes as long, and looks the same, as a wrong password.
func (s *Server) Dummy() string { return s.dummy }

// nonceLen is the length of a nonce: time, number and a MAC of both, in hex.
const nonceLen = 8 + 8 + 16

// hmacKey is a key as HMAC-SHA-256 mixes it in (RFC 2104): crypto/hmac does the
// same, but allocates.
type hmacKey struct {
	inner, outer [sha256.BlockSize]byte
}

func newKey(key [16]byte) (k hmacKey) {
	copy(k.inner[:], key[:])
	copy(k.outer[:], key[:])
	for i := range k.inner {
		k.inner[i] ^= 0x36
		k.outer[i] ^= 0x5c
	}
	return k
}

// mac is the HMAC of a nonce's time and number.
func (k *hmacKey) mac(stamp [8]byte) [sha256.Size]byte {
	var in [sha256.BlockSize + 8]byte
	var out [sha256.BlockSize + sha256.Size]byte
	copy(in[copy(in[:], k.inner[:]):], stamp[:])
	sum := sha256.Sum256(in[:])
	copy(out[copy(out[:], k.outer[:]):], sum[:])
	return sha256.Sum256(out[:])
}

// sign writes the MAC of a nonce's time and number.
func (s *Server) sign(dst []byte, stamp [8]byte) {
	mac := s.key.mac(stamp)
	hex.Encode(dst, mac[:8])
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
	// Source is where the request came from, so that one sent again is told from
	// one replayed by somebody else.
	Source netip.AddrPort
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
	case fresh && s.take(serial, s.hash(c.Message, c.Source)):
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
// same time whether the user name is right or not, and whether it is the secret
// or its HA1 that is known.
func holds(c Check, p *proof) bool {
	q := question{
		user: p.user, realm: c.Realm, secret: c.Secret, ha1: c.HA1, nonce: p.nonce, method: string(c.Message.Method()),
		uri: p.uri, qop: p.qop, cnonce: p.cnonce, nc: p.nc,
	}
	var ok bool
	q.sha256, ok = algorithm(p.algorithm)
	ok = ok && !(q.sha256 && c.HA1 != "") && (q.qop == "" || q.qop == "auth" && validCount(p.nc))
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
	return subtle.ConstantTimeByteEq(sum, 0) == 1 && right && ok && q.user == c.User
}

// validCount says whether nc is a nonce count: eight hex digits, not all zero
// (RFC 7616 section 3.4). A nonce is good once, so the first count is all that
// is ever accepted and no window of counts is kept.
func validCount(nc string) bool {
	n, err := strconv.ParseUint(nc, 16, 32)
	return err == nil && n > 0 && len(nc) == 8
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

// take uses a nonce up for the request with a hash; false if another request
// has used it.
func (s *Server) take(serial, request uint32) bool {
	slot := &s.used[serial%ring]
	mine := uint64(serial)<<32 | uint64(request)
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

// hash tells one request from another: by its bytes, which are the same when it
// is sent again, and where they came from.
func (s *Server) hash(m *sip.Message, source netip.AddrPort) uint32 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	addr := source.Addr().As16()
	h.Write(addr[:])
	h.WriteByte(byte(source.Port() >> 8))
	h.WriteByte(byte(source.Port()))
	h.Write(m.Bytes())
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
	a := append(scratch[:0], q.user...)
	a = append(a, ':')
	a = append(a, q.realm...)
	a = append(a, ':')
	q.sum(a1[:], append(a, q.secret...))
	if q.ha1 != "" {
		a1 = [2 * sha256.Size]byte{} // an HA1 of another length matches nothing
		for i := range min(n, len(q.ha1)) {
			a1[i] = lower(q.ha1[i])
		}
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
