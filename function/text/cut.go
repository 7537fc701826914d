package text

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func cutFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "CUT",
			Read: cut,
		}, {
			Name: "SORT",
			Read: argument.Pure(sorted),
		},
	}
}

func cut(x *pbx.Exec, args string) (string, error) {
	a := expand.Args(args, 3)
	if len(a) < 3 {
		return "", argument.Missing("CUT(<varname>,<char-delim>,<range-spec>)")
	}
	s, err := argument.Value(x, a[0])
	if err != nil || s == "" {
		return "", err
	}
	delim := "-"
	if a[1] != "" {
		c, _ := argument.Char(a[1])
		delim = string([]byte{c})
	}
	fields := strings.Split(s, delim)
	at := 1 // the next field not yet passed
	var out []string
	for spec := range strings.SplitSeq(a[2], "&") {
		if at > len(fields) {
			break
		}
		from, to, ok := fieldRange(spec)
		if !ok {
			return "", argument.Complain("Usage: CUT(<varname>,<char-delim>,<range-spec>)")
		}
		if at > from {
			x.Warn("We're already past the field you wanted?")
		}
		at = max(at, min(from, len(fields)+1))
		for ; at <= len(fields) && at <= to; at++ {
			out = append(out, fields[at-1])
		}
	}
	return strings.Join(out, delim), nil
}

// fieldRange reads N-M, -M, N- or N.
func fieldRange(s string) (from, to int, ok bool) {
	if after, cut := strings.CutPrefix(s, "-"); cut {
		to, _, ok = argument.Int(after)
		return 1, to, ok
	}
	from, rest, ok := argument.Int(s)
	if !ok {
		return 0, 0, false
	}
	after, open := strings.CutPrefix(rest, "-")
	if !open {
		return from, from, true
	}
	if to, _, ok = argument.Int(after); ok {
		return from, to, true
	}
	return from, math.MaxInt, true
}

func sorted(args string) (string, error) {
	if args == "" {
		return "", argument.Complain("SORT() requires an argument")
	}
	type entry struct {
		key   string
		value float64
	}
	var all []entry
	for pair := range strings.SplitSeq(args, ",") {
		key, value, has := strings.Cut(pair, ":")
		if !has {
			continue
		}
		f, _, _ := argument.Float(value)
		all = append(all, entry{key, f})
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.value, b.value) })
	keys := make([]string, len(all))
	for i, e := range all {
		keys[i] = e.key
	}
	return strings.Join(keys, ","), nil
}
