package pbx

import (
	"fmt"
	"time"

	"obelus/call"
)

// What counts as a dialplan that goes round and round: so many steps, faster than
// a thousand a second on the whole. A loop that waits in between is far from that,
// and so is one that computes.
const (
	paceSteps = 200_000
	paceTime  = paceSteps * time.Millisecond
)

// pace notices a run that never waits for anything.
type pace struct {
	steps int
	began time.Time
}

// step counts a step, and says whether the run goes round and round: without
// anybody on the line, as in h or for a text, nothing else would end it.
func (p *pace) step() (racing bool) {
	if p.steps == 0 {
		p.began = time.Now()
	}
	if p.steps++; p.steps < paceSteps {
		return false
	}
	p.steps = 0
	return time.Since(p.began) < paceTime
}

// racing says whether the run has to end at a step because it goes round and round.
func (x *Exec) racing(at call.Place) bool {
	if !x.pace.step() {
		return false
	}
	x.Warn(fmt.Sprintf("The dialplan goes round and round at (%s, %s, %d): %d steps without a pause. The call ends.", at.Context, at.Exten, at.Priority, paceSteps))
	return true
}
