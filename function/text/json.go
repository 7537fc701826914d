package text

import (
	"encoding/json"
	"strconv"
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

// jsonDecode is JSON_DECODE(varname,item[,separator[,options]]).
func jsonDecode(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 4)
	if expand.Arg(a, 0) == "" || expand.Arg(a, 1) == "" {
		return "", argument.Complain("%s requires a variable and the name of an item: JSON_DECODE(<varname>,<item>[,<separator>[,<options>]])", "JSON_DECODE")
	}
	source, err := argument.Value(x, a[0])
	if err != nil || source == "" {
		return "", err
	}
	separator := "."
	if s := expand.Arg(a, 2); s != "" {
		separator = s[:1]
	}
	reader := json.NewDecoder(strings.NewReader(source))
	reader.UseNumber() // as they are written
	var value any
	if err := reader.Decode(&value); err != nil {
		return "", argument.Complain("Failed to parse as JSON: %s", source)
	}
	for key := range strings.SplitSeq(a[1], separator) {
		if value = within(value, key); value == nil {
			return "", nil
		}
	}
	return shown(value, strings.Contains(expand.Arg(a, 3), "c")), nil
}

// within is what an object has under a key, or an array at a place; nil for nothing.
func within(value any, key string) any {
	switch v := value.(type) {
	case map[string]any:
		return v[key]
	case []any:
		if n, err := strconv.Atoi(key); err == nil && n >= 0 && n < len(v) {
			return v[n]
		}
	}
	return nil
}

// shown is a value as a text. Of an array it may be the number of items.
func shown(value any, count bool) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return argument.OneOrZero(v)
	case []any:
		if count {
			return strconv.Itoa(len(v))
		}
	}
	var out strings.Builder
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}
