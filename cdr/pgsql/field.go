package pgsql

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"obelus/store"
)

// column is a column of the table, and what goes there.
type column struct {
	Column
	kind    string // pg_type.typname
	cast    string // the type as SQL names it
	length  int    // characters; 0: no limit
	integer bool
	decimal bool // has fractions
	text    bool
}

func newColumn(c Column, kind, cast string, modifier int) column {
	out := column{Column: c, kind: kind, cast: cast}
	switch kind {
	case "int2", "int4", "int8", "oid":
		out.integer = true
	case "float4", "float8", "numeric":
		out.decimal = true
	case "text", "varchar", "bpchar", "name", "citext":
		out.text = true
		if kind == "bpchar" {
			out.cast = kind // "character", as it is called, is one of length 1
		}
		if modifier > 4 { // of varchar(n) and char(n): n + 4
			out.length = modifier - 4
		}
	}
	return out
}

// writing is how values are written.
type writing struct {
	location *time.Location
	latin9   bool
	careful  bool // what is not ASCII is a question mark, and texts that others chose go into columns of text alone
}

// value is what goes into the column, as PostgreSQL reads it. It is false where the record has nothing for it: then the column gets its default.
func (w writing) value(c *column, r *store.CallRecord) (string, bool) {
	if c.Field == "" {
		return c.fit(w.utf8(c.Static))
	}
	if t, ok := moment(r, c.Field); ok {
		return w.time(c, t)
	}
	switch c.Field {
	case "duration":
		return c.span(r.Start, r.End, r.Duration)
	case "billsec":
		return c.span(r.Answer, r.End, r.BillSec)
	case "disposition":
		if c.integer {
			return strconv.Itoa(dispositionNumber(r.Disposition)), true
		}
	case "amaflags":
		if c.integer {
			return strconv.Itoa(r.AMAFlags), true
		}
	}
	s, ok := text(r, c.Field)
	if !ok || w.careful && !c.text && !ours(c.Field) {
		return "", false
	}
	return c.fit(w.utf8(s))
}

// ours says whether nobody but us chooses what is in a field.
func ours(field string) bool {
	switch field {
	case "disposition", "amaflags", "uniqueid", "linkedid", "sequence":
		return true
	}
	return false
}

// fit makes a text fit the column; false where it can't: no number, or an empty one.
func (c *column) fit(s string) (string, bool) {
	switch {
	case c.integer:
		n, err := strconv.ParseInt(strings.TrimSpace(s), 10, map[string]int{"int2": 16, "int4": 32}[c.kind])
		return strconv.FormatInt(n, 10), err == nil
	case c.decimal:
		s = strings.TrimSpace(s)
		_, err := strconv.ParseFloat(s, 64)
		return s, err == nil && strings.Trim(s, "+-0123456789.eE") == "" // no 0x1p-2, which not every PostgreSQL reads
	case c.length > 0 && len(s) > c.length:
		n := 0
		for i := range s {
			if n == c.length {
				return s[:i], true
			}
			n++
		}
	case !c.text && s == "":
		return "", false
	}
	return s, true
}

// span is a duration: with fractions where the column has some.
func (c *column) span(from, to time.Time, seconds int) (string, bool) {
	switch {
	case c.decimal && !from.IsZero() && !to.IsZero():
		return strconv.FormatFloat(to.Sub(from).Seconds(), 'f', 6, 64), true
	case c.kind == "interval":
		return strconv.Itoa(seconds) + " seconds", true
	}
	return strconv.Itoa(seconds), true
}

// time is a moment: seconds since 1970 in a number, else a date. What has not been is left out, but for texts.
func (w writing) time(c *column, t time.Time) (string, bool) {
	switch {
	case t.IsZero():
		return "", c.text
	case c.integer:
		return strconv.FormatInt(t.Unix(), 10), c.kind != "int2"
	case c.decimal:
		return strconv.FormatFloat(float64(t.UnixMicro())/1e6, 'f', 6, 64), true
	case c.kind == "timestamptz":
		return t.UTC().Format("2006-01-02 15:04:05.999999+00"), true
	}
	if w.location != nil {
		t = t.In(w.location)
	} else {
		t = t.Local()
	}
	return c.fit(t.Format(time.DateTime))
}

// latin9 are the bytes in which Latin 9 differs from Latin 1.
func latin9(b byte) rune {
	switch b {
	case 0xa4:
		return '€'
	case 0xa6:
		return 'Š'
	case 0xa8:
		return 'š'
	case 0xb4:
		return 'Ž'
	case 0xb8:
		return 'ž'
	case 0xbc:
		return 'Œ'
	case 0xbd:
		return 'œ'
	case 0xbe:
		return 'Ÿ'
	}
	return rune(b)
}

// utf8 makes what a phone sent a text that PostgreSQL takes: no zero bytes, and what is not UTF-8 is Latin.
func (w writing) utf8(s string) string {
	if w.careful {
		return strings.Map(func(r rune) rune {
			switch {
			case r == 0:
				return -1
			case r >= utf8.RuneSelf:
				return '?'
			}
			return r
		}, s)
	}
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1 && w.latin9:
			b.WriteRune(latin9(s[0]))
		case r == utf8.RuneError && n == 1:
			b.WriteRune(rune(s[0]))
		case r != 0:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// moment is the fields that are times.
func moment(r *store.CallRecord, field string) (time.Time, bool) {
	switch field {
	case "calldate", "start":
		return r.Start, true
	case "answer":
		return r.Answer, true
	case "end":
		return r.End, true
	}
	return time.Time{}, false
}

// text is a field as a text, in the original's names; then what the dialplan set.
func text(r *store.CallRecord, field string) (string, bool) {
	for _, f := range [...]struct {
		name string
		text *string
	}{
		{"clid", &r.CallerID}, {"src", &r.Src}, {"dst", &r.Dst}, {"dcontext", &r.DContext}, {"channel", &r.Channel}, {"dstchannel", &r.DstChannel},
		{"lastapp", &r.LastApp}, {"lastdata", &r.LastData}, {"disposition", &r.Disposition}, {"accountcode", &r.AccountCode},
		{"peeraccount", &r.PeerAccount}, {"uniqueid", &r.UniqueID}, {"linkedid", &r.LinkedID}, {"userfield", &r.UserField},
	} {
		if f.name == field {
			return *f.text, true
		}
	}
	switch field {
	case "amaflags":
		return [...]string{"Unknown", "OMIT", "BILLING", "DOCUMENTATION"}[max(0, r.AMAFlags)%4], true
	case "sequence":
		return strconv.FormatInt(r.Sequence, 10), true
	case "duration":
		return strconv.Itoa(r.Duration), true
	case "billsec":
		return strconv.Itoa(r.BillSec), true
	}
	for _, v := range r.Variables {
		if strings.EqualFold(v.Name, field) {
			return v.Value, true
		}
	}
	if field == "cause" {
		return strconv.Itoa(r.Cause), true
	}
	return "", false
}

// dispositionNumber is the original's number for a word.
func dispositionNumber(word string) int {
	return map[string]int{"NO ANSWER": 0, "FAILED": 2, "BUSY": 4, "ANSWERED": 8, "CONGESTION": 16}[word]
}

// wanted says whether a record passes the filters.
func wanted(filters []Filter, r *store.CallRecord) bool {
	for _, f := range filters {
		if s, _ := text(r, f.Field); (s == f.Value) == f.Not {
			return false
		}
	}
	return true
}
