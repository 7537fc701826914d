package file

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"obelus/function/functiontest"
	"obelus/internal/shell"
)

// facts are what the original read and wrote.
func facts(t testing.TB) [][]string {
	t.Helper()
	data, err := os.ReadFile("testdata/file-function.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		for i := range f {
			f[i] = strings.ReplaceAll(f[i], `\n`, "\n")
		}
		all = append(all, f)
	}
	return all
}

func TestFacts(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(shell.Output))
	name := filepath.Join(t.TempDir(), "f")
	for _, f := range facts(t) {
		id, op, before, args, value, want := f[0], f[1], f[2], f[3], f[4], f[5]
		if err := os.WriteFile(name, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		var got string
		switch op {
		case "read":
			got = x.Expand("${FILE(" + name + "," + args + ")}")
		case "write":
			if err := x.Assign("FILE("+name+","+args+")", value); err != nil {
				t.Errorf("%s: %v", id, err)
			}
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got = string(b)
		default:
			t.Fatalf("%s: %q", id, op)
		}
		if warned := w.Take(); got != want || len(warned) > 0 {
			t.Errorf("%s: %s %q (%s) = %q: %q, want %q; warned %q", id, op, before, args, value, got, want, warned)
		}
	}
}

// TestWrites are the ways of writing that the facts have no row for.
func TestWrites(t *testing.T) {
	x, _ := functiontest.New(t, &functiontest.Leg{}, Table(shell.Output))
	name := filepath.Join(t.TempDir(), "f")
	const none = "(none)"
	for _, c := range []struct{ before, args, value, want string }{
		{none, "", "new", "new"},
		{none, ",,l", "new", "new\n"},
		{none, ",,a", "a", "a"},
		{none, ",,al,u", "a", "a\n"},
		{none, ",,al,d", "a", "a\r\n"},
		{none, "2,1,l", "a", "a\n"},
		{none, "2,1", "a", "\x00\x00a"},
		{"abc", ",,a", "d", "abcd"},
		{"abc\n", ",,al", "d", "abc\nd\n"},
		{"abc\r\n", ",,al", "d", "abc\r\nd\r\n"},
		{"abc\r", ",,al", "d", "abc\rd\r"},
		{"abc\n", ",,ald", "d", "abc\nd"},
		{"a\r\nb\r\nc\r\n", "1,1,l", "x", "a\r\nx\r\nc\r\n"},
		{"a\nb\nc", "-1,1,l", "x", "a\nb\nx\n"},
		{"abcdef", ",2", "x", "xcdef"},
		{"abcdef", "4,0", "bar", "abcdbaref"},
		{"abcdef", "-100,1", "x", "xbcdef"},
		{"abcdef", "2,-100", "x", "abxcdef"},
		{"abcdef", "8", "x", "abcdef\x00\x00x"},
	} {
		os.Remove(name)
		if c.before != none {
			if err := os.WriteFile(name, []byte(c.before), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		err := x.Assign("FILE("+name+","+c.args+")", c.value)
		got, readErr := os.ReadFile(name)
		if err != nil || readErr != nil || string(got) != c.want {
			t.Errorf("%q (%s) = %q: %q, want %q; %v %v", c.before, c.args, c.value, got, c.want, err, readErr)
		}
	}
}

func TestComplaints(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"unix": "a\nb\n", "dos": "a\r\nb", "mac": "a\rb\r", "none": "a"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, []byte(strings.Repeat("x", 70000)), 0o600); err != nil {
		t.Fatal(err)
	}
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(shell.Output))
	x.Set("d", dir)
	functiontest.Cases{
		{"${FILE(${d}/unix,1,1,l)}|${FILE(${d}/dos,0,1,l)}|${FILE(${d}/dos,0,1,l,u)}", "b\n|a\r\n|a\r\n", ""},
		{"${FILE(${d}/none,0,1,l)}|${FILE(${d}/dos,1,1,l)}", "a|b", ""},
		{"${FILE_FORMAT(${d}/unix)}${FILE_FORMAT(${d}/dos)}${FILE_FORMAT(${d}/mac)}${FILE_FORMAT(${d}/none)}", "udmx", ""},
		{"${FILE_COUNT_LINE(${d}/unix)}${FILE_COUNT_LINE(${d}/dos)}${FILE_COUNT_LINE(${d}/mac)}${FILE_COUNT_LINE(${d}/none)}${FILE_COUNT_LINE(${d}/dos,m)}", "21201", ""},
		{"${STAT(e,${d}/unix)}${STAT(f,${d}/unix)}${STAT(d,${d}/unix)}${STAT(s,${d}/unix)}${STAT(d,${d})}${STAT(f,${d})}", "110410", ""},
		{"${STAT(m,${d}/unix)}|${STAT(e,${d}/nosuch)}${STAT(s,${d}/nosuch)}${STAT(x,${d})}", "100640|000", ""},
		{"${BASENAME(/a/b.wav)}|${BASENAME(/a/b/)}|${DIRNAME(/a/b.wav)}|${DIRNAME(/a/b/)}|${DIRNAME(b)}|${DIRNAME(/)}", "b.wav|b|/a|/a|.|/", ""},
		{"${LENGTHY}${FILE(${d}/big,0,3)}", "xxx", ""},
		{"${FILE(${d}/nosuch)}", "", "Cannot open file '" + dir + "/nosuch' for reading: No such file or directory"},
		{"${FILE(${d}/big)}", "", "FILE(" + dir + "/big) would be 70000 bytes, more than 65536: an offset and a length read a piece"},
		{"${FILE(${d}/unix,x)}", "", "Invalid offset 'x'"},
		{"${FILE(${d}/unix,,9x)}", "", "Invalid length '9x'"},
		{"${FILE()}", "", "FILE requires a filename: FILE(<filename>[,<offset>[,<length>[,<options>[,<format>]]]])"},
		{"${STAT()}", "", "STAT requires arguments: STAT(<flag>,<filename>)"},
		{"${FILE_FORMAT()}", "", "FILE_FORMAT requires a filename"},
		{"${FILE_COUNT_LINE(${d}/nosuch)}", "-1", "Cannot open file '" + dir + "/nosuch' for reading: No such file or directory"},
		{"${FILE_COUNT_LINE()}", "", "FILE_COUNT_LINE requires a filename"},
		{"${BASENAME()}", "", "BASENAME requires a filename"},
		{"${DIRNAME()}", "", "DIRNAME requires a filename"},
	}.Run(t, x, w)
	for _, flag := range []string{"A", "C", "M"} {
		if n, err := strconv.Atoi(x.Expand("${STAT(" + flag + ",${d}/unix)}")); err != nil || n < 1e9 {
			t.Errorf("STAT(%s) is %d, %v", flag, n, err)
		}
	}
	if err := x.Assign("FILE("+dir+"/no/such)", "x"); err == nil || err.Error() != "Cannot open file '"+dir+"/no/such' for writing: No such file or directory" {
		t.Errorf("a write: %v", err)
	}
}

// FuzzFile: what is read is a piece of the file, what is written stands in it.
func FuzzFile(f *testing.F) {
	for _, row := range facts(f) {
		f.Add(row[2], row[3], row[4])
	}
	f.Add("a\r\nb", "-9223372036854775808,-9223372036854775808,l", "x")
	f.Add("a\rb", "9223372036854775807,9223372036854775807,l,m", "x")
	f.Fuzz(func(t *testing.T, text, args, value string) {
		s, err := parseSpan("f," + args)
		if err != nil {
			return
		}
		if from, to := s.bounds([]byte(text)); from < 0 || to < from || to > int64(len(text)) {
			t.Errorf("(%s) of %q is %d to %d", args, text, from, to)
		}
	})
}
