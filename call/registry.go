package call

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"obelus/event"
)

// Registry makes channels and bridges and lists those that live.
type Registry struct {
	log      *slog.Logger
	started  int64 // seconds, the first part of every unique id
	serial   atomic.Uint64
	wg       sync.WaitGroup
	bus      *event.Bus
	recorder Recorder
	music    Musician
	tones    Tones
	language string

	mu       sync.RWMutex
	channels map[string]*Channel // by name
	count    uint64              // channels made since the start
}

// NewRegistry makes an empty registry. bus, which may be nil, is told what
// happens to every channel.
func NewRegistry(log *slog.Logger, bus *event.Bus) *Registry {
	now := time.Now()
	r := &Registry{log: log, started: now.Unix(), bus: bus, channels: make(map[string]*Channel)}
	r.serial.Store(firstSerial(now))
	return r
}

// firstSerial is the number of the first channel. The original's unique IDs, seconds of its start and a count from 0, are those of the last
// run once more where that began in the same second, as when a server dies at once and is started again; call records are told apart by them.
func firstSerial(start time.Time) uint64 {
	return uint64(start.Nanosecond()/int(time.Millisecond)) * 1000
}

// SetLanguage says the language of channels that are made without one. It is called
// before the first is.
func (r *Registry) SetLanguage(l string) { r.language = l }

// Bus is where observers are told what happens.
func (r *Registry) Bus() *event.Bus { return r.bus }

// Spec is what a new channel begins with.
type Spec struct {
	Name      string // SIP/1001-0000002a; must be unique
	Leg       Leg
	State     State
	Requestor *Channel // the channel it is dialled for: linked id, variables, language
	Identity  Identity
	Place     Place
	Language  string
	Music     string
	Account   string
	AMAFlags  int
	Groups    Groups
	UniqueID  string            // "" has one made
	Internal  bool              // it is no call: no record is made of it
	Vars      map[string]string // set after those that are inherited
}

// New makes a channel and lists it. Its life begins with [Channel.Start].
func (r *Registry) New(s Spec) *Channel {
	id := s.UniqueID
	if id == "" {
		id = fmt.Sprintf("%d.%d", r.started, r.serial.Add(1)-1)
	}
	ctx, end := context.WithCancelCause(context.Background())
	own := NewMailbox()
	c := &Channel{
		name: s.Name, id: id, leg: s.Leg, reg: r, created: time.Now(), ctx: ctx, end: end,
		done: make(chan struct{}), own: own, inbox: own, identity: s.Identity,
		log: r.log.With("channel", s.Name, "call", id),
		rec: record{
			state: s.State, linkedID: id, language: s.Language, music: s.Music, account: s.Account,
			amaFlags: s.AMAFlags, place: s.Place, groups: s.Groups,
		},
	}
	if s.State == StateUp {
		c.rec.answered = c.created
	}
	if s.Language == "" {
		c.rec.language = r.language
	}
	if q := s.Requestor; q != nil {
		c.rec.linkedID = q.LinkedID()
		c.Vars.InheritFrom(&q.Vars)
	}
	for k, v := range s.Vars {
		c.Vars.Set(k, v)
	}
	if r.recorder != nil && !s.Internal {
		c.tally = r.recorder.Created(c, &s)
	}
	r.mu.Lock()
	r.channels[c.name] = c
	r.count++
	r.mu.Unlock()
	event.Publish(r.bus, event.ChannelCreated{
		Channel: c.fact(), State: s.State.String(), Account: s.Account,
		CallerNum: s.Identity.Caller.Number, CallerName: s.Identity.Caller.Name,
		Context: s.Place.Context, Exten: s.Place.Exten,
	})
	return c
}

func (r *Registry) remove(c *Channel) {
	r.mu.Lock()
	if r.channels[c.name] == c {
		delete(r.channels, c.name)
	}
	r.mu.Unlock()
	var up time.Duration
	if at := c.AnsweredAt(); !at.IsZero() {
		up = time.Since(at)
	}
	cause := c.Cause()
	event.Publish(r.bus, event.ChannelEnded{Channel: c.fact(), Cause: int(cause), CauseText: cause.String(), Answered: up})
}

// Find returns the channel of that name, in any case of letters, or with that
// unique id; nil for none.
func (r *Registry) Find(name string) *Channel {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if c, ok := r.channels[name]; ok {
		return c
	}
	for n, c := range r.channels {
		if strings.EqualFold(n, name) || c.id == name {
			return c
		}
	}
	return nil
}

// All lists the living channels, newest first, as the console does.
func (r *Registry) All() []*Channel {
	r.mu.RLock()
	all := make([]*Channel, 0, len(r.channels))
	for _, c := range r.channels {
		all = append(all, c)
	}
	r.mu.RUnlock()
	slices.SortFunc(all, func(a, b *Channel) int {
		if d := b.created.Compare(a.created); d != 0 {
			return d
		}
		return strings.Compare(b.name, a.name)
	})
	return all
}

// Count returns how many channels live and how many were made since the start.
func (r *Registry) Count() (live int, made uint64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.channels), r.count
}

// HangupAll asks for the end of every channel.
func (r *Registry) HangupAll(cause Cause) {
	for _, c := range r.All() {
		c.Hangup(cause)
	}
}

// Wait returns when no channel's goroutine runs, or ctx has ended.
func (r *Registry) Wait(ctx context.Context) error {
	idle := make(chan struct{})
	go func() {
		r.wg.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
