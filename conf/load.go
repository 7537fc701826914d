package conf

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The bounds of the original.
const (
	maxLine    = 8192 // bytes; a longer line is passed over
	maxInclude = 10   // how deep files include files
)

// Bounds of our own.
const (
	maxBraces    = 1000        // names that one #include may stand for by {a,b}
	maxFiles     = 10000       // files that one file may include in all
	maxInherited = 10000       // lines that a section may have when it inherits
	execTime     = time.Minute // what an #exec may take
	execBytes    = 64 << 20    // what it may write
)

// Loader loads files of one configuration directory. The zero value of each
// function means the file system.
type Loader struct {
	Dir          string // what relative names are relative to
	ExecIncludes bool   // execincludes=yes of asterisk.conf
	ReadFile     func(path string) ([]byte, error)
	Glob         func(pattern string) ([]string, error)
	Run          func(command string) ([]byte, error) // for #exec: its output
}

// Load reads a file and all that it includes. It fails, with file and line,
// where the original refuses the whole file; a file that does not exist is
// [fs.ErrNotExist]. The diagnostics are of value in both cases.
func (l *Loader) Load(name string) (*File, []Diagnostic, error) {
	p := newParser(l, name)
	data, err := l.read(l.path(name))
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	}
	if err := p.text(name, data, 0); err != nil {
		return nil, p.found, err
	}
	return p.file, p.found, nil
}

// Parse reads a text as the file of that name. It may include files of the
// loader's directory.
func (l *Loader) Parse(name string, data []byte) (*File, []Diagnostic, error) {
	p := newParser(l, name)
	if err := p.text(name, data, 0); err != nil {
		return nil, p.found, err
	}
	return p.file, p.found, nil
}

func (l *Loader) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(l.Dir, name)
}

func (l *Loader) read(path string) ([]byte, error) {
	if l.ReadFile != nil {
		return l.ReadFile(path)
	}
	return os.ReadFile(path)
}

// match lists the files that a name stands for: alternatives in braces in their
// order, the matches of wildcards sorted.
func (l *Loader) match(name string) []string {
	var all []string
	for _, name := range braces(name, maxBraces) {
		path := l.path(name)
		if !strings.ContainsAny(name, "*?[") {
			all = append(all, path)
			continue
		}
		glob := l.Glob
		if glob == nil {
			glob = filepath.Glob
		}
		found, _ := glob(path) // a malformed pattern matches nothing
		slices.Sort(found)
		all = append(all, found...)
	}
	return all
}

// braces writes {a,b}.conf out as a.conf and b.conf, innermost braces last, into
// at most limit names.
func braces(name string, limit int) []string {
	open := strings.IndexByte(name, '{')
	if open < 0 || limit < 2 {
		return []string{name}
	}
	depth, from, choices := 0, open+1, []string(nil)
	for i := open; i < len(name); i++ {
		switch c := name[i]; {
		case c == '{':
			depth++
		case c == ',' && depth == 1:
			choices = append(choices, name[from:i])
			from = i + 1
		case c == '}' && depth == 1:
			var all []string
			for _, choice := range append(choices, name[from:i]) {
				if left := limit - len(all); left > 0 {
					all = append(all, braces(name[:open]+choice+name[i+1:], left)...)
				}
			}
			return all
		case c == '}':
			depth--
		}
	}
	return []string{name}
}

// run runs a command of #exec with the shell, as the original does, and returns
// what it writes.
func (l *Loader) run(command string) ([]byte, error) {
	if l.Run != nil {
		return l.Run(command)
	}
	ctx, cancel := context.WithTimeout(context.Background(), execTime)
	defer cancel()
	shell, flag := "/bin/sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/C"
	}
	cmd := exec.CommandContext(ctx, shell, flag, command)
	cmd.Dir = l.Dir
	cmd.WaitDelay = time.Second // for a child that keeps the pipe open
	out := bounded{most: execBytes, over: cancel}
	cmd.Stdout = &out
	err := cmd.Run()
	switch {
	case out.full:
		return out.kept.Bytes(), fmt.Errorf("it wrote more than %d MiB", execBytes>>20)
	case ctx.Err() != nil:
		return out.kept.Bytes(), fmt.Errorf("not done after %v", execTime)
	}
	return out.kept.Bytes(), err
}

// bounded keeps what is written to it up to a bound, and says when that is passed.
type bounded struct {
	kept bytes.Buffer // not embedded: its ReadFrom would pass Write by
	most int
	full bool
	over func()
}

func (b *bounded) Write(p []byte) (int, error) {
	if room := b.most - b.kept.Len(); len(p) > room {
		b.kept.Write(p[:room])
		b.full = true
		b.over()
		return room, io.ErrShortWrite
	}
	return b.kept.Write(p)
}
