package interp

import (
	"context"
	"fmt"
)

// Within runs steps from a place on as part of the present step: a macro. It ends
// where no step is left, where left says so after a step (asked only of steps
// that went on), or where a step asks for something else than to go on, which is
// the outcome. Where none is left the machine is at the present step again; where
// left ended it the step that it jumped to is next; else it stays where it ended,
// so that h and T of the macro's context are found first.
func (m *Machine) Within(ctx context.Context, from Place, left func() bool) Outcome {
	home, jumped, depth := m.at, m.jumped, len(m.within)
	m.within = append(m.within, home)
	m.at = from
	for {
		step := m.Find(m.at)
		if step == nil {
			m.at, m.jumped, m.within = home, jumped, m.within[:depth]
			return Outcome{Verdict: Next}
		}
		m.jumped, m.within = false, m.within[:depth+1]
		out := m.host.Exec(ctx, step, m.at)
		if ctx.Err() != nil {
			return Outcome{Verdict: Stop}
		}
		switch out.Verdict {
		case Next:
			if left() {
				m.jumped, m.within = true, m.within[:depth]
				return out
			}
			if !m.jumped {
				m.at.Priority++
			}
		case Leave, Dialled:
			m.at, m.jumped, m.within = home, jumped, m.within[:depth]
			if out.Verdict == Leave {
				out.Verdict = Next
			}
			return out
		default:
			m.host.Verbose(2, fmt.Sprintf("Spawn extension (%s, %s, %d) exited non-zero in a macro", m.at.Context, m.at.Exten, m.at.Priority))
			return out
		}
	}
}

// outward tries find in the present context, then in those that the macros the
// dialplan has ended in were called from, innermost first.
func (m *Machine) outward(find func() bool) bool {
	for {
		if find() {
			return true
		}
		n := len(m.within)
		if n == 0 {
			return false
		}
		m.at, m.within = m.within[n-1], m.within[:n-1]
	}
}

// Depth is how many macros are open.
func (m *Machine) Depth() int { return len(m.within) }
