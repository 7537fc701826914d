package pgsql

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"obelus/store"
)

func TestValues(t *testing.T) {
	r := aCall(1)
	late := r
	late.Answer = time.Time{}
	for _, tt := range []struct {
		field, kind string
		modifier    int
		r           *store.CallRecord
		want        string // "-": nothing
	}{
		{"calldate", "timestamptz", -1, &r, "2026-11-24 19:59:50.6+00"},
		{"answer", "timestamp", -1, &late, "-"},
		{"answer", "text", -1, &late, ""},
		{"start", "int4", -1, &r, "1795550390"},
		{"start", "int2", -1, &r, "-"},
		{"duration", "int4", -1, &r, "63"},
		{"duration", "numeric", -1, &r, "63.500000"},
		{"billsec", "float8", -1, &late, "60"},
		{"disposition", "int2", -1, &r, "8"},
		{"disposition", "bpchar", 4 + 4, &r, "ANSW"},
		{"amaflags", "int8", -1, &r, "3"},
		{"amaflags", "text", -1, &r, "DOCUMENTATION"},
		{"sequence", "int8", -1, &r, "1"},
		{"cause", "int4", -1, &r, "16"},
		{"age", "int4", -1, &r, "-"},
		{"cost", "numeric", -1, &r, "1.5"},
		{"cnam", "uuid", -1, &r, "Anna"},
		{"userfield", "varchar", 4 + 3, &r, "u \u00a4"},
		{"nothing", "text", -1, &r, "-"},
	} {
		c := newColumn(Column{Name: "x", Field: tt.field}, tt.kind, tt.kind, tt.modifier)
		got, ok := writing{location: time.UTC}.value(&c, tt.r)
		if !ok {
			got = "-"
		}
		if got != tt.want {
			t.Errorf("%s in %s: %q, want %q", tt.field, tt.kind, got, tt.want)
		}
	}
}

// FuzzValues: whatever a phone sends is a text that PostgreSQL takes, and fits.
func FuzzValues(f *testing.F) {
	f.Add("Anna\x00\xff☎", "7", uint8(3))
	f.Add(strings.Repeat("ü", 100), " 99999999999999999999", uint8(80))
	f.Fuzz(func(t *testing.T, name, number string, length uint8) {
		r := store.CallRecord{CallerID: name, Variables: []store.Variable{{Name: "n", Value: number}}}
		for _, latin9 := range []bool{false, true} {
			w := writing{latin9: latin9}
			c := newColumn(Column{Name: "x", Field: "clid"}, "varchar", "varchar", int(length)+4)
			s, ok := w.value(&c, &r)
			if !ok || !utf8.ValidString(s) || strings.ContainsRune(s, 0) || length > 0 && utf8.RuneCountInString(s) > int(length) {
				t.Errorf("%q, %v", s, ok)
			}
			for _, kind := range []string{"int2", "int4", "int8", "numeric"} {
				c := newColumn(Column{Name: "x", Field: "n"}, kind, kind, -1)
				if s, ok := w.value(&c, &r); ok && strings.Trim(s, "+-0123456789.eE") != "" {
					t.Errorf("%s: %q", kind, s)
				}
			}
		}
	})
}
