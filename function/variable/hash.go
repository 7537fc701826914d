package variable

import (
	"slices"
	"strings"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

func hashFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "HASH",
			Read: hashRead, Write: hashWrite,
		}, {
			Name: "HASHKEYS",
			Read: func(x *pbx.Exec, args string) (string, error) {
				keys, _ := hashEntries(x, args)
				return strings.Join(keys, ","), nil
			},
		},
	}
}

// hashVariable is the variable that holds an entry, named as in the original.
func hashVariable(name, key string) string { return hashPrefix(name) + key + "~" }

func hashPrefix(name string) string { return "~HASH~" + name + "~" }

func hashRead(x *pbx.Exec, args string) (string, error) {
	name, key, has := argument.Two(args)
	if has {
		return x.Get(hashVariable(name, key)), nil
	}
	_, values := hashEntries(x, name)
	return strings.Join(values, ","), nil
}

// hashEntries lists a hash, the newest entry first as the original does.
func hashEntries(x *pbx.Exec, name string) (keys, values []string) {
	x.Channel().Vars.Each(func(variable, value string) bool {
		if key, ok := strings.CutPrefix(variable, hashPrefix(name)); ok {
			keys = append(keys, strings.TrimSuffix(key, "~"))
			values = append(values, value)
		}
		return true
	})
	slices.Reverse(keys)
	slices.Reverse(values)
	return keys, values
}

// fieldsVariable holds the names of the columns of what was read last, from CURL() with hashcompat.
const fieldsVariable = "~ODBCFIELDS~"

// hashWrite sets an entry. Without a key the values are those of the columns that were read last.
func hashWrite(x *pbx.Exec, args, value string) error {
	name, key, has := argument.Two(args)
	if has {
		x.Channel().Vars.Set(hashVariable(name, key), value)
		return nil
	}
	columns, _ := x.Channel().Vars.Get(fieldsVariable)
	values := expand.Args(value, argument.MaxSlots)
	for i, column := range expand.Args(columns, argument.MaxSlots) {
		x.Channel().Vars.Set(hashVariable(name, column), expand.Arg(values, i))
	}
	return nil
}
