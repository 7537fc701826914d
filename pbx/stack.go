package pbx

import (
	"strconv"

	"obelus/call"
)

// frame is one call of Gosub: where to return to, and what its variables were
// before it hid them.
type frame struct {
	back  call.Place
	saved []savedVar
	argc  int
}

type savedVar struct {
	name, value string
	was         bool
}

// maxStack bounds how deep Gosub goes before the channel is hung up.
const maxStack = 1000

// Push begins a subroutine: back is where Return goes, args become ARG1 and so
// on, hiding those of the caller. It fails when the stack is too deep.
func (x *Exec) Push(back call.Place, args []string) bool {
	if len(x.stack) >= maxStack {
		return false
	}
	hide := 0
	if n := len(x.stack); n > 0 {
		hide = x.stack[n-1].argc
	}
	x.stack = append(x.stack, frame{back: back, argc: len(args)})
	for i := range max(len(args), hide) {
		name := "ARG" + strconv.Itoa(i+1)
		if i < len(args) {
			x.SetLocal(name, args[i])
		} else {
			x.SetLocal(name, "")
		}
	}
	x.SetLocal("ARGC", strconv.Itoa(len(args)))
	return true
}

// Pop ends the subroutine and returns where it was called from; false when
// there is none.
func (x *Exec) Pop() (call.Place, bool) {
	n := len(x.stack)
	if n == 0 {
		return call.Place{}, false
	}
	f := x.stack[n-1]
	x.stack = x.stack[:n-1]
	for i := len(f.saved) - 1; i >= 0; i-- {
		if s := f.saved[i]; s.was {
			x.ch.Vars.Set(s.name, s.value)
		} else {
			x.ch.Vars.Unset(s.name)
		}
	}
	return f.back, true
}

// Stacked says whether a subroutine was ever called in this run.
func (x *Exec) Stacked() bool { return x.stack != nil }

// Depth is how many subroutines are open.
func (x *Exec) Depth() int { return len(x.stack) }

// Caller is where the subroutine n levels up was called from; 0 is the present
// one.
func (x *Exec) Caller(n int) (call.Place, bool) {
	i := len(x.stack) - 1 - n
	if i < 0 || n < 0 {
		return call.Place{}, false
	}
	return x.stack[i].back, true
}

// SetLocal sets a variable until the subroutine returns: LOCAL(). Outside of
// any subroutine it fails.
func (x *Exec) SetLocal(name, value string) bool {
	n := len(x.stack)
	if n == 0 {
		return false
	}
	f := &x.stack[n-1]
	if !f.has(name) {
		old, was := x.ch.Vars.Get(name)
		f.saved = append(f.saved, savedVar{name, old, was})
	}
	x.ch.Vars.Set(name, value)
	return true
}

// Local reads a variable as it was in the subroutine n levels up: LOCAL_PEEK().
func (x *Exec) Local(n int, name string) (string, bool) {
	for i := len(x.stack) - 1; i > len(x.stack)-1-n && i >= 0; i-- {
		for _, s := range x.stack[i].saved {
			if s.name == name {
				if n--; n == 0 {
					return s.value, s.was
				}
			}
		}
	}
	return x.ch.Vars.Get(name)
}

func (f *frame) has(name string) bool {
	for _, s := range f.saved {
		if s.name == name {
			return true
		}
	}
	return false
}
