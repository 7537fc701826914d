package conf

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// facts reads a table of what Asterisk 20 answered.
func facts(t testing.TB) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/config-parse.tsv")
	if err != nil {
		t.Fatal(err)
	}
	unescape := strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r")
	var rows [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		cells := strings.Split(line, "\t")
		for i := range cells {
			cells[i] = unescape.Replace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

var otherFile = regexp.MustCompile(`(?:^|; )([a-z0-9/_.]+\.conf): `)

// others reads the cell that lists included files.
func others(cell string) map[string]string {
	files := make(map[string]string)
	at := otherFile.FindAllStringSubmatchIndex(cell, -1)
	for i, m := range at {
		end := len(cell)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		files[cell[m[2]:m[3]]] = cell[m[1]:end]
	}
	return files
}

func loaderOf(files map[string]string) *Loader {
	return &Loader{
		Dir: "/etc/x",
		ReadFile: func(p string) ([]byte, error) {
			if text, ok := files[strings.TrimPrefix(p, "/etc/x/")]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		},
		Glob: func(pattern string) ([]string, error) {
			var out []string
			for name := range files {
				if ok, _ := path.Match(pattern, "/etc/x/"+name); ok {
					out = append(out, "/etc/x/"+name)
				}
			}
			return out, nil
		},
	}
}

// shown prints a file as the facts do.
func shown(f *File) string {
	var out []string
	for _, s := range f.Sections {
		if s.Template {
			continue
		}
		var b strings.Builder
		b.WriteString("[" + s.Name + "]")
		if len(s.Templates) > 0 {
			b.WriteString("(templates=" + strings.Join(s.Templates, ",") + ")")
		}
		b.WriteString("{")
		for i, e := range s.Entries {
			if i > 0 {
				b.WriteString("|")
			}
			b.WriteString(e.Key + "=" + e.Value)
		}
		b.WriteString("}")
		out = append(out, b.String())
	}
	return strings.Join(out, " ")
}

func TestConfigFacts(t *testing.T) {
	for _, r := range facts(t) {
		text := r[2]
		if strings.Contains(text, "...(611 chars") {
			text = "[s]\na=" + strings.Repeat("x", 600) + "\n"
		}
		f, found, err := loaderOf(others(r[3])).Parse("fact_"+r[1]+".conf", []byte(text))
		refused := strings.HasPrefix(r[4], "<<Response: Error")
		if (err != nil) != refused {
			t.Errorf("%s %s: error %v, the original's: %s", r[0], r[1], err, r[4])
			continue
		}
		said := ""
		if err != nil {
			said = err.Error()
		} else if got := shown(f); got != r[4] && !(strings.Contains(r[4], "...len=") && strings.Contains(got, strings.Repeat("x", 600))) {
			t.Errorf("%s %s:\n got %s\nwant %s", r[0], r[1], got, r[4])
		}
		for _, d := range found {
			said += "\n" + d.String()
		}
		for _, logged := range strings.Split(strings.TrimSpace(r[5]), " | ") {
			if logged != "" && !strings.Contains(said, logged) {
				t.Errorf("%s %s: the original says %q, we say %q", r[0], r[1], logged, said)
			}
		}
	}
}

func TestFindingsNameThePlace(t *testing.T) {
	l := loaderOf(map[string]string{"a.conf": "[x]\nk=1\n[open\n"})
	_, _, err := l.Parse("main.conf", []byte("[general]\n#include a.conf\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "a.conf:3: ") {
		t.Errorf("got %v", err)
	}
	_, _, err = l.Load("nosuch.conf")
	if !isNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
	_, _, err = l.Parse("main.conf", []byte("[g]\n#include nosuch.conf\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "main.conf:2: ") {
		t.Errorf("a missing include: %v", err)
	}
	loop := loaderOf(map[string]string{"loop.conf": "#include loop.conf\n"})
	if _, _, err := loop.Load("loop.conf"); err == nil || !strings.Contains(err.Error(), "include itself") {
		t.Errorf("a loop: %v", err)
	}
}

func isNotExist(err error) bool {
	return err != nil && strings.Contains(err.Error(), fs.ErrNotExist.Error())
}

// The odd forms of real files that are about this syntax.
func TestOddLines(t *testing.T) {
	for _, c := range []struct{ text, want, said string }{
		{"[a]\n;--\nexten => 1\n--; x=1\n", "[a]{x=1}", ""},
		{"[a]\n;-----\nx=1\n", "[a]{x=1}", ""},
		{"[a]\nx=SIPAddHeader(Alert-Info:<h>\\;info=auto)\n", "[a]{x=SIPAddHeader(Alert-Info:<h>;info=auto)}", ""},
		{"[a]\nx=y(<sip:1>;answer-after=0) // Auto\n", "[a]{x=y(<sip:1>}", ""},
		{"[office­phone](!)\nx=1\n[b](office­phone)\n", "[b](templates=office­phone){x=1}", ""},
		{"[office] (!)\nx=1\n", "[office]{x=1}", "remove the blank"},
		{"[sip_proxy] ** voor meerdere klanten **\nx=1\n", "[sip_proxy]{x=1}", "text behind"},
		{"[menu-servicio de post-venta]\nx=1\n", "[menu-servicio de post-venta]{x=1}", ""},
		{"[a]\n#exten => 600,1,MeetMe()\n# In real world\n##teate\nx=1\n", "[a]{x=1}", "Unknown directive"},
		{"[a]\n// text\n// exten => 1\n", "[a]{// exten=1}", "No '='"},
		{"[a]\n#includeifexists custom/extensions.conf\nx=1\n", "[a]{x=1}", ""},
		{"[a]\nhosT=dynamic\nexten=>1\n  same => n , App\n", "[a]{hosT=dynamic|exten=1|same=n , App}", ""},
		{"[a]\nsame n,Hangup()\n", "[a]{}", "No '='"},
		{"[a]\nc=\"\xd0\x9f\"\nd=\xe9\r\n", "[a]{c=\"\xd0\x9f\"|d=\xe9}", ""},
	} {
		f, found, err := loaderOf(nil).Parse("x.conf", []byte(c.text))
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		said := ""
		for _, d := range found {
			said += d.String()
		}
		if got := shown(f); got != c.want || !strings.Contains(said, c.said) || c.said == "" && said != "" {
			t.Errorf("%q:\n got %s, said %q\nwant %s, said %q", c.text, got, said, c.want, c.said)
		}
	}
	for _, refused := range []string{"[exten=>9999,1,answer()\n", "[; This macro\n", "====\n[a]\n", "cd /etc/asterisk\n", "extensions.conf[general]\nx=1\n"} {
		if _, _, err := loaderOf(nil).Parse("x.conf", []byte(refused)); err == nil {
			t.Errorf("%q is refused by the original", refused)
		}
	}
}

func TestFragmentsInheritTheSection(t *testing.T) {
	f, _, err := loaderOf(map[string]string{"sip_general_custom.conf": "tcpenable=yes\n"}).Parse("sip.conf", []byte("[general]\n#include sip_general_custom.conf\n"))
	if err != nil || shown(f) != "[general]{tcpenable=yes}" {
		t.Errorf("%v %v", f, err)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"canreinvite", "context", "contactpermit", "dtmfmode", "allow", "disallow", "directmedia", "insecure"}
	for typo, want := range map[string]string{
		"careinvite": "canreinvite", "contect": "context", "dtfmode": "dtmfmode", "alow": "allow", "direcmedia": "directmedia",
		"dissallow": "disallow", ":insecure": "insecure", "xyzzy": "", "allow": "",
	} {
		if got := Nearest(typo, known); got != want {
			t.Errorf("%s: %q, want %q", typo, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, r := range facts(f) {
		f.Add(r[2])
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := loaderOf(map[string]string{"inc1.conf": "i=9\n#include fact.conf\n"}).Parse("fact.conf", []byte(text))
		if (file == nil) == (err == nil) {
			t.Fatal("either a file or an error")
		}
	})
}
