package conf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
	return errors.Is(err, fs.ErrNotExist)
}

// The odd forms of real files that are about this syntax.
func TestOddLines(t *testing.T) {
	for _, c := range []struct{ text, want, said string }{
		{"[a]\n;--\nexten => 1\n--; x=1\n", "[a]{x=1}", ""},
		{"[a]\n;-----\nx=1\n", "[a]{x=1}", ""},
		{"[a]\nx=SIPAddHeader(Alert-Info:<h>\\;info=auto)\n", "[a]{x=SIPAddHeader(Alert-Info:<h>;info=auto)}", ""},
		{"[a]\nx=y(<sip:1>;answer-after=0) // Auto\n", "[a]{x=y(<sip:1>}", ""},
		{"[office\u00adphone](!)\nx=1\n[b](office\u00adphone)\n", "[b](templates=office\u00adphone){x=1}", ""},
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

func TestExec(t *testing.T) {
	l := loaderOf(nil)
	l.ExecIncludes = true
	l.Run = func(command string) ([]byte, error) {
		if command == "false" {
			return []byte("half=1\n"), errors.New("exit status 1")
		}
		return []byte("; by " + command + "\nb=2\n[t]\nz=1\nnonsense\n"), nil
	}
	f, found, err := l.Parse("x.conf", []byte("[s]\na=1\n#exec /bin/list all\nc=3\n#exec false\n"))
	if err != nil || shown(f) != "[s]{a=1|b=2|c=3|half=1} [t]{z=1}" {
		t.Fatalf("%v %v", f, err)
	}
	if len(found) != 2 || found[0].Pos != (Pos{"#exec /bin/list all", 5}) || found[1].Line != 5 || !strings.Contains(found[1].Message, "exit status 1") {
		t.Errorf("said %v", found)
	}
	if _, _, err := l.Parse("x.conf", []byte("[s]\n#exec\n")); err == nil {
		t.Error("#exec without a command is refused")
	}
}

func TestExecRunsTheShell(t *testing.T) {
	l := &Loader{Dir: t.TempDir(), ExecIncludes: true}
	f, found, err := l.Parse("x.conf", []byte("[s]\n#exec echo b=2\n"))
	if err != nil || shown(f) != "[s]{b=2}" || len(found) != 0 {
		t.Errorf("%v %v %v", f, found, err)
	}
}

func TestIncludedNames(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.conf": "a=1\n", "b.conf": "b=1\n", "c d.conf": "c=1\n", "sip.conf": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{
		"#include {b,a}.conf":                                "[s]{b=1|a=1}",
		"#include \"c d.conf\"":                              "[s]{c=1}",
		"#include <a.conf>":                                  "[s]{a=1}",
		"#include [ab].conf ; x":                             "[s]{a=1|b=1}",
		"#tryinclude *.none":                                 "[s]{}",
		"#include " + filepath.ToSlash(dir) + "/{a,no}.conf": "[s]{a=1}",
	} {
		f, found, err := (&Loader{Dir: dir}).Parse("sip.conf", []byte("[s]\n"+text+"\n"))
		if err != nil || shown(f) != want || len(found) != 0 {
			t.Errorf("%s: %v %v %v", text, f, found, err)
		}
	}
	for _, refused := range []string{"#include *.none", "#include", "#include {x,y}.conf"} {
		if _, _, err := (&Loader{Dir: dir}).Parse("sip.conf", []byte("[s]\n"+refused+"\n")); err == nil || !strings.HasPrefix(err.Error(), "sip.conf:2: ") {
			t.Errorf("%s: %v", refused, err)
		}
	}
	if names := braces(strings.Repeat("{a,b}", 40), maxBraces); len(names) > maxBraces {
		t.Errorf("%d names", len(names))
	}
}

func TestIncludesAreBounded(t *testing.T) {
	files := make(map[string]string)
	for i := range 8 {
		files[string(rune('a'+i))+".conf"] = strings.Repeat("#include "+string(rune('b'+i))+".conf\n", 20)
	}
	files["i.conf"] = ""
	if _, _, err := loaderOf(files).Load("a.conf"); err == nil || !strings.Contains(err.Error(), "more than 10000 files") {
		t.Errorf("%v", err)
	}
}

func TestInheritanceIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("[t0](!)\na=1\n")
	for i := range 40 {
		fmt.Fprintf(&b, "[t%d](!,t%d,t%d)\n", i+1, i, i)
	}
	if _, _, err := loaderOf(nil).Parse("x.conf", []byte(b.String())); err == nil || !strings.Contains(err.Error(), "inherits more than 10000") {
		t.Errorf("%v", err)
	}
}

func BenchmarkTenThousandPeers(b *testing.B) {
	var text strings.Builder
	text.WriteString("[phone](!)\ntype=friend\nhost=dynamic\ncontext=my\nqualify=yes\n")
	for i := range 10000 {
		fmt.Fprintf(&text, "[%d](phone)\nsecret=%d ; x\n", i, i)
	}
	data := []byte(text.String())
	for b.Loop() {
		if _, _, err := loaderOf(nil).Parse("sip.conf", data); err != nil {
			b.Fatal(err)
		}
	}
}

func TestLongLine(t *testing.T) {
	f, found, err := loaderOf(nil).Parse("x.conf", []byte("[s]\na="+strings.Repeat("x", maxLine)+"\nb=1\n"))
	if err != nil || shown(f) != "[s]{b=1}" || len(found) != 1 || found[0].Line != 2 {
		t.Errorf("%v %v %v", f, found, err)
	}
}

func TestValues(t *testing.T) {
	for value, want := range map[string]int{"yes": 1, "TRUE": 1, " on ": 1, "1": 1, "y": 1, "t": 1, "no": -1, "Off": -1, "0": -1, "2": 0, "": 0, "yes\u00a0": 0} {
		got := 0
		if True(value) {
			got++
		}
		if False(value) {
			got--
		}
		if got != want {
			t.Errorf("%q: %d", value, got)
		}
	}
	s := Section{Entries: []Entry{{Key: "Allow", Value: "ulaw"}, {Key: "x"}, {Key: "allow", Value: "gsm"}}}
	if v, ok := s.Get("ALLOW"); !ok || v != "gsm" || strings.Join(s.All("allow"), ",") != "ulaw,gsm" {
		t.Errorf("%q %v", v, s.All("allow"))
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
