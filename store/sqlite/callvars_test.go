package sqlite

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"obelus/store"
)

func TestVariablesThatPeopleWrote(t *testing.T) {
	for text, want := range map[string][]store.Variable{
		"":   nil,
		"{}": nil,
		`{ "a" : "b" , "c":"d\/\u00e9\ud83d\ude00\n" }`: {{Name: "a", Value: "b"}, {Name: "c", Value: "d/é😀\n"}},
		`{"a":"b","c":7}`:          {{Name: "a", Value: "b"}},
		`{"a":"b","c":"unfinished`: {{Name: "a", Value: "b"}},
		`{"a":"\u12`:               nil,
		`nonsense`:                 nil,
	} {
		if got := parseVariables(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

func FuzzVariables(f *testing.F) {
	f.Add("cnam", "Anna \"B\" \\", "x\x00\x1f\x7f\xff", "☎")
	f.Add("", "", `{"a":"b"}`, `\u0041`)
	f.Fuzz(func(t *testing.T, n1, v1, n2, v2 string) {
		want := []store.Variable{{Name: n1, Value: v1}, {Name: n2, Value: v2}}
		text := variablesText(want)
		if got := parseVariables(text); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
		if utf8.ValidString(text) && !json.Valid([]byte(text)) {
			t.Errorf("no JSON: %s", text)
		}
		parseVariables(v1 + n2) // anything may stand there
	})
}
