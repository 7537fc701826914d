package talk

import (
	"bytes"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"strings"

	"obelus/chansip/sipconf"
	"obelus/media/srtp"
	"obelus/sip/sdp"
)

// Encryption by keys in SDP (RFC 4568). encryption= of an account says what we
// offer: yes is RTP/SAVP or nothing; try is RTP/AVP that may become SRTP, where the
// phone answers with a key. What is offered to us is taken with the first suite
// that we have, whatever encryption= says, and also where a key comes with RTP/AVP:
// both as in the original. Only encryption=yes insists on a key.
//
// A key of ours is made for one line of one leg and stays for its life: a further
// description with the same suite says the same key, and packets go on being
// counted under it.

// Errors of an offer of sound.
var (
	errPlainOffer = errors.New("the account insists on SRTP (encryption=yes), and the offer has no key that can be used")
	errNoSuite    = errors.New("the offer insists on SRTP, and has no a=crypto line with a suite that is known here")
)

// ourKey is an a=crypto line of ours.
type ourKey struct {
	tag   string
	name  string // of the suite, as the phone spells it
	suite srtp.Suite
	key   []byte
}

// newKey makes master key and master salt.
func newKey(s srtp.Suite) []byte {
	b := make([]byte, s.KeyLen())
	rand.Read(b)
	return b
}

// offeredKeys are those of an offer of ours, as encryption= and encryption_taglen=
// of the account say; the first is the one that the original offers.
func (t *Talk) offeredKeys() []ourKey {
	if t.peer.Encryption == sipconf.EncryptNo {
		return nil
	}
	suites := [...]srtp.Suite{srtp.AES128SHA80, srtp.AES128GCM}
	if t.peer.ShortTag {
		suites[0] = srtp.AES128SHA32
	}
	var out []ourKey
	for i, s := range suites {
		out = append(out, ourKey{strconv.Itoa(i + 1), string(s), s, newKey(s)})
	}
	return out
}

// theirKey is an a=crypto line of theirs that can be used.
type theirKey struct {
	sdp.Crypto
	suite    srtp.Suite
	key, mki []byte
}

// theirKeys lists those of a description, best first.
func theirKeys(m *sdp.Media) []theirKey {
	var out []theirKey
	for _, c := range m.Cryptos() {
		k := theirKey{Crypto: c, suite: suiteNamed(c.Suite)}
		var err error
		if k.key, k.mki, err = c.Key(); err == nil && len(k.key) > 0 && len(k.key) == k.suite.KeyLen() {
			out = append(out, k)
		}
	}
	return out
}

// suiteNamed knows a suite also by the name that it had in drafts of RFC 6188.
func suiteNamed(name string) srtp.Suite {
	name = strings.ToUpper(name)
	if name == "AES_CM_256_HMAC_SHA1_80" {
		return srtp.AES256SHA80
	}
	return srtp.Suite(name)
}

// agreeKeys settles how the packets of an offered line are encrypted, before its
// codecs are looked at.
func (t *Talk) agreeKeys(l *line, m *sdp.Media) error {
	if list := theirKeys(m); len(list) > 0 && !byHandshake(m) {
		k := list[0]
		l.keys = []ourKey{{k.Tag, k.Suite, k.suite, t.keyBefore(l, k.suite)}}
		l.crypto = cryptoOf(&l.keys[0], &k)
		return nil
	}
	switch {
	case m.Secure():
		return errNoSuite
	case t.peer.Encryption == sipconf.EncryptYes:
		return errPlainOffer
	}
	return nil
}

// byHandshake says whether keys are agreed on by DTLS (RFC 5764), whatever else the
// line says.
func byHandshake(m *sdp.Media) bool { return strings.Contains(strings.ToUpper(m.Proto), "TLS") }

// keyBefore is our key of a suite as it was in force on that line, or a new one.
func (t *Talk) keyBefore(l *line, s srtp.Suite) []byte {
	for i := range t.lines {
		if was := t.lines[i].crypto; t.lines[i].kind == l.kind && was != nil && was.Suite == s {
			return was.Local
		}
	}
	return newKey(s)
}

func cryptoOf(ours *ourKey, theirs *theirKey) *srtp.Crypto {
	return &srtp.Crypto{Suite: ours.suite, Local: ours.key, Remote: theirs.key, RemoteMKI: theirs.mki}
}

// settleKeys takes the key of an answer to our offer: by the tag of one of ours
// (RFC 4568 section 5.1.3). It is false where SRTP was wanted and is not to be had.
func (l *line) settleKeys(m *sdp.Media) bool {
	l.crypto = nil
	for _, k := range theirKeys(m) {
		if i := slices.IndexFunc(l.keys, func(o ourKey) bool { return o.tag == k.Tag && o.suite == k.suite }); i >= 0 {
			l.crypto = cryptoOf(&l.keys[i], &k)
			return true
		}
	}
	return !m.Secure() && !secure(l.proto)
}

// keepKeys has a further offer go on with what is in force on a line, or was
// offered before and not answered yet.
func (l *line) keepKeys(was *line) { l.keys, l.crypto = was.ourKeys(), was.crypto }

// ourKeys are those that a description of ours says: what is in force, or all that
// is offered.
func (l *line) ourKeys() []ourKey {
	switch {
	case l.crypto != nil:
		return slices.DeleteFunc(slices.Clone(l.keys), func(k ourKey) bool { return !bytes.Equal(k.key, l.crypto.Local) })
	case l.declared.Addr.IsValid():
		return nil // answered, and plain
	}
	return l.keys
}

// addKeys writes our keys.
func (l *line) addKeys(m *sdp.Media) {
	for _, k := range l.ourKeys() {
		m.AddCrypto(sdp.NewCrypto(k.tag, k.name, k.key))
	}
}
