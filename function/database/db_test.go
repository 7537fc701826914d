package database

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"obelus/function/functiontest"
)

// shelf is a database for tests, "family/key" to value. What has "bad" in its name can't be written.
type shelf map[string]string

func newShelf() shelf { return make(shelf) }

var errShelf = errors.New("the shelf is nailed shut")

func (s shelf) Get(family, key string) (string, bool) { v, ok := s[family+"/"+key]; return v, ok }

func (s shelf) Put(family, key, value string) error {
	if strings.Contains(family, "bad") {
		return errShelf
	}
	s[family+"/"+key] = value
	return nil
}

func (s shelf) Delete(family, key string) (bool, error) {
	if strings.Contains(family, "bad") {
		return false, errShelf
	}
	_, ok := s[family+"/"+key]
	delete(s, family+"/"+key)
	return ok, nil
}

func (s shelf) Names(prefix string) []string {
	found := make(map[string]bool)
	for k := range s {
		if rest, ok := strings.CutPrefix("/"+k, strings.TrimSuffix("/"+prefix, "/")+"/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			found[name] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func TestDB(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(newShelf()))
	functiontest.Must(t, x, "DB(fam/key)=val", "DB(cidname/100)=Ann, of sales", "DB(a/b/c)=deep", "DB(fam/other)=")
	functiontest.Cases{
		{"${DB(fam/key)}|${DB_RESULT}", "val|val", ""},
		{"${DB_EXISTS(cidname/100)}|${DB_RESULT}", "1|Ann, of sales", ""},
		{"${DB_EXISTS(none/such)}|${DB_RESULT}|${DB(none/such)}", "0|Ann, of sales|", ""},
		{"${DB(fam/other)}|${DB_EXISTS(fam/other)}|${DB_RESULT}|", "|1||", ""},
		{"${DB(a/b/c)}|${DB_KEYS(a)}|${DB_KEYS(a/b)}|${DB_KEYS()}|${DB_KEYS(none)}", "deep|b|c|a,cidname,fam|", ""},
		{"${DB_KEYCOUNT(fam)}|${DB_KEYCOUNT()}|${DB_KEYCOUNT(none)}", "2|3|0", ""},
		{"${DB_DELETE(fam/key)}|${DB_RESULT}|${DB(fam/key)}|${DB_DELETE(fam/key)}", "val|val||", ""},
		{"${DB()}", "", "DB requires an argument, DB(<family>/<key>)"},
		{"${DB(fam)}", "", "DB requires an argument, DB(<family>/<key>)"},
		{"${DB_EXISTS(fam)}", "", "DB_EXISTS requires an argument, DB_EXISTS(<family>/<key>)"},
		{"${DB_DELETE(fam)}", "", "DB_DELETE requires an argument, DB_DELETE(<family>/<key>)"},
	}.Run(t, x, w)
	functiontest.Must(t, x, "DB_DELETE(a/b/c)=ignored")
	if got := x.Expand("${DB_EXISTS(a/b/c)}"); got != "0" {
		t.Error("Set(DB_DELETE(a/b/c)=) left it")
	}
	if err := x.Assign("DB(fam)", "v"); err == nil || err.Error() != "DB requires an argument, DB(<family>/<key>)=<value>" {
		t.Errorf("a write without a key: %v", err)
	}
}

// TestDBCanNotWrite: what is there can be read, and whoever writes is told.
func TestDBCanNotWrite(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(newShelf()))
	err := x.Assign("DB(bad/key)", "v")
	if !errors.Is(err, errShelf) || !strings.HasPrefix(err.Error(), "DB: Error writing value to database") {
		t.Errorf("a write says %v", err)
	}
	f, _ := x.PBX().Function("DB")
	if _, err := f.Read(x, "bad/key"); err != nil {
		t.Error(err)
	}
	bad := database{shelf{"bad/key": "v"}}
	w.Take()
	v, err := bad.remove(x, "bad/key")
	if texts := w.Take(); v != "v" || err != nil || len(texts) != 1 || !strings.HasPrefix(texts[0], "DB_DELETE: bad/key could not be deleted from the database") {
		t.Errorf("DB_DELETE: %q, %v, warned %q", v, err, texts)
	}
}

func TestNoDatabase(t *testing.T) {
	for _, f := range dbFunctions(nil) {
		if f.Name == "DB" {
			if err := f.Write(nil, "a/b", "v"); !errors.Is(err, errNoDatabase) {
				t.Errorf("a write: %v", err)
			}
		}
		if f.Name == "DB_KEYCOUNT" {
			if n, err := f.Read(nil, ""); n != "0" || err != nil {
				t.Errorf("%q %v", n, err)
			}
		}
	}
}
