package postgres

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// text is a string as the tables have it. What phones send is bytes; PostgreSQL keeps text, without zero bytes. What it could not keep is
// written as \xHH, and the backslash itself is doubled, so that nothing is lost and the usual string looks as it is.
func text(s string) string {
	if !strings.ContainsAny(s, "\\\x00") && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case s[0] == '\\':
			b.WriteString(`\\`)
		case s[0] == 0 || r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		default:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// fromText reads what text wrote. A backslash that text did not write, by somebody who has edited the table, stands for itself.
func fromText(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\' || i+1 == len(s):
			b = append(b, s[i])
		case s[i+1] == '\\':
			b = append(b, '\\')
			i++
		default:
			c, ok := hexByte(s[i+1:])
			if !ok {
				b = append(b, '\\')
				continue
			}
			b = append(b, c)
			i += 3
		}
	}
	return string(b)
}

// hexByte reads what begins as xHH.
func hexByte(s string) (byte, bool) {
	if len(s) < 3 || s[0] != 'x' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:3], 16, 8)
	return byte(n), err == nil
}

func texts(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = text(s)
	}
	return out
}

func addrText(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// parseAddr reads what addrText wrote. Somebody may have edited the table: what can't be read is no address.
func parseAddr(s string) netip.AddrPort {
	a, err := netip.ParseAddrPort(s)
	if err != nil {
		return netip.AddrPort{}
	}
	return a
}
