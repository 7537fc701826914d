package function

import (
	"maps"
	"slices"
	"strings"

	"obelus/call"
	"obelus/function/record"
	"obelus/store"
)

// shelf is a database for tests, "family/key" to value.
type shelf map[string]string

func newShelf() shelf { return make(shelf) }

func (s shelf) Get(family, key string) (string, bool) { v, ok := s[family+"/"+key]; return v, ok }

func (s shelf) Put(family, key, value string) error {
	s[family+"/"+key] = value
	return nil
}

func (s shelf) Delete(family, key string) (bool, error) {
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

// ledger is call records that hold what was set.
type ledger struct {
	variables []store.Variable
	userField string
}

func (l *ledger) Current(ch *call.Channel) (store.CallRecord, bool) {
	return store.CallRecord{Variables: l.variables, UserField: l.userField, AccountCode: ch.Account(), AMAFlags: record.AMAFlags(ch)}, true
}

func (l *ledger) SetVariable(_ *call.Channel, name, value string) {
	l.variables = append(l.variables, store.Variable{Name: name, Value: value})
}

func (l *ledger) SetUserField(_ *call.Channel, value string) { l.userField = value }
func (l *ledger) Prefer(*call.Channel, bool)                 {}
func (l *ledger) Disable(*call.Channel, bool)                {}
