package sdp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Crypto is an a=crypto line: a key for SRTP (RFC 4568). Never log KeyParams.
type Crypto struct {
	Tag           string
	Suite         string // "AES_CM_128_HMAC_SHA1_80"
	KeyParams     string // "inline:..."
	SessionParams string
}

// String writes the line without its key.
func (c Crypto) String() string { return c.Tag + " " + c.Suite + " inline:..." }

// Cryptos lists the stream's keys in the sender's order of preference; lines without a key are left out.
func (m *Media) Cryptos() []Crypto {
	var out []Crypto
	for _, a := range m.Attributes {
		if !strings.EqualFold(a.Name, "crypto") {
			continue
		}
		f := strings.Fields(a.Value)
		if len(f) < 3 {
			continue
		}
		out = append(out, Crypto{Tag: f[0], Suite: f[1], KeyParams: f[2], SessionParams: strings.Join(f[3:], " ")})
	}
	return out
}

// AddCrypto appends an a=crypto line.
func (m *Media) AddCrypto(c Crypto) {
	m.Add("crypto", strings.TrimRight(c.Tag+" "+c.Suite+" "+c.KeyParams+" "+c.SessionParams, " "))
}

// NewCrypto is a line with a key of ours: master key and master salt, one behind the other (RFC 4568 §6.1).
func NewCrypto(tag, suite string, key []byte) Crypto {
	return Crypto{Tag: tag, Suite: suite, KeyParams: inline + base64.StdEncoding.EncodeToString(key)}
}

// inline is the only way that a key is given (RFC 4568 §6.1).
const inline = "inline:"

// Why a line can't be used. None of them shows the key.
var (
	// ErrCryptoTag says that the tag is not a number of one to nine digits.
	ErrCryptoTag = errors.New("bad tag")
	// ErrCryptoKey says that the key can't be read.
	ErrCryptoKey = errors.New("bad key")
	// ErrCryptoKeys says that the line has several keys that the packets choose among.
	ErrCryptoKeys = errors.New("more than one key")
	// ErrCryptoSession says that the line asks for something else than SRTP as it is.
	ErrCryptoSession = errors.New("session parameter that is not understood")
)

// Key reads the line's key (master key and master salt), and the identifier that packets under it carry, nil for none. It fails
// where the line can't be used as it stands: the next line then is the one to try (RFC 4568 §5.1.2). A lifetime is read and no
// more: no call lasts 2^31 packets.
func (c Crypto) Key() (key, mki []byte, err error) {
	if n := len(c.Tag); n == 0 || n > 9 || strings.Trim(c.Tag, "0123456789") != "" {
		return nil, nil, ErrCryptoTag
	}
	if err := sessionParams(c.SessionParams); err != nil {
		return nil, nil, err
	}
	if strings.Contains(c.KeyParams, ";") {
		return nil, nil, ErrCryptoKeys
	}
	if len(c.KeyParams) < len(inline) || !strings.EqualFold(c.KeyParams[:len(inline)], inline) {
		return nil, nil, ErrCryptoKey
	}
	parts := strings.Split(c.KeyParams[len(inline):], "|")
	if key, err = base64.StdEncoding.DecodeString(parts[0]); err != nil {
		// Some leave the padding off.
		if key, err = base64.RawStdEncoding.DecodeString(parts[0]); err != nil {
			return nil, nil, ErrCryptoKey // err would show a part of it
		}
	}
	mki, err = keyOptions(parts[1:])
	if err != nil {
		return nil, nil, err
	}
	return key, mki, nil
}

// keyOptions reads what stands behind a key: "|lifetime", "|MKI:length", or both in this order.
func keyOptions(parts []string) (mki []byte, err error) {
	for i, p := range parts {
		number, length, isMKI := strings.Cut(p, ":")
		switch {
		case isMKI && i == len(parts)-1:
			return readMKI(number, length)
		case !isMKI && i == 0 && isLifetime(p):
		default:
			return nil, ErrCryptoKey
		}
	}
	return nil, nil
}

// readMKI is the identifier as packets carry it: big-endian, of the length given (RFC 4568 §6.1).
func readMKI(number, length string) ([]byte, error) {
	v, err := strconv.ParseUint(number, 10, 64)
	n, err2 := strconv.ParseUint(length, 10, 8)
	if err != nil || err2 != nil || n == 0 || n > 128 {
		return nil, ErrCryptoKey
	}
	mki := make([]byte, n)
	for i := len(mki) - 1; i >= 0 && v > 0; i-- {
		mki[i] = byte(v)
		v >>= 8
	}
	if v > 0 {
		return nil, ErrCryptoKey
	}
	return mki, nil
}

// isLifetime reads "2^31", or a plain number.
func isLifetime(s string) bool {
	if power, ok := strings.CutPrefix(s, "2^"); ok {
		n, err := strconv.ParseUint(power, 10, 8)
		return err == nil && n <= 48
	}
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && n > 0
}

// sessionParams reads the parameters of the session. Packets without encryption or proof are not for us; what begins with a dash
// may be left aside (RFC 4568 §6.3.7).
func sessionParams(s string) error {
	for p := range strings.FieldsSeq(s) {
		name, value, _ := strings.Cut(p, "=")
		switch {
		case strings.HasPrefix(p, "-"):
		case strings.EqualFold(name, "WSH"): // a window, for whoever receives (§6.3.6)
			if n, err := strconv.ParseUint(value, 10, 16); err != nil || n < 64 {
				return fmt.Errorf("%s: %w", name, ErrCryptoSession)
			}
		case strings.EqualFold(name, "KDR") && value == "0": // keys are made once (§6.3.1)
		default:
			return fmt.Errorf("%s: %w", known(name), ErrCryptoSession)
		}
	}
	return nil
}

// known is the name of a parameter as far as it may be shown: somebody could have put a key there.
func known(name string) string {
	names := []string{"KDR", "UNENCRYPTED_SRTP", "UNENCRYPTED_SRTCP", "UNAUTHENTICATED_SRTP", "FEC_ORDER", "FEC_KEY"}
	if i := slices.Index(names, strings.ToUpper(name)); i >= 0 {
		return names[i]
	}
	return "unknown"
}

// HideKeys is a text with the keys of its a=crypto lines taken out: for whoever is shown a message (RFC 4568 §9.1 has keys no
// less secret than what they protect).
func HideKeys(text string) string {
	var out strings.Builder
	for {
		i := indexInline(text)
		if i < 0 {
			break
		}
		i += len(inline)
		out.WriteString(text[:i])
		out.WriteString("...")
		text = text[i:]
		end := strings.IndexFunc(text, func(r rune) bool { return !inKey(r) })
		if end < 0 {
			end = len(text)
		}
		text = text[end:]
	}
	if out.Len() == 0 {
		return text
	}
	out.WriteString(text)
	return out.String()
}

// indexInline finds "inline:" in any case.
func indexInline(text string) int {
	for i := 0; i+len(inline) <= len(text); i++ {
		if text[i]|0x20 == 'i' && strings.EqualFold(text[i:i+len(inline)], inline) {
			return i
		}
	}
	return -1
}

// inKey says whether a letter may belong to a key in base64, or to a variety of it.
func inKey(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("+/=-_:", r)
}
