package sipconf

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// demanded are the rows of a table of what 219 configurations of others write, by how
// many of them do.
func demanded(t *testing.T, file string) [][]string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n")[1:] {
		out = append(out, strings.Split(line, "\t"))
	}
	return out
}

// TestDemandedOptions has every option that two or more write act, or be named with the
// reason why it does not; what chan_sip does not know is named as unknown.
func TestDemandedOptions(t *testing.T) {
	known := options(nil)
	old := oldNames()
	for _, where := range []string{"general", "peer"} {
		rows := demanded(t, "demand-"+where+".tsv")
		if len(rows) < 70 {
			t.Fatalf("only %d rows for %s", len(rows), where)
		}
		for _, row := range rows {
			name := strings.ToLower(row[0])
			o, ok := known[name]
			foreigner := strings.HasPrefix(row[2], "NOT") && old[name] == "" && o.gone == "" && o.later == ""
			switch {
			case foreigner && ok:
				t.Errorf("%s is taken, and chan_sip does not know it", name)
			case foreigner:
				_, found := read(t, "[general]\n"+name+"=x\n")
				if len(found) != 1 || !strings.Contains(found[0], "unknown option '"+name+"'") {
					t.Errorf("%s: %q", name, found)
				}
			case !ok:
				t.Errorf("%s is unknown", name)
			case o.general == nil && o.account == nil && o.later == "" && o.gone == "":
				t.Errorf("%s does nothing, and no reason is given", name)
			}
		}
	}
}

// inAccount are options whose demanded values stand in an account.
func inAccount(name string) bool {
	return slices.Contains([]string{"type", "call-limit", "busylevel", "callgroup", "pickupgroup", "regexten", "port"}, name)
}

// TestDemandedValues has every value that somebody writes read, or what is wrong with it
// said; those that two or more write are read as they are.
func TestDemandedValues(t *testing.T) {
	odd := regexp.MustCompile(`^(callgroup|pickupgroup|faxdetect|jbenable|icesupport|dtlsenable|tlscipher|tlsclientmethod|websocket_enabled|nat=yes|` +
		`nat=rport,comedia|pedantic=no|transport=(udp,)?ws|localnet=no mask|encryption|allowoverlap=dtmf|progressinband|rtcachefriends|rtupdate|callevents|ignoreregexpire|` +
		`domain=|jbimpl|dtlssetup|dtlsverify|limitonpeer|registerattempts=0|tonezone)`)
	for _, row := range demanded(t, "demand-values.tsv") {
		name, value, _ := strings.Cut(row[0], "=")
		value = strings.NewReplacer("a.b.c.d[:port]", "10.0.0.1:5060", "a.b.c.d/m.m.m.m", "10.0.0.0/255.0.0.0", "CIDR", "10.0.0.0/8", "no mask", "10.0.0.1", "…", "10.0.0.1").Replace(value)
		text := "[general]\n" + name + "=" + value + "\n"
		if inAccount(name) {
			text = "[a]\ntype=peer\nhost=10.0.0.1\n" + name + "=" + value + "\n"
		}
		_, found := read(t, text)
		if len(row[1]) > 1 || row[1] >= "2" {
			if len(found) > 0 && !odd.MatchString(row[0]) && !belongsElsewhere(found) {
				t.Errorf("%s (%s repositories): %q", row[0], row[1], found)
			}
		}
	}
}

// belongsElsewhere says whether all that is wrong is where the option stands.
func belongsElsewhere(found []string) bool {
	return !slices.ContainsFunc(found, func(s string) bool { return !strings.Contains(s, "it belongs in") })
}

// TestSettingsAreUsed has no setting read from sip.conf and used nowhere, but where the
// reader says so.
func TestSettingsAreUsed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "settings.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	unused := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || !slices.Contains([]string{"General", "Peer", "Common"}, spec.Name.Name) {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			for _, name := range f.Names {
				unused[name.Name] = name.IsExported()
			}
		}
		return false
	})
	if len(unused) < 100 {
		t.Fatalf("only %d settings were found", len(unused))
	}
	said := map[string]string{"CompactHeaders": "compactheaders", "PrematureMedia": "prematuremedia", "IgnoreSDPVersion": "ignoresdpversion"}
	at := settles()
	for name, exported := range unused {
		if o := options(nil)[said[name]]; !exported || o.later != "" || o.gone != "" || at[name] {
			delete(unused, name)
		}
	}
	uses := make(map[string]*regexp.Regexp)
	for name := range unused {
		uses[name] = regexp.MustCompile(`\.` + name + `\b`)
	}
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			strings.Contains(path, "chansip/show/") || strings.HasPrefix(filepath.Base(path), "config") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for name := range unused {
			if uses[name].Match(b) {
				delete(unused, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range unused {
		t.Errorf("%s is read from sip.conf, and nobody looks at it", name)
	}
}

// settles are settings that the reader itself acts by: it makes others of them.
func settles() map[string]bool {
	return map[string]bool{"ExcludeStatic": true, "T1Min": true, "BindPort": true}
}
