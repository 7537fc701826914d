package channel

import (
	"strconv"
	"strings"

	"obelus/call"
	"obelus/dialplan/expr"
	"obelus/function/argument"
	"obelus/pbx"
)

func groupFunctions() []pbx.Function {
	return []pbx.Function{
		{
			Name: "GROUP",
			Read: func(x *pbx.Exec, args string) (string, error) {
				v, _ := x.Channel().Vars.Get(groupVariable(args))
				return v, nil
			},
			Write: groupWrite,
		}, {
			Name: "GROUP_COUNT",
			Read: groupCount,
		}, {
			Name: "GROUP_MATCH_COUNT",
			Read: groupMatchCount,
		}, {
			Name: "GROUP_LIST",
			Read: groupList,
		},
	}
}

// A channel's groups are variables of it that no dialplan can name, since a
// name with parentheses is a function there: they go when the channel goes.
const groupPrefix = "GROUP("

func groupVariable(category string) string { return groupPrefix + category + ")" }

// membership is one group that a channel counts in.
type membership struct{ group, category string }

func memberships(ch *call.Channel) []membership {
	var all []membership
	ch.Vars.Each(func(name, value string) bool {
		if category, ok := strings.CutPrefix(name, groupPrefix); ok && value != "" {
			all = append(all, membership{value, strings.TrimSuffix(category, ")")})
		}
		return true
	})
	return all
}

// groupWrite sets the group; group@category names the category with it.
func groupWrite(x *pbx.Exec, args, value string) error {
	group, category, has := strings.Cut(value, "@")
	if !has {
		category = args
	}
	x.Channel().Vars.Set(groupVariable(category), group)
	return nil
}

// countMembers counts the channels that belong, over all calls.
func countMembers(x *pbx.Exec, category string, belongs func(group string) bool) string {
	n := 0
	for _, ch := range x.Channel().Registry().All() {
		for _, m := range memberships(ch) {
			if belongs(m.group) && (category == "" || strings.EqualFold(m.category, category)) {
				n++
			}
		}
	}
	return strconv.Itoa(n)
}

func groupCount(x *pbx.Exec, args string) (string, error) {
	group, category, _ := strings.Cut(args, "@")
	if group == "" {
		if group, _ = x.Channel().Vars.Get(groupVariable(category)); group == "" {
			return "0", nil
		}
	}
	return countMembers(x, category, func(g string) bool { return strings.EqualFold(g, group) }), nil
}

func groupMatchCount(x *pbx.Exec, args string) (string, error) {
	pattern, category, _ := strings.Cut(args, "@")
	re, err := expr.CompilePOSIX(pattern)
	if err != nil {
		return "", argument.Complain("Regex compile failed on: %s", pattern)
	}
	within, err := expr.CompilePOSIX(category)
	if err != nil {
		return "", argument.Complain("Regex compile failed on: %s", category)
	}
	n := 0
	for _, ch := range x.Channel().Registry().All() {
		for _, m := range memberships(ch) {
			if re.MatchString(m.group) && (category == "" || within.MatchString(m.category)) {
				n++
			}
		}
	}
	return strconv.Itoa(n), nil
}

func groupList(x *pbx.Exec, _ string) (string, error) {
	var names []string
	for _, m := range memberships(x.Channel()) {
		if m.category != "" {
			m.group += "@" + m.category
		}
		names = append(names, m.group)
	}
	return strings.Join(names, " "), nil
}
