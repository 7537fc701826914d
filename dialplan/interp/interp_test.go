package interp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/conf"
	"obelus/dialplan/syntax"
)

// script is a host whose steps say what they do:
//
//	NoOp() goes on             Stop() hangs up          Fail() can't be carried out
//	Jump(c,e,p) jumps          Dialled(12) collects     Incomplete() wants more
//	Cancel() ends the context  Timeout() ends the call's absolute time
type script struct {
	machine *Machine
	keys    string // pressed one after another; - is a wait that passes
	waits   []time.Duration
	vars    []string
	steps   []string
	said    []string
	ranOut  bool
	cancel  context.CancelCauseFunc
}

func (s *script) Exec(_ context.Context, step *syntax.Priority, at Place) Outcome {
	s.steps = append(s.steps, at.String())
	if len(s.steps) > 50 {
		return Outcome{Verdict: Stop}
	}
	switch step.App {
	case "Stop":
		return Outcome{Verdict: Stop}
	case "Fail":
		return Outcome{Verdict: Failed}
	case "Dialled":
		return Outcome{Verdict: Dialled, Digits: step.Data}
	case "Incomplete":
		return Outcome{Verdict: Incomplete}
	case "Cancel":
		s.cancel(errGone)
	case "Timeout":
		s.cancel(ErrTimeout)
	case "Jump":
		to := strings.Split(step.Data, ",")
		n := 0
		fmt.Sscan(to[2], &n)
		s.machine.Jump(Place{to[0], to[1], n})
	}
	return Outcome{}
}

var errGone = errors.New("gone")

func (s *script) CallerNumber() string        { return "100" }
func (s *script) SetVar(name, value string)   { s.vars = append(s.vars, name+"="+value) }
func (s *script) Waits() (_, _ time.Duration) { return 5 * time.Second, 10 * time.Second }
func (s *script) RanOut(context.Context)      { s.ranOut = true }
func (s *script) Now() time.Time              { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) }
func (s *script) Warn(msg string)             { s.said = append(s.said, msg) }
func (s *script) Verbose(_ int, msg string)   { s.said = append(s.said, msg) }

func (s *script) Digit(ctx context.Context, d time.Duration) (byte, error) {
	s.waits = append(s.waits, d)
	if s.keys == "" {
		return 0, ctx.Err()
	}
	key := s.keys[0]
	s.keys = s.keys[1:]
	switch key {
	case '-':
		return 0, nil
	case '!':
		return 0, errGone
	}
	return key, nil
}

func TestRun(t *testing.T) {
	for name, c := range map[string]struct {
		plan, start, keys string
		steps             string // exten.priority of c, or context/exten.priority
		vars              string
		said              string
		ranOut            bool
		err               error
		waits             string
	}{
		"to the end":                  {plan: "exten => s,1,NoOp()\nexten => s,2,NoOp()", steps: "s.1 s.2", ranOut: true},
		"a step hangs up":             {plan: "exten => s,1,Stop()\nexten => s,2,NoOp()", steps: "s.1", said: "Spawn extension (c, s, 1) exited non-zero"},
		"a gap ends it":               {plan: "exten => s,1,NoOp()\nexten => s,3,NoOp()", steps: "s.1", ranOut: true},
		"a jump":                      {plan: "exten => s,1,Jump(c,x,2)\nexten => x,1,NoOp()\nexten => x,2,NoOp()", steps: "s.1 x.2", ranOut: true},
		"a jump to nowhere":           {plan: "exten => s,1,Jump(c,x,1)", steps: "s.1", said: "sent to invalid extension but no invalid handler: context,exten,priority=c,x,1"},
		"i takes it":                  {plan: "exten => s,1,Jump(c,x,1)\nexten => i,1,NoOp()", steps: "s.1 i.1", vars: "INVALID_EXTEN=x", ranOut: true},
		"e takes it":                  {plan: "exten => s,1,Jump(c,x,1)\nexten => e,1,NoOp()", steps: "s.1 e.1", vars: "EXCEPTION_REASON=INVALID EXCEPTION_CONTEXT=c EXCEPTION_EXTEN=x EXCEPTION_PRIORITY=1", ranOut: true},
		"a jump behind the end":       {plan: "exten => s,1,Jump(c,s,9)\nexten => i,1,NoOp()", steps: "s.1", ranOut: true},
		"another context":             {plan: "exten => s,1,Jump(d,s,1)\n[d]\nexten => s,1,NoOp()", steps: "s.1 d/s.1", ranOut: true},
		"s where the number is not":   {plan: "exten => s,1,NoOp()", start: "555", steps: "s.1", ranOut: true, said: "falling back to exten 's'"},
		"default where s is not":      {plan: "exten => x,1,NoOp()\n[default]\nexten => s,1,NoOp()", start: "555", steps: "default/s.1", ranOut: true},
		"nothing at all":              {plan: "exten => x,1,NoOp()", start: "555", said: "sent to invalid extension"},
		"it fails":                    {plan: "exten => s,1,Fail()\nexten => e,1,NoOp()", steps: "s.1 e.1", vars: "EXCEPTION_REASON=ERROR EXCEPTION_CONTEXT=c EXCEPTION_EXTEN=s EXCEPTION_PRIORITY=1", ranOut: true},
		"it fails for good":           {plan: "exten => s,1,Fail()\nexten => s,2,NoOp()", steps: "s.1", said: "exited ERROR"},
		"the caller leaves":           {plan: "exten => s,1,Cancel()\nexten => s,2,NoOp()", steps: "s.1", err: errGone},
		"dialled":                     {plan: "exten => s,1,Dialled(1)\nexten => 12,1,NoOp()", keys: "2", steps: "s.1 12.1", ranOut: true, waits: "5s"},
		"dialled and enough":          {plan: "exten => s,1,Dialled(7)\nexten => 7,1,NoOp()", keys: "9", steps: "s.1 7.1", ranOut: true},
		"the longer of two":           {plan: "exten => s,1,Dialled(1)\nexten => 1,1,NoOp()\nexten => 12,1,NoOp()", keys: "2", steps: "s.1 12.1", ranOut: true, waits: "5s"},
		"the shorter after a wait":    {plan: "exten => s,1,Dialled(1)\nexten => 1,1,NoOp()\nexten => 12,1,NoOp()", keys: "-2", steps: "s.1 1.1", ranOut: true, waits: "5s"},
		"dialled nonsense":            {plan: "exten => s,1,Dialled(9)\nexten => 12,1,NoOp()\nexten => i,1,Stop()", steps: "s.1 i.1", vars: "INVALID_EXTEN=9"},
		"dialled nonsense without i":  {plan: "exten => s,1,Dialled(9)\nexten => 12,1,NoOp()", steps: "s.1", said: "Invalid extension '9', but no rule 'i' or 'e' in context 'c'"},
		"dialled nonsense with e":     {plan: "exten => s,1,Dialled(9)\nexten => e,1,Stop()", steps: "s.1 e.1", vars: "EXCEPTION_REASON=INVALID EXCEPTION_CONTEXT=c EXCEPTION_EXTEN=s EXCEPTION_PRIORITY=1"},
		"the caller leaves dialling":  {plan: "exten => s,1,Dialled(1)\nexten => 12,1,NoOp()", keys: "!", steps: "s.1", waits: "5s"},
		"incomplete":                  {plan: "exten => 1,1,Incomplete()\nexten => 12,1,NoOp()", start: "1", keys: "2", steps: "1.1 12.1", ranOut: true, waits: "5s"},
		"incomplete, nothing longer":  {plan: "exten => 1,1,Incomplete()\nexten => i,1,Stop()", start: "1", keys: "2", steps: "1.1 i.1", vars: "INVALID_EXTEN=1"},
		"nothing left, no fall":       {plan: "exten => s,1,NoOp()\nexten => 12,1,Stop()", keys: "12", steps: "s.1 12.1", waits: "10s 5s"},
		"nothing left, nothing typed": {plan: "exten => s,1,NoOp()\nexten => 12,1,Stop()\nexten => t,1,Stop()", steps: "s.1 t.1", waits: "10s"},
		"nothing typed, no t":         {plan: "exten => s,1,NoOp()\nexten => 12,1,Stop()", steps: "s.1", said: "Timeout, but no rule 't' or 'e' in context 'c'", waits: "10s"},
		"nothing typed, e":            {plan: "exten => s,1,NoOp()\nexten => 12,1,Stop()\nexten => e,1,Stop()", steps: "s.1 e.1", vars: "EXCEPTION_REASON=RESPONSETIMEOUT EXCEPTION_CONTEXT=c EXCEPTION_EXTEN=s EXCEPTION_PRIORITY=2", waits: "10s"},
		"by the caller's number":      {plan: "exten => s/100,1,Stop()\nexten => s,1,NoOp()", steps: "s.1"},
		"the time is over":            {plan: "exten => s,1,Timeout()\nexten => s,2,NoOp()\nexten => T,1,NoOp()", steps: "s.1", err: ErrTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			general := "[general]\n"
			if strings.Contains(name, "no fall") || strings.Contains(name, "typed") {
				general += "autofallthrough=no\n"
			}
			start := c.start
			if start == "" {
				start = "s"
			}
			s, err := run(t, general+"[c]\n"+c.plan+"\n", start, c.keys)
			if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Errorf("it returns %v, want %v", err, c.err)
			}
			if got := s.places(); got != c.steps {
				t.Errorf("steps %q, want %q", got, c.steps)
			}
			if got := strings.Join(s.vars, " "); got != c.vars {
				t.Errorf("variables %q, want %q", got, c.vars)
			}
			if got := strings.Join(s.said, "|"); !strings.Contains(got, c.said) {
				t.Errorf("said %q, want %q", got, c.said)
			}
			if s.ranOut != c.ranOut {
				t.Errorf("it ran out: %v, want %v", s.ranOut, c.ranOut)
			}
			if got := strings.Trim(fmt.Sprint(s.waits), "[]"); got != c.waits {
				t.Errorf("waited %q, want %q", got, c.waits)
			}
		})
	}
}

// run runs a plan from c at an extension.
func run(t *testing.T, plan, start, keys string) (*script, error) {
	t.Helper()
	return begin(t, plan, start, keys, func(s *script) Host { return s })
}

// runWith runs a plan from c,s,1 by another host than the script itself.
func runWith(t *testing.T, plan string, host func(*script) Host) (*script, error) {
	t.Helper()
	return begin(t, plan, "s", "", host)
}

func begin(t *testing.T, plan, start, keys string, host func(*script) Host) (*script, error) {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("extensions.conf", []byte(plan))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := syntax.Read(f)
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	s := &script{keys: keys, cancel: cancel}
	s.machine = New(p, host(s), Place{"c", start, 1})
	return s, s.machine.Run(ctx)
}

// places writes the steps that were carried out.
func (s *script) places() string {
	var out []string
	for _, step := range s.steps {
		at := strings.Split(step, ",")
		word := at[1] + "." + at[2]
		if at[0] != "c" {
			word = at[0] + "/" + word
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// TestFarewell: h runs to its end whatever ended the call, and stops where a
// step asks for it.
func TestFarewell(t *testing.T) {
	for plan, want := range map[string]string{
		"exten => s,1,Stop()\nexten => h,1,NoOp()\nexten => h,2,NoOp()": "s.1 h.1 h.2",
		"exten => s,1,Stop()\nexten => h,1,Stop()\nexten => h,2,NoOp()": "s.1 h.1",
		"exten => s,1,Stop()": "s.1",
		"exten => s,1,Stop()\nexten => h,1,Jump(c,x,1)\nexten => x,1,NoOp()\nexten => i,1,NoOp()":      "s.1 h.1 x.1",
		"exten => s,1,Stop()\nexten => h,1,Jump(c,nowhere,1)\nexten => i,1,NoOp()":                     "s.1 h.1",
		"exten => s,1,Jump(d,s,1)\nexten => h,1,NoOp()\n[d]\nexten => s,1,Stop()\nexten => h,1,NoOp()": "s.1 d/s.1 d/h.1",
		"exten => s,1,Cancel()\nexten => h,1,NoOp()":                                                   "s.1 h.1",
	} {
		s, _ := run(t, "[c]\n"+plan+"\n", "s", "")
		s.machine.Farewell(context.Background())
		if got := s.places(); got != want {
			t.Errorf("%s: %q, want %q", plan, got, want)
		}
	}
}

// TestOvertime: T takes a call whose time is over, or e.
func TestOvertime(t *testing.T) {
	for plan, want := range map[string]string{
		"exten => s,1,Timeout()\nexten => T,1,NoOp()": "T",
		"exten => s,1,Timeout()\nexten => e,1,NoOp()": "e",
		"exten => s,1,Timeout()":                      "",
	} {
		s, _ := run(t, "[c]\n"+plan+"\n", "s", "")
		ok := s.machine.Overtime()
		if ok != (want != "") || ok && s.machine.Place() != (Place{"c", want, 1}) {
			t.Errorf("%s: %v at %v, want %s", plan, ok, s.machine.Place(), want)
		}
	}
}

// TestManyDigits: a caller who never stops dialling is stopped.
func TestManyDigits(t *testing.T) {
	s, _ := run(t, "[c]\nexten => s,1,Dialled(1)\nexten => _1!,1,Stop()\n", "s", strings.Repeat("1", 2*maxDigits))
	if got := s.machine.Place().Exten; len(got) > maxDigits {
		t.Errorf("%d digits", len(got))
	}
}
