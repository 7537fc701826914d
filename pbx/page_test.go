package pbx

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

const samplePage = "# Sample\nDoes a thing.\n\n```syntax\nSample([x])\n```\n\nIt does it.\n\nOptions:\n  x  More.\n\n```dialplan keys=12 dial=busy\nexten => s,1,Sample(x)\n```\n```steps\ndefault,s,1:Sample(x)\n```\n"

// TestPage reads a page.
func TestPage(t *testing.T) {
	want := Page{
		Name: "Sample", Synopsis: "Does a thing.", Syntax: "Sample([x])",
		Description: "It does it.\n\nOptions:\n  x  More.\n\n    exten => s,1,Sample(x)",
		Examples: []Example{{
			Settings: map[string]string{"keys": "12", "dial": "busy"}, Dialplan: "exten => s,1,Sample(x)\n", Steps: "default,s,1:Sample(x)\n",
		}},
	}
	for _, text := range []string{samplePage, strings.ReplaceAll(samplePage, "\n", "\r\n")} {
		if got, err := ParsePage(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

// TestBadPages refuses what is no page, and says why.
func TestBadPages(t *testing.T) {
	for text, want := range map[string]string{
		"Sample\n":             "does not begin with #",
		"# Sample\nDoes.\n":    "```syntax",
		"# S\nD.\n```syntax\n": "has no end",
		"# S\nD.\n```syntax\nS()\n```\n```steps\nx\n```\n":       "without a ```dialplan",
		"# S\nD.\n```syntax\nS()\n```\n```dialplan keys\nx\n```": "not of the form",
	} {
		if _, err := ParsePage(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
	if _, err := ReadPages(fstest.MapFS{"other.md": {Data: []byte(samplePage)}}); err == nil || !strings.Contains(err.Error(), "page of Sample") {
		t.Errorf("a page under another's name: %v", err)
	}
}

// TestDescribe gives an application what its page says, and leaves one without alone.
func TestDescribe(t *testing.T) {
	folder := fstest.MapFS{"sample.md": {Data: []byte(samplePage)}}
	got := Describe(folder, []Application{{Name: "Sample"}, {Name: "Other"}})
	if got[0].Synopsis != "Does a thing." || got[0].Syntax != "Sample([x])" || got[1].Synopsis != "" {
		t.Errorf("%+v", got)
	}
	f := DescribeFunctions(folder, []Function{{Name: "SAMPLE"}})
	if !strings.HasPrefix(f[0].Description, "It does it.") {
		t.Errorf("%+v", f)
	}
}
