package scenario

import (
	encoding "encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"obelus/cdr/csv"
	"obelus/store"
)

// masterColumns are the original's, in its order, with loguniqueid, loguserfield and newcdrcolumns.
const masterColumns = "accountcode src dst dcontext clid channel dstchannel lastapp lastdata start answer end duration billsec disposition amaflags uniqueid userfield peeraccount linkedid sequence"

// master has the records of a story written to Master.csv, reads it by the original's columns, and returns what lines does.
func (b *book) master(t *testing.T) (lines []string) {
	t.Helper()
	b.mu.Lock()
	all := slices.Clone(b.ended)
	b.mu.Unlock()
	slices.SortFunc(all, func(x, y store.CallRecord) int { return int(x.Sequence - y.Sequence) })
	if len(all) == 0 {
		return nil
	}
	dir := t.TempDir()
	sink := csv.NewMaster(dir, csv.Options{On: true, GMT: true, UniqueID: true, UserField: true, NewColumns: true})
	if _, err := sink.Ship(t.Context(), all, "", func(string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "Master.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := encoding.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(masterColumns)
	for i, row := range rows {
		if len(row) != len(names) {
			t.Fatalf("%q has %d columns, want %d", row, len(row), len(names))
		}
		v := make(map[string]string)
		for i, name := range names {
			v[name] = row[i]
		}
		r := all[i]
		for name, want := range map[string]string{
			"src": r.Src, "clid": r.CallerID, "dcontext": r.DContext, "lastdata": r.LastData, "accountcode": r.AccountCode, "peeraccount": r.PeerAccount,
			"start": stamp(r.Start), "answer": stamp(r.Answer), "end": stamp(r.End), "amaflags": "DOCUMENTATION", "uniqueid": r.UniqueID, "linkedid": r.LinkedID,
			"userfield": r.UserField, "sequence": fmt.Sprint(r.Sequence),
		} {
			if v[name] != want {
				t.Errorf("%s in Master.csv is %q, want %q", name, v[name], want)
			}
		}
		if v["dstchannel"] == "" {
			v["dstchannel"] = "-"
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s %s/%s", v["channel"], v["dstchannel"], v["dst"], v["lastapp"], v["disposition"], v["duration"], v["billsec"]))
	}
	return lines
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime)
}
