// Package csv writes call records to files in the original's formats: Master.csv and a file for each account code, as cdr_csv does, and
// the files of cdr_custom.conf.
//
// What a caller says of himself is a cell of a table that somebody opens in a spreadsheet. So no control character gets into a cell (it
// becomes a blank), and no cell is a formula: where one would begin with =, + or the like, an apostrophe stands before it. A
// plain number may have its sign: "+4930123456" stays as it is.
package csv

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"obelus/store"
)

// Options are [csv] of cdr.conf.
type Options struct {
	On         bool // there is a [csv]: without, the original's module does not load
	GMT        bool // usegmtime
	UniqueID   bool // loguniqueid
	UserField  bool // loguserfield
	Accounts   bool // accountlogs
	NewColumns bool // newcdrcolumns
}

// appendLine appends the line of a record, with the original's columns in its order.
func (o Options) appendLine(to []byte, r *store.CallRecord) []byte {
	for _, s := range [...]string{r.AccountCode, r.Src, r.Dst, r.DContext, r.CallerID, r.Channel, r.DstChannel, r.LastApp, r.LastData} {
		to = append(appendCell(to, s), ',')
	}
	for _, t := range [...]time.Time{r.Start, r.Answer, r.End} {
		to = append(o.appendTime(to, t), ',')
	}
	to = append(strconv.AppendInt(to, int64(r.Duration), 10), ',')
	to = append(strconv.AppendInt(to, int64(r.BillSec), 10), ',')
	to = append(appendCell(to, r.Disposition), ',')
	to = appendCell(to, amaFlags(r.AMAFlags))
	if o.UniqueID {
		to = appendCell(append(to, ','), r.UniqueID)
	}
	if o.UserField {
		to = appendCell(append(to, ','), r.UserField)
	}
	if o.NewColumns {
		to = appendCell(append(to, ','), r.PeerAccount)
		to = appendCell(append(to, ','), r.LinkedID)
		to = strconv.AppendInt(append(to, ','), r.Sequence, 10)
	}
	return append(to, '\n')
}

// Columns names the columns of a line, in their order.
func (o Options) Columns() []string {
	names := []string{"accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata", "start", "answer", "end",
		"duration", "billsec", "disposition", "amaflags"}
	if o.UniqueID {
		names = append(names, "uniqueid")
	}
	if o.UserField {
		names = append(names, "userfield")
	}
	if o.NewColumns {
		names = append(names, "peeraccount", "linkedid", "sequence")
	}
	return names
}

// appendTime writes a moment; one that has not been is an empty cell without quotes, as the original has it.
func (o Options) appendTime(to []byte, t time.Time) []byte {
	if t.IsZero() {
		return to
	}
	if t = t.Local(); o.GMT {
		t = t.UTC()
	}
	return append(t.AppendFormat(append(to, '"'), time.DateTime), '"')
}

// amaFlags is the original's word for a kind of accounting.
func amaFlags(n int) string {
	switch n {
	case 1:
		return "OMIT"
	case 2:
		return "BILLING"
	case 3:
		return "DOCUMENTATION"
	}
	return "Unknown"
}

// Cell is s as a cell in quotes: those in it doubled, control characters blank, and no formula.
func Cell(s string) string { return string(appendCell(nil, s)) }

func appendCell(to []byte, s string) []byte {
	to = append(to, '"')
	if isFormula(s) {
		to = append(to, '\'')
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			to = append(to, '"', '"')
		case c < ' ' || c == 0x7f:
			to = append(to, ' ')
		case c == 0xc2 && i+1 < len(s) && s[i+1] >= 0x80 && s[i+1] < 0xa0: // U+0080 to U+009F
			to = append(to, ' ')
			i++
		default:
			to = append(to, c)
		}
	}
	return append(to, '"')
}

// Plain is s without control characters: each is a blank.
func Plain(s string) string {
	if !strings.ContainsFunc(s, isControl) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		if isControl(r) {
			b.WriteByte(' ')
		} else {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

func isControl(r rune) bool { return r < ' ' || r >= 0x7f && r < 0xa0 }

// isFormula says whether a spreadsheet would compute s. What it leaves out before looking, blanks and control characters, counts as not there.
func isFormula(s string) bool {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r == ' ' || isControl(r) || r == '\u00a0' || r == '\u3000' || r == '\ufeff' })
	if s == "" {
		return false
	}
	switch r, n := utf8.DecodeRuneInString(s); r {
	case '+', '-':
		return strings.ContainsFunc(s[n:], func(r rune) bool { return r < '0' || r > '9' })
	case '=', '@', '＝', '＋', '－', '＠':
		return true
	}
	return false
}
