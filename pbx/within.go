package pbx

import (
	"context"

	"obelus/call"
	"obelus/dialplan/interp"
)

// Within carries out the steps from a place on as part of the present step, until
// none is left, one returns [ErrLeave], or left, asked after each, says that the
// last has jumped out: a macro. What it returns is what an application returns.
func (x *Exec) Within(ctx context.Context, from call.Place, left func() bool) error {
	out := x.machine.Within(ctx, interp.Place(from), left)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	switch out.Verdict {
	case interp.Next:
		return nil
	case interp.Dialled:
		return &Dialled{Digits: out.Digits}
	case interp.Incomplete:
		return ErrIncomplete
	}
	return ErrHangup
}

// inside says that the step is one of a subroutine or a macro: a call's records keep
// the extension that was dialled meanwhile.
func (x *Exec) inside() bool { return len(x.stack) > 0 || x.machine.Depth() > 0 }
