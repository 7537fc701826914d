package call

import (
	"time"

	"obelus/media"
)

// Snapshot is what a channel shows of itself at one moment, for consoles and
// managers.
type Snapshot struct {
	Name, ID, LinkedID   string
	State                State
	Identity             Identity
	Language, Music      string
	Account, PeerAccount string
	AMAFlags             int
	Place                Place
	App, Data            string
	Created, Answered    time.Time
	BridgeID             string
	Bridged              string // the other channel of a bridge of two
	Cause                Cause
}

// Snapshot returns what the channel shows of itself now.
func (c *Channel) Snapshot() Snapshot {
	c.mu.Lock()
	s := Snapshot{
		Name: c.name, ID: c.id, LinkedID: c.rec.linkedID, State: c.rec.state, Identity: c.identity,
		Language: c.rec.language, Music: c.rec.music, Account: c.rec.account, PeerAccount: c.rec.peerAccount,
		AMAFlags: c.rec.amaFlags, Place: c.rec.place, App: c.rec.app, Data: c.rec.data,
		Created: c.created, Answered: c.rec.answered, Cause: c.cause,
	}
	b := c.bridge
	c.mu.Unlock()
	if b != nil {
		s.BridgeID = b.ID()
		if o := b.Other(c); o != nil {
			s.Bridged = o.Name()
		}
	}
	return s
}

// State is the channel's state.
func (c *Channel) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.state
}

// SetState changes the state; drivers use it while they dial.
func (c *Channel) SetState(s State) {
	c.mu.Lock()
	was := c.rec.state
	if s == StateUp {
		c.up()
	}
	c.rec.state = s
	c.mu.Unlock()
	if was != s && s == StateUp {
		c.answeredNow()
	}
	if was != s {
		c.tellState(s)
	}
}

// Answer takes the call, if nobody has yet. with is as for [Leg.Answer].
func (c *Channel) Answer(with []media.Format) error {
	if c.IsGone() {
		return ErrGone
	}
	c.mu.Lock()
	was := c.rec.state
	c.mu.Unlock()
	if was == StateUp {
		return nil
	}
	if err := c.leg.Answer(with); err != nil {
		return err
	}
	c.SetState(StateUp)
	return nil
}

// AnsweredAt is when the channel was answered; the zero time if it was not.
func (c *Channel) AnsweredAt() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.answered
}

// Identity returns what the channel knows of the parties.
func (c *Channel) Identity() Identity {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.identity
}

// ChangeIdentity lets change edit what the channel knows of the parties.
func (c *Channel) ChangeIdentity(change func(*Identity)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.identity)
}

// Place is where the channel is in the dialplan.
func (c *Channel) Place() Place {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.place
}

// SetStep records the step that the channel carries out, for those who look.
func (c *Channel) SetStep(p Place, app, data string) {
	c.mu.Lock()
	c.rec.place, c.rec.app, c.rec.data = p, app, data
	c.mu.Unlock()
}

// LinkedID is the unique id of the channel that the call began with.
func (c *Channel) LinkedID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.linkedID
}

// Language is the language prompts are played in.
func (c *Channel) Language() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.language
}

// ToneZone is the country whose tones the party hears, "" for the house's own.
func (c *Channel) ToneZone() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.toneZone
}

// SetToneZone changes the country.
func (c *Channel) SetToneZone(country string) {
	c.mu.Lock()
	c.rec.toneZone = country
	c.mu.Unlock()
}

// SetLanguage changes the language prompts are played in.
func (c *Channel) SetLanguage(l string) {
	c.mu.Lock()
	c.rec.language = l
	c.mu.Unlock()
}

// Music is the class of music the channel's party hears on hold.
func (c *Channel) Music() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.music
}

// SetMusic changes the class of music on hold.
func (c *Channel) SetMusic(class string) {
	c.mu.Lock()
	c.rec.music = class
	c.mu.Unlock()
}

// Account is the account code call records are written with.
func (c *Channel) Account() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.account
}

// SetAccount changes the account code.
func (c *Channel) SetAccount(a string) {
	c.mu.Lock()
	c.rec.account = a
	c.mu.Unlock()
}

// AMAFlags is the kind of accounting that call records are written with, 0 where none was chosen.
func (c *Channel) AMAFlags() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rec.amaFlags
}

// SetAMAFlags changes the kind of accounting.
func (c *Channel) SetAMAFlags(flags int) {
	c.mu.Lock()
	c.rec.amaFlags = flags
	c.mu.Unlock()
}

// Bridge is the bridge the channel is in, nil for none.
func (c *Channel) Bridge() *Bridge {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bridge
}
