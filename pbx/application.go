package pbx

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Application is what a step of the dialplan runs. Applications are a table
// returned by a function; nothing registers itself.
type Application struct {
	Name        string // as the original spells it: case does not matter in the dialplan
	Synopsis    string // one line for core show applications
	Syntax      string // Dial(Technology/Resource[&...],[timeout],[options],[URL])
	Description string // the manual, plain text

	// Run carries the step out with its data, substituted already. It returns
	// nil to go on with the next priority, or one of: [ErrHangup],
	// [ErrIncomplete], [ErrLeave], [*Dialled], the context's cause. Any other error is
	// logged with the step, and the channel goes on: bad arguments do not
	// end a call unless the original lets them.
	Run func(ctx context.Context, x *Exec, data string) error

	// Check, if not nil, says what of the data (not substituted) is not
	// supported, a line each, for obelus check.
	Check func(data string) []string
}

// What an application returns to steer the dialplan.
var (
	// ErrHangup ends the dialplan; h runs.
	ErrHangup = errors.New("hang up")
	// ErrIncomplete says that the extension dialled may go on: more digits
	// are wanted.
	ErrIncomplete = errors.New("the extension is incomplete")
	// ErrLeave ends the macro that the step is in ([Exec.Within]), and outside
	// of one is as ErrHangup.
	ErrLeave = errors.New("leave the macro")
)

// Dialled is what an application returns when the caller has begun to dial an
// extension of the present context. The dialplan collects the rest.
type Dialled struct{ Digits string }

// Error says so.
func (d *Dialled) Error() string { return "dialled " + d.Digits }

// Function is a dialplan function, ${NAME(args)} and Set(NAME(args)=value).
type Function struct {
	Name        string // case matters, as in the original
	Synopsis    string
	Syntax      string
	Description string

	Read  func(x *Exec, args string) (string, error)
	Write func(x *Exec, args, value string) error

	// GuardRead and GuardWrite say that reading or writing it reaches beyond
	// the telephone: programs, files, other servers. The dialplan may always;
	// whoever asks from outside ([Exec.Outside]) only with live_dangerously.
	GuardRead, GuardWrite bool
}

// table holds the applications and functions by name.
type table struct {
	apps      map[string]*Application // lower case
	functions map[string]*Function
}

func newTable(apps []Application, functions []Function) table {
	t := table{make(map[string]*Application, len(apps)), make(map[string]*Function, len(functions))}
	for i := range apps {
		t.apps[strings.ToLower(apps[i].Name)] = &apps[i]
	}
	for i := range functions {
		t.functions[functions[i].Name] = &functions[i]
	}
	return t
}

// Application returns the application of that name, in any case of letters.
func (t table) Application(name string) (*Application, bool) {
	if a, ok := t.apps[name]; ok {
		return a, true
	}
	a, ok := t.apps[strings.ToLower(name)]
	return a, ok
}

// Function returns the function of exactly that name.
func (t table) Function(name string) (*Function, bool) {
	f, ok := t.functions[name]
	return f, ok
}

// Applications lists all applications by name.
func (t table) Applications() []*Application {
	all := make([]*Application, 0, len(t.apps))
	for _, a := range t.apps {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *Application) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return all
}

// Functions lists all functions by name.
func (t table) Functions() []*Function {
	all := make([]*Function, 0, len(t.functions))
	for _, f := range t.functions {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b *Function) int { return strings.Compare(a.Name, b.Name) })
	return all
}
