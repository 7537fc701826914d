package pbx

import (
	"fmt"
	"strconv"
	"strings"

	"obelus/call"
)

// Goto jumps to a target as Goto() reads it: [[context,]exten,]priority, where
// the priority is a number, a label, or +n or -n from here.
func (x *Exec) Goto(target string) error {
	to, err := x.Target(target)
	if err != nil {
		return err
	}
	x.Jump(to)
	return nil
}

// Target reads a target as Goto() does. A label must exist; an extension need
// not.
func (x *Exec) Target(target string) (call.Place, error) {
	to := x.Place()
	parts := strings.SplitN(target, ",", 3)
	priority := parts[len(parts)-1]
	switch len(parts) {
	case 2:
		to.Exten = parts[0]
	case 3:
		to.Context, to.Exten = parts[0], parts[1]
	}
	if to.Exten == "" && len(parts) > 1 {
		to.Exten = x.Place().Exten
	}
	n, err := x.Priority(to, strings.TrimSpace(priority))
	if err != nil {
		return to, err
	}
	to.Priority = n
	return to, nil
}

// Priority reads a priority of the extension that to names: a number, a label,
// +n or -n.
func (x *Exec) Priority(to call.Place, s string) (int, error) {
	if s == "" {
		return 0, fmt.Errorf("a target needs a priority or a label: %s,%s", to.Context, to.Exten)
	}
	if n, err := strconv.Atoi(s); err == nil {
		if s[0] == '+' || s[0] == '-' {
			n += x.Place().Priority
		}
		if n > 0 {
			return n, nil
		}
	} else if n, ok := x.Plan().FindLabel(to.Context, to.Exten, x.CallerNumber(), s, x.Now()); ok {
		return n, nil
	} else {
		x.ch.Log().Info(fmt.Sprintf("No such label '%s' in extension '%s' in context '%s'", s, to.Exten, to.Context))
	}
	return 0, fmt.Errorf("Priority '%s' must be a number > 0, or valid label", s)
}
