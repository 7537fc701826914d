package postgres

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzText: whatever phones send comes back, and is text that PostgreSQL takes meanwhile; what sorts below a key stays below it.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "sip:1001@x", `\`, `\\x00`, `\x41`, "\x00", "latin \xe9\xff", "☎", "\xe2\x98", "a\\\x00b"} {
		f.Add(s, "/"+s)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		kept := text(a)
		if !utf8.ValidString(kept) || strings.IndexByte(kept, 0) >= 0 {
			t.Errorf("%q becomes %q", a, kept)
		}
		if back := fromText(kept); back != a {
			t.Errorf("%q becomes %q and comes back as %q", a, kept, back)
		}
		if whole := text(a + "/" + b); !strings.HasPrefix(whole, kept+"/") {
			t.Errorf("%q is not below %q", whole, kept)
		}
	})
}

// TestFromText: what somebody has written into a table is read as it is.
func TestFromText(t *testing.T) {
	for in, want := range map[string]string{`C:\dir`: `C:\dir`, `\`: `\`, `\x4`: `\x4`, `\xzz`: `\xzz`, `\x41b`: "Ab", `a\\b`: `a\b`, `\x 1`: `\x 1`} {
		if got := fromText(in); got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
}
