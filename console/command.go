package console

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Command is one console command.
type Command struct {
	// Words are what it is called by: "sip show peer". A word in brackets is
	// one of several: "core set {verbose|debug}".
	Words   string
	Args    string // what may follow: "<name> [load]"
	Summary string // one line for help
	Help    string // more, for core show help; may be empty

	// Run carries it out. A usage error is [ErrUsage].
	Run func(ctx context.Context, s *Session, args []string) error
	// Complete lists what the next argument may be, given those before it;
	// may be nil.
	Complete func(args []string) []string
}

// ErrUsage says that the arguments don't fit: the usage line is shown.
var ErrUsage = fmt.Errorf("usage")

// Session is one attached console, or one command of one.
type Session struct {
	io.Writer
	Verbosity int  // what core set verbose chose
	Remote    bool // attached by the socket
	Watching  bool // it is shown what happens, too
	End       bool // set by quit and exit
}

// Printf writes to the console.
func (s *Session) Printf(format string, args ...any) { fmt.Fprintf(s, format, args...) }

// Table is the commands. It is filled at start.
type Table struct{ commands []Command }

// Add adds commands.
func (t *Table) Add(c ...Command) {
	t.commands = append(t.commands, c...)
	slices.SortStableFunc(t.commands, func(a, b Command) int { return strings.Compare(a.Words, b.Words) })
}

// Commands lists them in alphabetical order.
func (t *Table) Commands() []Command { return t.commands }

// Run carries out a line.
func (t *Table) Run(ctx context.Context, s *Session, line string) {
	words := Split(line)
	if len(words) == 0 {
		return
	}
	c, args := t.find(words)
	if c == nil {
		s.Printf("No such command '%s' (type 'core show help %s' for other possible commands)\n", line, t.near(words))
		return
	}
	if err := c.Run(ctx, s, args); err == ErrUsage {
		s.Printf("Usage: %s\n", strings.TrimSpace(c.Words+" "+c.Args))
		if c.Summary != "" {
			s.Printf("       %s\n", c.Summary)
		}
	} else if err != nil {
		s.Printf("%v\n", err)
	}
}

// find returns the command with the most words that the line begins with. A
// word may be shortened where that leaves one command only.
func (t *Table) find(words []string) (*Command, []string) {
	var best *Command
	bestLen, bestExact := 0, false
	ambiguous := false
	for i := range t.commands {
		c := &t.commands[i]
		n, exact := fits(c.Words, words)
		switch {
		case n == 0:
		case n > bestLen || n == bestLen && exact && !bestExact:
			best, bestLen, bestExact, ambiguous = c, n, exact, false
		case n == bestLen && exact == bestExact:
			ambiguous = true
		}
	}
	if best == nil || ambiguous && !bestExact {
		return nil, nil
	}
	return best, words[bestLen:]
}

// fits says how many words of a line a command takes, 0 if it is another.
func fits(name string, line []string) (n int, exact bool) {
	parts := strings.Fields(name)
	if len(line) < len(parts) {
		return 0, false
	}
	exact = true
	for i, p := range parts {
		full, ok := wordFits(p, line[i])
		if !ok {
			return 0, false
		}
		exact = exact && full
	}
	return len(parts), exact
}

func wordFits(pattern, word string) (full, ok bool) {
	for _, p := range strings.Split(strings.Trim(pattern, "{}"), "|") {
		if strings.EqualFold(p, word) {
			return true, true
		}
		if len(word) > 0 && len(word) < len(p) && strings.EqualFold(p[:len(word)], word) {
			ok = true
		}
	}
	return false, ok
}

// near is as much of a line as some command begins with: what help is offered
// for.
func (t *Table) near(words []string) string {
	for n := len(words); n > 0; n-- {
		for _, c := range t.commands {
			parts := strings.Fields(c.Words)
			if len(parts) < n {
				continue
			}
			if m, _ := fits(strings.Join(parts[:n], " "), words[:n]); m == n {
				return strings.Join(words[:n], " ")
			}
		}
	}
	return words[0]
}

// Complete lists what the last word of a line may become.
func (t *Table) Complete(line string) []string {
	words := Split(line)
	last := ""
	if !strings.HasSuffix(line, " ") && len(words) > 0 {
		last, words = words[len(words)-1], words[:len(words)-1]
	}
	found := make(map[string]bool)
	for i := range t.commands {
		for _, w := range next(&t.commands[i], words) {
			if len(w) >= len(last) && strings.EqualFold(w[:len(last)], last) {
				found[w] = true
			}
		}
	}
	out := make([]string, 0, len(found))
	for w := range found {
		out = append(out, w)
	}
	slices.Sort(out)
	return out
}

// next lists the words that may follow the given ones in a command.
func next(c *Command, words []string) []string {
	parts := strings.Fields(c.Words)
	n := min(len(parts), len(words))
	if m, _ := fits(strings.Join(parts[:n], " "), words[:n]); m != n {
		return nil
	}
	if len(words) < len(parts) {
		return strings.Split(strings.Trim(parts[len(words)], "{}"), "|")
	}
	if c.Complete == nil {
		return nil
	}
	return c.Complete(words[len(parts):])
}

// Split splits a line into words. Double quotes keep blanks, a backslash takes
// the meaning of the next character away.
func Split(line string) []string {
	var out []string
	var word strings.Builder
	in, quoted := false, false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			in = true
		case c == '"':
			quoted = !quoted
			in = true
		case (c == ' ' || c == '\t' || c == '\r' || c == '\n') && !quoted:
			if in {
				out = append(out, word.String())
				word.Reset()
				in = false
			}
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if in {
		out = append(out, word.String())
	}
	return out
}

// Show makes a command's Run of what prints something and takes no arguments.
func Show(f func(w io.Writer)) func(context.Context, *Session, []string) error {
	return func(_ context.Context, c *Session, _ []string) error {
		var b strings.Builder // one write, however long
		f(&b)
		_, err := io.WriteString(c, b.String())
		return err
	}
}
