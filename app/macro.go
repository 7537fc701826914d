package app

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"obelus/call"
	"obelus/pbx"
)

// macros is what the applications of the Macro family share.
type macros struct {
	deprecated sync.Once

	mu   sync.Mutex
	open map[string]chan struct{} // of MacroExclusive, by context: one value in it while nobody is inside
}

const (
	macroDepth   = 7   // how deep macros nest where MACRO_RECURSION does not say
	macroDeepest = 500 // whatever it says: each takes room on the stack
	macroArgs    = 80  // the name included
)

// table lists the applications of the family.
func (m *macros) table() []pbx.Application {
	return []pbx.Application{
		{Name: "Macro", Run: func(ctx context.Context, x *pbx.Exec, data string) error { return m.run(ctx, x, data, false) }},
		{Name: "MacroExclusive", Run: func(ctx context.Context, x *pbx.Exec, data string) error { return m.run(ctx, x, data, true) }},
		{Name: "MacroExit", Run: func(context.Context, *pbx.Exec, string) error { return pbx.ErrLeave }},
		{Name: "MacroIf", Run: m.runIf},
	}
}

func (m *macros) runIf(ctx context.Context, x *pbx.Exec, data string) error {
	cond, rest, ok := strings.Cut(data, "?")
	if !ok {
		x.Warn("Invalid Syntax.")
		return nil
	}
	yes, no, both := strings.Cut(rest, ":")
	switch {
	case truth(cond):
		return m.run(ctx, x, yes, false)
	case both:
		return m.run(ctx, x, no, false)
	}
	return nil
}

// run carries a macro out. What makes it impossible is said, and the dialplan
// goes on, as in the original; only nothing at all ends it.
func (m *macros) run(ctx context.Context, x *pbx.Exec, data string, exclusive bool) error {
	m.deprecated.Do(func() {
		x.Warn("Macro() is deprecated and will be removed from a future version of Asterisk.")
		x.Warn("Dialplan should be updated to use Gosub instead.")
	})
	if data == "" {
		x.Warn(`Macro() requires arguments. See "core show application macro" for help.`)
		return pbx.ErrHangup
	}
	depth, deepest := number(x, "MACRO_DEPTH", 0), min(number(x, "MACRO_RECURSION", macroDepth), macroDeepest)
	if depth >= deepest {
		x.Channel().Log().Error("Macro():  possible infinite loop detected.  Returning early.")
		return nil
	}
	words := strings.SplitN(data, ",", macroArgs)
	to := call.Place{Context: "macro-" + words[0], Exten: "s", Priority: 1}
	if words[0] == "" {
		x.Warn("Invalid Macro name specified")
		return nil
	}
	if x.Find(to) == nil {
		sayNoMacro(x, to, words[0])
		return nil
	}
	if exclusive {
		leave, err := m.enter(ctx, to.Context)
		if err != nil {
			return err
		}
		defer leave()
	}
	return runMacro(ctx, x, to, words[1:], depth)
}

func sayNoMacro(x *pbx.Exec, to call.Place, name string) {
	if x.Plan().Context(to.Context) == nil {
		from := x.Place()
		x.Warnf("No such context '%s' for macro '%s'. Was called by %s@%s", to.Context, name, from.Exten, from.Context)
		return
	}
	x.Warnf("Context '%s' for macro '%s' lacks 's' extension, priority 1", to.Context, name)
}

// runMacro runs the macro's steps with its variables, and puts the caller's back.
func runMacro(ctx context.Context, x *pbx.Exec, to call.Place, args []string, depth int) error {
	from, subroutines := x.Place(), x.Depth()
	offset := 0
	restore := replaceVars(x, map[string]string{"MACRO_EXTEN": from.Exten, "MACRO_CONTEXT": from.Context, "MACRO_PRIORITY": strconv.Itoa(from.Priority)})
	restoreOffset := replaceVars(x, map[string]string{"MACRO_OFFSET": ""})
	given := make(map[string]string, len(args))
	for i, a := range args {
		given["ARG"+strconv.Itoa(i+1)] = a
	}
	restoreArgs := replaceVars(x, given)
	inside := strconv.Itoa(depth + 1)
	x.Set("MACRO_DEPTH", inside)

	jumped := false
	err := x.Within(ctx, to, func() bool {
		x.Set("MACRO_DEPTH", inside) // whatever a step has made of it
		jumped = x.Depth() <= subroutines && !strings.EqualFold(x.Place().Context, to.Context)
		if jumped {
			x.Verbose(2, "Channel '"+x.Channel().Name()+"' jumping out of macro '"+strings.TrimPrefix(to.Context, "macro-")+"'")
		}
		return jumped
	})
	x.Set("MACRO_DEPTH", strconv.Itoa(depth))
	restoreArgs()
	restore()
	offset = number(x, "MACRO_OFFSET", 0)
	restoreOffset()
	if err == nil && !jumped && offset != 0 {
		skip(x, offset)
	}
	return err
}

// skip goes on offset steps further on than the next, where there is one.
func skip(x *pbx.Exec, offset int) {
	next := x.Place()
	next.Priority += offset + 1
	if x.Find(next) != nil {
		x.Jump(next)
	}
}

// enter waits until nobody else is in that macro by MacroExclusive.
func (m *macros) enter(ctx context.Context, name string) (leave func(), err error) {
	m.mu.Lock()
	door := m.open[name]
	if door == nil {
		if m.open == nil {
			m.open = make(map[string]chan struct{})
		}
		door = make(chan struct{}, 1)
		door <- struct{}{}
		m.open[name] = door
	}
	m.mu.Unlock()
	select {
	case <-door:
		return func() { door <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// number reads a variable that holds a number.
func number(x *pbx.Exec, name string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(x.Get(name)))
	if err != nil {
		return otherwise
	}
	return n
}

// replaceVars sets variables of the channel, and returns what puts back what they
// were.
func replaceVars(x *pbx.Exec, values map[string]string) (restore func()) {
	vars := &x.Channel().Vars
	before := make(map[string]string, len(values))
	for name, value := range values {
		if old, was := vars.Get(name); was {
			before[name] = old
		}
		vars.Set(name, value)
	}
	return func() {
		for name := range values {
			if old, was := before[name]; was {
				vars.Set(name, old)
			} else {
				vars.Unset(name)
			}
		}
	}
}
