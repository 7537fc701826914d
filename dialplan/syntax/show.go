package syntax

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Show prints a plan as `dialplan show` does; the newest context comes first.
// filter is [exten@]context, or "" for everything.
func Show(w io.Writer, p *Plan, filter string) error {
	out := bufio.NewWriter(w)
	s := shower{out: out}
	s.exten, s.context = "", filter
	if exten, context, ok := strings.Cut(filter, "@"); ok {
		s.exten, s.context = exten, context
	}
	for i := len(p.Contexts) - 1; i >= 0; i-- {
		if c := p.Contexts[i]; s.context == "" || c.Name == s.context {
			s.show(c)
		}
	}
	s.close(p)
	return out.Flush()
}

type shower struct {
	out                              *bufio.Writer
	exten, context                   string
	contexts, extensions, priorities int
	found                            bool
}

func (s *shower) line(left, right string, at string) {
	fmt.Fprintf(s.out, "  %-17s %-45s [%s]\n", left, right, at)
}

func (s *shower) show(c *Context) {
	headed := false
	head := func() {
		if !headed {
			headed, s.found = true, true
			s.contexts++
			fmt.Fprintf(s.out, "[ Context '%s' created by 'pbx_config' ]\n", c.Name)
		}
	}
	if s.exten == "" {
		head()
		if c.Autohints {
			fmt.Fprintln(s.out, "  Autohints support enabled")
		}
	}
	for _, i := range c.set.Ordered() {
		if s.exten == "" || s.wants(c, i) {
			head()
			s.extension(c.Extensions[i])
		}
	}
	if s.exten == "" {
		s.rest(c)
	}
	if headed {
		fmt.Fprintln(s.out)
	}
}

// wants says whether an extension is the one asked for, or matches it.
func (s *shower) wants(c *Context, i int) bool {
	if c.Extensions[i].Name == s.exten {
		return true
	}
	_, ok := c.set.Match(s.exten, "", func(j int) bool { return j == i })
	return ok
}

func (s *shower) extension(e *Extension) {
	s.extensions++
	left := fmt.Sprintf("'%s' =>", e.Name)
	if e.HasCID {
		left = fmt.Sprintf("'%s' (CID match '%s') => ", e.Name, e.CallerID)
	}
	if e.Hint != nil {
		s.priorities++
		s.line(left, "hint: "+e.Hint.App, e.Hint.Pos.String())
		left = ""
	}
	for _, p := range e.Priorities {
		s.priorities++
		if left == "" && p.Label != "" {
			left = fmt.Sprintf("%17s", "   ["+p.Label+"]")
		}
		s.line(left, fmt.Sprintf("%d. %s(%s)", p.N, p.App, p.Data), p.Pos.String())
		left = ""
	}
}

// rest prints what is no extension.
func (s *shower) rest(c *Context) {
	for _, in := range c.Includes {
		s.line("Include =>", "'"+in.Text+"'", in.Pos.String())
	}
	for _, ip := range c.IgnorePats {
		s.line("Ignore pattern =>", "'"+ip.Pattern+"'", ip.Pos.String())
	}
	for _, sw := range c.Switches {
		s.line("Alt. Switch =>", "'"+sw.Text+"'", sw.Pos.String())
	}
}

func (s *shower) close(p *Plan) {
	switch {
	case s.context != "" && p.Context(s.context) == nil:
		fmt.Fprintf(s.out, "There is no existence of '%s' context\n", s.context)
	case !s.found && s.exten != "" && s.context != "":
		fmt.Fprintf(s.out, "There is no existence of %s@%s extension\n", s.exten, s.context)
	case !s.found && s.exten != "":
		fmt.Fprintf(s.out, "There is no existence of '%s' extension in all contexts\n", s.exten)
	default:
		fmt.Fprintf(s.out, "-= %d %s (%d %s) in %d %s. =-\n", s.extensions, plural(s.extensions, "extension", "extensions"),
			s.priorities, plural(s.priorities, "priority", "priorities"), s.contexts, plural(s.contexts, "context", "contexts"))
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
