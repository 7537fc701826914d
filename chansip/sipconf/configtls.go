package sipconf

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Encryption is what encryption= says of an account's calls. An offer of SRTP is
// taken from every account, as in the original.
type Encryption uint8

// The words of encryption=.
const (
	EncryptNo  Encryption = iota // plain RTP is offered, and taken
	EncryptTry                   // ours: plain RTP that may become SRTP is offered, and plain RTP taken
	EncryptYes                   // SRTP or nothing
)

// String is the word of the option.
func (e Encryption) String() string { return [...]string{"no", "try", "yes"}[min(e, EncryptYes)] }

// parseEncryption reads encryption=: yes, no, and a word of our own, try.
func parseEncryption(v string) (Encryption, error) {
	if strings.EqualFold(strings.TrimSpace(v), "try") {
		return EncryptTry, nil
	}
	yes, err := parseYesNo(v)
	if yes {
		return EncryptYes, err
	}
	return EncryptNo, err
}

// parseTagLen reads encryption_taglen=: 80 or 32 bits of proof behind a packet; it
// is true for 32.
func parseTagLen(v string) (bool, error) {
	switch strings.TrimSpace(v) {
	case "32":
		return true, nil
	case "80", "":
		return false, nil
	}
	return false, partly{what: "it is neither 80 nor 32", used: "80 is taken, as in the original"}
}

// tlsOptions are those of [general] about TLS.
func tlsOptions() map[string]option {
	text := func(at func(*General) *string) option { return inGeneral(parseFileName, at) }
	flag := func(at func(*General) *bool) option { return inGeneral(parseYesNo, at) }
	dir := text(func(g *General) *string { return &g.TLS.CADir })
	return map[string]option{
		"tlsenable":           flag(func(g *General) *bool { return &g.TLSEnable }),
		"tlsbindaddr":         inGeneral(parseBind, func(g *General) *[]netip.AddrPort { return &g.TLSBind }),
		"tlscertfile":         text(func(g *General) *string { return &g.TLS.Cert }),
		"tlsprivatekey":       text(func(g *General) *string { return &g.TLS.Key }),
		"tlscafile":           text(func(g *General) *string { return &g.TLS.CAFile }),
		"tlscapath":           dir,
		"tlscadir":            dir,
		"tlsdontverifyserver": flag(func(g *General) *bool { return &g.TLS.AnyServer }),
		"tlsverifyclient":     flag(func(g *General) *bool { return &g.TLS.VerifyClient }),
		"tlscipher":           inGeneral(parseCiphers, func(g *General) *[]uint16 { return &g.TLS.Suites }),
		"tlsclientmethod":     inGeneral(parseMethod, func(g *General) *uint16 { return &g.TLS.ClientMin }),
		"tlsdisablev1":        {general: disableVersion(tls.VersionTLS10)},
		"tlsdisablev11":       {general: disableVersion(tls.VersionTLS11)},
		"tlsdisablev12":       {general: disableVersion(tls.VersionTLS12)},
	}
}

// parseFileName takes a path without the blanks around it.
func parseFileName(v string) (string, error) { return strings.TrimSpace(v), nil }

// disableVersion reads tlsdisablev1= and the like: yes ends a version and all older
// ones, an outspoken no brings it back, for old phones. TLS 1.2 is the oldest that
// is spoken without a word.
func disableVersion(version uint16) func(*General, string) error {
	return func(g *General, v string) error {
		off, err := parseYesNo(v)
		oldest := g.TLS.Min
		if oldest == 0 {
			oldest = tls.VersionTLS12
		}
		switch {
		case off:
			g.TLS.Min = max(oldest, version+1)
		case saysNo(v):
			g.TLS.Min = min(oldest, version)
		}
		return err
	}
}

// parseMethod reads tlsclientmethod=, the version that we speak to servers: here it
// is the oldest one.
func parseMethod(v string) (uint16, error) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "", "sslv23":
		return 0, nil
	case "tlsv1", "tlsv1_0":
		return tls.VersionTLS10, nil
	case "tlsv1_1":
		return tls.VersionTLS11, nil
	case "tlsv1_2":
		return tls.VersionTLS12, nil
	case "tlsv1_3":
		return tls.VersionTLS13, nil
	case "sslv2", "sslv3":
		return tls.VersionTLS10, partly{what: "SSL is broken and is not spoken", used: "TLS 1.0 and newer is"}
	}
	return 0, fmt.Errorf("it is none of tlsv1, tlsv1_1, tlsv1_2, tlsv1_3")
}

// parseCiphers reads tlscipher=, a list in the words of OpenSSL. nil, which is also
// what HIGH and DEFAULT mean, are the suites thought safe; ALL has those of old
// phones too.
func parseCiphers(v string) ([]uint16, error) {
	var out []uint16
	var odd []string
	safe := false
	for w := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ':' || r == ',' || r == ' ' || r == ';' }) {
		word := strings.ToUpper(w)
		switch id, ok := suites()[word]; {
		case ok:
			out = append(out, id)
		case word == "ALL" || word == "COMPLEMENTOFDEFAULT":
			out = append(out, everySuite()...)
		case word == "HIGH" || word == "DEFAULT" || word == "SECURE":
			safe = true
		case absent(word) || strings.HasPrefix(word, "TLS_"): // those of TLS 1.3 are always there
		default:
			odd = append(odd, w)
		}
	}
	switch {
	case len(out) == 0:
		out = nil
	case safe:
		for _, s := range tls.CipherSuites() {
			out = append(out, s.ID)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if odd != nil {
		return out, partly{what: fmt.Sprintf("%q is not known or not safe", strings.Join(odd, ":")), used: "the rest is used"}
	}
	return out, nil
}

// absent says whether a word of OpenSSL takes away what is not there anyway, or
// sorts, which is done without it.
func absent(word string) bool {
	if word == "@STRENGTH" || strings.HasPrefix(word, "+") {
		return true
	}
	name, is := strings.CutPrefix(strings.Replace(word, "-", "!", 1), "!")
	known := []string{
		"ADH", "AECDH", "ANULL", "ENULL", "NULL", "LOW", "MEDIUM", "EXP", "EXPORT", "EXPORT40", "EXPORT56", "MD5", "RC2", "RC4", "DES", "3DES",
		"SSLV2", "SSLV3", "PSK", "SRP", "DSS", "CAMELLIA", "SEED", "IDEA", "ARIA", "KRB5", "EDH", "DH", "KEDH", "DHE",
	}
	return is && slices.Contains(known, name)
}

// everySuite are all that are there but those of broken ciphers.
func everySuite() []uint16 {
	var out []uint16
	for name, id := range suites() {
		if name != "DES-CBC3-SHA" {
			out = append(out, id)
		}
	}
	return out
}

// suites are the names of OpenSSL.
func suites() map[string]uint16 {
	return map[string]uint16{
		"AES128-SHA": tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES256-SHA": tls.TLS_RSA_WITH_AES_256_CBC_SHA,
		"AES128-SHA256": tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "DES-CBC3-SHA": tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
		"AES128-GCM-SHA256": tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES256-GCM-SHA384": tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
		"ECDHE-RSA-AES128-SHA": tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES256-SHA": tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
		"ECDHE-ECDSA-AES128-SHA": tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES256-SHA": tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
		"ECDHE-RSA-AES128-SHA256": tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "ECDHE-ECDSA-AES128-SHA256": tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
		"ECDHE-RSA-AES128-GCM-SHA256": tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256": tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		"ECDHE-RSA-AES256-GCM-SHA384": tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384": tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		"ECDHE-RSA-CHACHA20-POLY1305": tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305": tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}
