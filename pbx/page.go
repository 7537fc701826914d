package pbx

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Page is the manual page of an application or a function. It lies beside its
// code under its name in lower case, dial.md:
//
//	# Dial
//	One line that says what it does.
//	```syntax
//	Dial(Technology/Resource[&...],[timeout],[options],[URL])
//	```
//	What there is to say: arguments, options, result variables.
//	```dialplan keys=12 dial=busy
//	exten => s,1,Set(X=${LEN(abc)})
//	```
//	```steps
//	default,s,1:Set(X=3)
//	```
//
// A block dialplan is an example; what stands after the word are settings of its
// run, and a block steps behind it is what a run of it prints.
type Page struct {
	Name        string
	Synopsis    string
	Syntax      string
	Description string // plain text; examples are indented, what they print is left out
	Examples    []Example
}

// Example is a dialplan that shows what an application or a function does.
type Example struct {
	Settings map[string]string // keys=12
	Dialplan string
	Steps    string // what a run prints; "" where the page doesn't say
}

// ReadPages reads all pages of a folder, by their names in lower case.
func ReadPages(folder fs.FS) (map[string]Page, error) {
	names, err := fs.Glob(folder, "*.md")
	if err != nil {
		return nil, err
	}
	pages := make(map[string]Page, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		p, err := ParsePage(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		stem := strings.TrimSuffix(path.Base(name), ".md")
		if strings.ToLower(p.Name) != stem {
			return nil, fmt.Errorf("%s: it is the page of %s", name, p.Name)
		}
		pages[stem] = p
	}
	return pages, nil
}

// Describe gives applications what their pages in the folder say: Synopsis, Syntax
// and Description. It panics for a page that can't be read, since those are part of
// the program.
func Describe(folder fs.FS, apps []Application) []Application {
	pages := mustReadPages(folder)
	for i := range apps {
		p := pages[strings.ToLower(apps[i].Name)]
		apps[i].Synopsis, apps[i].Syntax, apps[i].Description = p.Synopsis, p.Syntax, p.Description
	}
	return apps
}

// DescribeFunctions is Describe for functions.
func DescribeFunctions(folder fs.FS, functions []Function) []Function {
	pages := mustReadPages(folder)
	for i := range functions {
		p := pages[strings.ToLower(functions[i].Name)]
		functions[i].Synopsis, functions[i].Syntax, functions[i].Description = p.Synopsis, p.Syntax, p.Description
	}
	return functions
}

func mustReadPages(folder fs.FS) map[string]Page {
	pages, err := ReadPages(folder)
	if err != nil {
		panic("a manual page of the program: " + err.Error())
	}
	return pages
}

// ParsePage reads one page.
func ParsePage(text string) (Page, error) {
	var p Page
	text = strings.ReplaceAll(text, "\r\n", "\n")
	head, rest, _ := strings.Cut(text, "\n")
	name, ok := strings.CutPrefix(head, "# ")
	if !ok {
		return p, fmt.Errorf("it does not begin with # and a name")
	}
	p.Name = strings.TrimSpace(name)
	p.Synopsis, rest, _ = strings.Cut(strings.TrimLeft(rest, "\n"), "\n")
	var out []string
	lines := strings.Split(rest, "\n")
	for i := 0; i < len(lines); i++ {
		kind, block := strings.CutPrefix(lines[i], "```")
		if !block {
			out = append(out, lines[i])
			continue
		}
		body := ""
		for i++; i < len(lines) && lines[i] != "```"; i++ {
			body += lines[i] + "\n"
		}
		if i == len(lines) {
			return p, fmt.Errorf("the block ```%s has no end", kind)
		}
		shown, err := p.block(kind, body)
		if err != nil {
			return p, err
		}
		out = append(out, shown...)
	}
	p.Description = strings.TrimSpace(strings.Join(out, "\n"))
	if p.Synopsis == "" || p.Syntax == "" {
		return p, fmt.Errorf("it lacks its line of summary or its block ```syntax")
	}
	return p, nil
}

// block takes a block in and returns what the console shows of it.
func (p *Page) block(kind, body string) (shown []string, err error) {
	words := strings.Fields(kind)
	switch {
	case kind == "syntax":
		p.Syntax = strings.TrimSpace(body)
		return nil, nil
	case kind == "steps" && len(p.Examples) > 0:
		p.Examples[len(p.Examples)-1].Steps = body
		return nil, nil
	case len(words) > 0 && words[0] == "dialplan":
		e := Example{Settings: make(map[string]string), Dialplan: body}
		for _, w := range words[1:] {
			k, v, ok := strings.Cut(w, "=")
			if !ok {
				return nil, fmt.Errorf("```%s: %s is not of the form name=value", kind, w)
			}
			e.Settings[k] = v
		}
		p.Examples = append(p.Examples, e)
	case kind == "steps":
		return nil, fmt.Errorf("```steps without a ```dialplan before it")
	}
	for _, line := range strings.Split(strings.TrimRight(body, "\n"), "\n") {
		shown = append(shown, strings.TrimRight("    "+line, " "))
	}
	return shown, nil
}
