package lookup

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"obelus/conf"
	"obelus/dialplan/expand"
	"obelus/function/argument"
)

// setting is AST_CONFIG(config_file,category,variable[,index]): a value of a .conf file, read as it is now.
func setting(dir, args string) (string, error) {
	a := expand.Args(args, 4)
	for i, what := range []string{"config_file", "category", "variable_name"} {
		if expand.Arg(a, i) == "" {
			return "", argument.Complain("AST_CONFIG() requires a %s", what)
		}
	}
	if dir == "" {
		return "", argument.Complain("Config file %s was not found: there is no directory of configuration", a[0])
	}
	f, _, err := (&conf.Loader{Dir: dir}).Load(a[0])
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", argument.Complain("Config file %s was not found", a[0])
	case err != nil:
		return "", argument.Complain("Config file %s could not be read: %v", a[0], err)
	}
	var values []string
	for _, s := range f.Sections {
		if strings.EqualFold(s.Name, a[1]) {
			values = append(values, s.All(a[2])...)
		}
	}
	if len(values) == 0 {
		return "", argument.Complain("'%s' not found at [%s] in '%s'", a[2], a[1], a[0])
	}
	n, err := strconv.Atoi(strings.Trim(expand.Arg(a, 3), argument.Blanks))
	switch {
	case expand.Arg(a, 3) == "":
		n = 0
	case err != nil:
		return "", argument.Complain("Failed to parse index '%s' of AST_CONFIG()", a[3])
	case n == -1:
		n = len(values) - 1
	}
	if n < 0 || n >= len(values) {
		return "", argument.Complain("'%s' at [%s] in '%s' has no value %d", a[2], a[1], a[0], n)
	}
	return values[n], nil
}
