package csv

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"obelus/store"
)

func aCall() store.CallRecord {
	start := time.Date(2026, 11, 24, 23, 59, 50, 600e6, time.FixedZone("far away", 5*3600))
	return store.CallRecord{
		CallKey: store.CallKey{UniqueID: "1795546790.7", Sequence: 12}, CallerID: `"Anna ""A"" Ott" <1001>`, Src: "1001", Dst: "+4930123456",
		DContext: "internal", Channel: "SIP/1001-00000007", DstChannel: "SIP/1002-00000008", LastApp: "Dial", LastData: `SIP/1002,20,A("x")`,
		Start: start, Answer: start.Add(3 * time.Second), End: start.Add(63 * time.Second), Duration: 63, BillSec: 60, Disposition: "ANSWERED", AMAFlags: 3,
		AccountCode: "acme", PeerAccount: "peer", LinkedID: "1795546790.1", UserField: "u", Cause: 16,
	}
}

func TestLineIsTheOriginals(t *testing.T) {
	missed := aCall()
	missed.Answer, missed.BillSec, missed.Disposition, missed.AMAFlags = time.Time{}, 0, "NO ANSWER", 2
	for _, tt := range []struct {
		o    Options
		r    store.CallRecord
		want string
	}{
		{Options{GMT: true}, aCall(), `"acme","1001","+4930123456","internal","""Anna """"A"""" Ott"" <1001>","SIP/1001-00000007","SIP/1002-00000008","Dial","SIP/1002,20,A(""x"")",` +
			`"2026-11-24 18:59:50","2026-11-24 18:59:53","2026-11-24 19:00:53",63,60,"ANSWERED","DOCUMENTATION"`},
		{Options{GMT: true, UniqueID: true, UserField: true, NewColumns: true}, missed,
			`"acme","1001","+4930123456","internal","""Anna """"A"""" Ott"" <1001>","SIP/1001-00000007","SIP/1002-00000008","Dial","SIP/1002,20,A(""x"")",` +
				`"2026-11-24 18:59:50",,"2026-11-24 19:00:53",63,0,"NO ANSWER","BILLING","1795546790.7","u","peer","1795546790.1",12`},
		{Options{UserField: true}, store.CallRecord{}, `"","","","","","","","","",,,,0,0,"","Unknown",""`},
	} {
		line := string(tt.o.appendLine(nil, &tt.r))
		if line != tt.want+"\n" {
			t.Errorf("%+v:\n%swant\n%s", tt.o, line, tt.want)
		}
		cells, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil || len(cells) != len(tt.o.Columns()) {
			t.Errorf("%+v: %d cells, %v, want the columns %v", tt.o, len(cells), err, tt.o.Columns())
		}
	}
}

func TestLocalTimeIsWritten(t *testing.T) {
	r := aCall()
	want := `"` + r.Start.Local().Format("2006-01-02 15:04:05") + `"`
	if line := string(Options{}.appendLine(nil, &r)); !strings.Contains(line, want) {
		t.Errorf("%s has no %s", line, want)
	}
}

func TestCells(t *testing.T) {
	for in, want := range map[string]string{
		`say "hi"`:                   `"say ""hi"""`,
		"+4930123":                   `"+4930123"`,
		"-5":                         `"-5"`,
		"+":                          `"+"`,
		"*98":                        `"*98"`,
		"1-2":                        `"1-2"`,
		"=1+1":                       `"'=1+1"`,
		"=cmd|' /C calc'!A0":         `"'=cmd|' /C calc'!A0"`,
		"+1+cmd|' /C calc'!A0":       `"'+1+cmd|' /C calc'!A0"`,
		"-2+3":                       `"'-2+3"`,
		"@SUM(A1)":                   `"'@SUM(A1)"`,
		"\t=1":                       `"' =1"`,
		" \r\n=1":                    `"'   =1"`,
		"\u0085=1":                   `"' =1"`,
		"＝1":                         `"'＝1"`,
		"\u00a0@x":                   "\"'\u00a0@x\"",
		"a\x00b\x1b[2Jc\x7fd\u009be": `"a b [2Jc d e"`,
		"zwölf \xff ☎":               "\"zwölf \xff ☎\"",
	} {
		if got := Cell(in); got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
	}
}

// formula is what spreadsheets take for one: the list of OWASP, and the wide forms.
func formula(cell string) bool {
	r, n := utf8.DecodeRuneInString(cell)
	if slices.Contains([]rune("+-"), r) {
		return strings.Trim(cell[n:], "0123456789") != ""
	}
	return slices.Contains([]rune("=@\t\r\n＝＋－＠"), r)
}

func FuzzLine(f *testing.F) {
	for _, s := range []string{"", "=cmd|' /C calc'!A0", "\t=1", "\"", "\",\"=1", "+49\n=1", "a\r\nb", "\xff=", "\u0085=1", "\x85=1", " ＝", "'"} {
		f.Add(s, s, s)
	}
	f.Fuzz(func(t *testing.T, name, data, user string) {
		o := Options{UniqueID: true, UserField: true, NewColumns: true}
		r := aCall()
		r.CallerID, r.LastData, r.UserField = name, data, user
		line := o.appendLine(nil, &r)
		read := csv.NewReader(bytes.NewReader(line))
		all, err := read.ReadAll()
		if err != nil || len(all) != 1 || len(all[0]) != len(o.Columns()) || bytes.Count(line, []byte("\n")) != 1 {
			t.Fatalf("%q: %q, %v", line, all, err)
		}
		for i, c := range o.Columns() {
			cell := all[0][i]
			if formula(cell) || strings.ContainsFunc(cell, isControl) {
				t.Errorf("%s=%q is a formula, or no text", c, cell)
			}
			if said := map[string]string{"clid": name, "lastdata": data, "userfield": user}; slices.Contains([]string{"clid", "lastdata", "userfield"}, c) {
				if want := Plain(said[c]); cell != want && cell != "'"+want {
					t.Errorf("%s=%q, want %q", c, cell, want)
				}
			}
		}
	})
}
