package interp

import (
	"context"
	"fmt"
)

// maxDigits bounds an extension dialled by a caller, as in the original.
const maxDigits = 256

// collect takes the rest of an extension that the caller dials, and goes to
// it; to i, t or e where it does not exist or nothing was dialled. It returns
// false when the dialplan ends.
func (m *Machine) collect(ctx context.Context, dialled string) bool {
	dialled, ok := m.gather(ctx, dialled)
	if !ok {
		return false
	}
	to := Place{m.at.Context, dialled, 1}
	if dialled != "" && m.Exists(to) {
		m.at = to
		return true
	}
	if dialled != "" {
		return m.noSuch(dialled)
	}
	if m.handle("t", "", "") {
		m.host.Verbose(3, fmt.Sprintf("Timeout on context '%s'", m.at.Context))
		return true
	}
	if m.raise("RESPONSETIMEOUT") {
		return true
	}
	m.host.Warn(fmt.Sprintf("Timeout, but no rule 't' or 'e' in context '%s'", m.at.Context))
	return false
}

func (m *Machine) noSuch(dialled string) bool {
	if m.handle("i", "INVALID_EXTEN", dialled) {
		m.host.Verbose(3, fmt.Sprintf("Invalid extension '%s' in context '%s'", dialled, m.at.Context))
		return true
	}
	if m.raise("INVALID") {
		return true
	}
	m.host.Warn(fmt.Sprintf("Invalid extension '%s', but no rule 'i' or 'e' in context '%s'", dialled, m.at.Context))
	return false
}

// gather waits for digits while more of them could match.
func (m *Machine) gather(ctx context.Context, dialled string) (string, bool) {
	digit, response := m.host.Waits()
	wait := digit
	if dialled == "" {
		wait = response
	}
	for len(dialled) < maxDigits &&
		m.plan.MatchMore(m.at.Context, dialled, m.host.CallerNumber(), m.host.Now()) {
		key, err := m.host.Digit(ctx, wait)
		if err != nil {
			return "", false
		}
		if key == 0 {
			break
		}
		dialled += string(key)
		wait = digit
	}
	return dialled, true
}

// more collects digits behind the present extension, for Incomplete(). Where no
// longer extension could match, the one that says so would only be found again:
// it is invalid then, as in the original.
func (m *Machine) more(ctx context.Context) bool {
	if !m.plan.MatchMore(m.at.Context, m.at.Exten, m.host.CallerNumber(), m.host.Now()) {
		return m.noSuch(m.at.Exten)
	}
	return m.collect(ctx, m.at.Exten)
}

// Farewell runs the h extension of the present context, if there is one, from
// its first priority until it ends. ctx bounds it.
func (m *Machine) Farewell(ctx context.Context) {
	if !m.outward(func() bool { return m.handle("h", "", "") }) {
		return
	}
	for {
		step := m.Find(m.at)
		if step == nil {
			return
		}
		m.jumped, m.within = false, m.within[:0]
		out := m.host.Exec(ctx, step, m.at)
		if ctx.Err() != nil || out.Verdict != Next {
			return
		}
		if !m.jumped {
			m.at.Priority++
		}
	}
}
