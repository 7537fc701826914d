package text

import (
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"obelus/function/argument"
	"obelus/pbx"
)

func codingFunctions() []pbx.Function {
	return []pbx.Function{
		{Name: "AES_ENCRYPT", Read: argument.Pure(aesEncrypt)},
		{Name: "AES_DECRYPT", Read: argument.Pure(aesDecrypt)},
		{Name: "ICONV", Read: argument.Pure(iconv)},
		{Name: "JSON_DECODE", Read: jsonDecode},
		{Name: "CHECK_MD5", Read: argument.Pure(checkMD5)},
		{Name: "SQL_ESC", Read: argument.Plain(func(s string) string { return strings.ReplaceAll(s, "'", "''") })},
		{Name: "SQL_ESC_BACKSLASHES", Read: argument.Plain(func(s string) string { return strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) })},
		{
			Name: "MD5",
			Read: needed("MD5", func(s string) string {
				sum := md5.Sum([]byte(s))
				return hex.EncodeToString(sum[:])
			}),
		}, {
			Name: "SHA1",
			Read: needed("SHA1", func(s string) string {
				sum := sha1.Sum([]byte(s))
				return hex.EncodeToString(sum[:])
			}),
		}, {
			Name: "BASE64_ENCODE",
			Read: needed("BASE64_ENCODE", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }),
		}, {
			Name: "BASE64_DECODE",
			Read: needed("BASE64_DECODE", base64Decode),
		}, {
			Name: "URIENCODE",
			Read: needed("URIENCODE", uriEncode),
		}, {
			Name: "URIDECODE",
			Read: needed("URIDECODE", uriDecode),
		},
	}
}

// checkMD5 is CHECK_MD5(digest,data) of older releases: 1 if that is its digest.
func checkMD5(args string) (string, error) {
	digest, data, has := argument.Two(args)
	if !has || digest == "" {
		return "", argument.Missing("CHECK_MD5(<digest>,<data>)")
	}
	sum := md5.Sum([]byte(data))
	return argument.OneOrZero(strings.EqualFold(hex.EncodeToString(sum[:]), digest)), nil
}

// needed makes a Read of f, whose argument may not be empty.
func needed(name string, f func(string) string) func(*pbx.Exec, string) (string, error) {
	return func(_ *pbx.Exec, args string) (string, error) {
		if args == "" {
			return "", argument.Missing(name + "(<data>)")
		}
		return f(args), nil
	}
}

// base64Decode decodes up to the first thing that is not base64, padded or not.
// A zero byte ends the text, as no variable can hold more in the original.
func base64Decode(s string) string {
	s = strings.NewReplacer("\r", "", "\n", "").Replace(s)
	end := 0
	for end < len(s) && isBase64(s[end]) {
		end++
	}
	if end%4 == 1 {
		end--
	}
	data, err := base64.RawStdEncoding.DecodeString(s[:end])
	if err != nil {
		return ""
	}
	text, _, _ := strings.Cut(string(data), "\x00")
	return text
}

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// uriEncode escapes all but the unreserved characters of RFC 2396 section 2.3.
func uriEncode(s string) string {
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.!~*'()", c) >= 0 {
			out.WriteByte(c)
			continue
		}
		const digits = "0123456789ABCDEF"
		out.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return out.String()
}

// uriDecode leaves alone what is no escape.
func uriDecode(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				out = append(out, b[0])
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}
