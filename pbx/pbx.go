// Package pbx is the switchboard: it runs a channel through the dialplan.
//
// A [PBX] holds the dialplan, the applications and functions, and the global
// variables. [PBX.Run] is the order that a channel is given to enter the
// dialplan; each run is an [Exec], which applications and functions work on.
package pbx

import (
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"obelus/call"
	"obelus/dialplan/expand"
	"obelus/dialplan/syntax"
	"obelus/event"
)

// Config is what a switchboard is made of.
type Config struct {
	Applications []Application
	Functions    []Function
	Registry     *call.Registry
	Dialers      call.Dialers // for calls that nobody asked for on a phone
	Bus          *event.Bus   // may be nil
	Log          *slog.Logger
	// Builtins are variables that every channel reads and none can set, such
	// as ASTSPOOLDIR.
	Builtins map[string]string
	// LiveDangerously lets whoever asks from outside read and write the
	// functions that are guarded: asterisk.conf.
	LiveDangerously bool
	// Registered is whose registration has an extension of a context exist, false for
	// nobody's; may be nil.
	Registered func(context, exten string) (name string, ok bool)
	// OnStep is told every step, in order, before it is carried out; may be
	// nil. It is for simulations: what observes a server subscribes to Bus,
	// which nothing waits for.
	OnStep func(event.Step)
}

// PBX is the switchboard. Its methods may be called from any goroutine.
type PBX struct {
	table
	// Globals are the global variables: [globals], Set(GLOBAL(x)=y).
	Globals call.Vars

	registry *call.Registry
	dialers  call.Dialers
	bus      *event.Bus
	log      *slog.Logger
	builtins map[string]string
	onStep   func(event.Step)
	there    func(context, exten string) (string, bool)
	trusting bool // of those outside: live_dangerously
	plan     atomic.Pointer[syntax.Plan]
	steps    atomic.Uint64
}

// New makes a switchboard with an empty dialplan.
func New(c Config) *PBX {
	p := &PBX{
		table: newTable(c.Applications, c.Functions), registry: c.Registry, dialers: c.Dialers, bus: c.Bus, log: c.Log,
		builtins: c.Builtins, onStep: c.OnStep, there: c.Registered, trusting: c.LiveDangerously,
	}
	p.plan.Store(&syntax.Plan{})
	return p
}

// compiled is a step made ready: what [syntax.Priority.Compiled] holds.
type compiled struct {
	app  *Application // nil: there is none of that name
	data *expand.Template
}

// Load makes plan the dialplan of every run that begins from now on; those
// under way keep theirs. The globals of the file are set; others stay, unless
// the file says clearglobalvars.
func (p *PBX) Load(plan *syntax.Plan) {
	for _, c := range plan.Contexts {
		for _, e := range c.Extensions {
			for _, s := range e.Priorities {
				app, _ := p.Application(s.App)
				s.Compiled = &compiled{app, expand.Compile(s.Data)}
			}
		}
	}
	if p.there != nil {
		plan.Live = p.live
	}
	stays := make(map[string]bool)
	for _, g := range plan.Globals {
		p.Globals.Set(g.Name, g.Value)
		stays[strings.TrimLeft(g.Name, "_")] = true
	}
	if plan.General.ClearGlobalVars { // and not before: a call that runs would find nothing for a moment
		p.Globals.Each(func(name, _ string) bool {
			if !stays[name] {
				p.Globals.Unset(name)
			}
			return true
		})
	}
	p.plan.Store(plan)
}

// live is the extension that a registration makes: NoOp with the name of the account,
// as in the original.
func (p *PBX) live(context, exten string) *syntax.Extension {
	name, ok := p.there(context, exten)
	if !ok {
		return nil
	}
	app, _ := p.Application("NoOp")
	e := &syntax.Extension{Name: exten}
	e.Priorities = []*syntax.Priority{{N: 1, App: "NoOp", Data: name, Extension: e, Compiled: &compiled{app, expand.Compile(name)}}}
	return e
}

// Plan is the dialplan that a run beginning now would get.
func (p *PBX) Plan() *syntax.Plan { return p.plan.Load() }

// Registry lists the channels.
func (p *PBX) Registry() *call.Registry { return p.registry }

// Bus is where observers are told what happens.
func (p *PBX) Bus() *event.Bus { return p.bus }

// Steps is how many steps have been carried out since the start.
func (p *PBX) Steps() uint64 { return p.steps.Load() }

// Exists says whether the dialplan has that extension for that caller.
func (p *PBX) Exists(context, exten, callerID string) bool {
	return p.Plan().Find(context, exten, callerID, 1, time.Now()) != nil
}

// CanMatch says whether the extension exists or could with more digits.
func (p *PBX) CanMatch(context, exten, callerID string) bool {
	return p.Plan().CanMatch(context, exten, callerID, time.Now())
}

// MatchMore says whether the extension could exist with more digits.
func (p *PBX) MatchMore(context, exten, callerID string) bool {
	return p.Plan().MatchMore(context, exten, callerID, time.Now())
}
