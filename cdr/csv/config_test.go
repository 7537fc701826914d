package csv_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"obelus/cdr/csv"
	"obelus/conf"
)

func parse(t *testing.T, name, text string) *conf.File {
	t.Helper()
	f, _, err := (&conf.Loader{}).Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func lines(found []conf.Diagnostic) string {
	var all []string
	for _, d := range found {
		all = append(all, d.String())
	}
	return strings.Join(all, "\n")
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		text  string
		want  csv.Options
		found string
	}{
		{"", csv.Options{Accounts: true}, ""},
		{"[general]\nbatch=yes\n", csv.Options{Accounts: true}, ""},
		{"[csv]\n", csv.Options{On: true, Accounts: true}, ""},
		{"[csv]\nusegmtime=yes\nLogUniqueID=1\nloguserfield=on\naccountlogs=no\nnewcdrcolumns=true\n",
			csv.Options{On: true, GMT: true, UniqueID: true, UserField: true, NewColumns: true}, ""},
		{"[csv]\nloguniqeid=yes\nusegmtime=maybe\n", csv.Options{On: true, Accounts: true},
			"cdr.conf:2: warning: unknown option 'loguniqeid' in [csv] (there is accountlogs, loguniqueid, loguserfield, newcdrcolumns, usegmtime)\n" +
				"cdr.conf:3: warning: usegmtime=maybe is neither yes nor no (it is taken as no, as in the original)"},
	} {
		got, found := csv.ReadOptions(parse(t, "cdr.conf", tt.text))
		if got != tt.want || lines(found) != tt.found {
			t.Errorf("%s:\n%+v\n%s\nwant %+v\n%s", tt.text, got, lines(found), tt.want, tt.found)
		}
	}
	if got, found := csv.ReadOptions(nil); got.On || len(found) > 0 {
		t.Error("there is no file")
	}
}

func TestMappings(t *testing.T) {
	text := "[mappings]\nMaster.csv => ${CSV_QUOTE(${CDR(clid)})},x\nsub/Simple.csv => ${CDR(src)}\nMaster.csv => second\n../out.csv => x\n/etc/x => y\nempty.csv =>\n[other]\n"
	got, found := csv.ReadMappings(parse(t, "cdr_custom.conf", text))
	var all []string
	for _, m := range got {
		all = append(all, fmt.Sprint(m.File, " ", m.Templates, " ", m.At))
	}
	want := []string{"Master.csv [${CSV_QUOTE(${CDR(clid)})},x second] [cdr_custom.conf:2 cdr_custom.conf:4]", "sub/Simple.csv [${CDR(src)}] [cdr_custom.conf:3]"}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("got %q\nwant %q", all, want)
	}
	const complaints = "cdr_custom.conf:5: warning: ../out.csv leads out of cdr-custom (it is ignored)\n" +
		"cdr_custom.conf:6: warning: /etc/x leads out of cdr-custom (it is ignored)\n" +
		"cdr_custom.conf:7: warning: a mapping has both a file and a line to write there (it is ignored)\n" +
		"cdr_custom.conf:8: warning: unknown section [other] (there is [mappings])"
	if lines(found) != complaints {
		t.Errorf("found\n%s", lines(found))
	}
	if all, found := csv.ReadMappings(nil); len(all)+len(found) > 0 {
		t.Error("there is no file")
	}
}
