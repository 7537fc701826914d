package rtp

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/wheel"
	"obelus/media/wire"
)

// The names of the ways to move packets.
const (
	EngineAuto  = wire.Auto
	EngineGo    = wire.Go
	EngineEpoll = wire.Epoll
)

// Options is how a plane is made. The zero value serves.
type Options struct {
	// Start and End are the first and last port, as rtpstart and rtpend of
	// rtp.conf: 10000 and 20000.
	Start, End int
	// Engine is one of the names above; "" is auto.
	Engine string
	// Coalesce is how long packets may gather at most under load before they are
	// passed on, which halves what they cost; 0 for a millisecond, below 0 for
	// not at all. Only the epoll engine does so.
	Coalesce time.Duration
	// Listen opens a port ("udp4", "192.0.2.1:10000"); nil for the system's.
	// Given one, auto takes the go engine.
	Listen func(network, address string) (net.PacketConn, error)
	// Lenient takes packets from anywhere: strictrtp=no of rtp.conf.
	Lenient bool
	// Probation is how many packets in a row a source must send before it is
	// believed where the offer does not name it; 0 for 4, as the original.
	Probation int
	// Unproven is how many packets go at most to an address nothing ever came
	// from; 0 for 250, five seconds of sound.
	Unproven int
	// TakeReplays takes SRTP packets again that came before:
	// srtpreplayprotection=no of rtp.conf.
	TakeReplays bool
	// DigitTimeout is how long a key without an end is held at most after its last
	// packet, in samples of 8,000 a second: dtmftimeout of rtp.conf; 0 for 3000.
	DigitTimeout int
	// RTCPInterval is the mean time between two reports: rtcpinterval of rtp.conf;
	// 0 for 5 seconds.
	RTCPInterval time.Duration
	// NoChecksums sends UDP over IPv4 without checksums where the system can
	// (Linux): rtpchecksums=no of rtp.conf.
	NoChecksums bool
	// Codecs is what can be translated; nil for all that needs no help.
	Codecs *codec.Set
	// Log hears what nobody else is told; nil for nobody.
	Log *slog.Logger
}

// Errors of the plane.
var (
	// ErrNoPort says that the range of ports is used up.
	ErrNoPort = errors.New("no free RTP port")
	// ErrClosed says that the plane or the session is closed.
	ErrClosed = errors.New("media closed")
	// ErrNoFormat says that two legs share no format, or that a leg has none
	// that we can make.
	ErrNoFormat = errors.New("no common format")
	// ErrNoEvent says that a key can reach the phone neither as a telephone event
	// (RFC 4733) nor as tones.
	ErrNoEvent = errors.New("the phone takes no telephone events, and no tones")
)

// maxCoalesce is as much as a jitter buffer takes for nothing.
const maxCoalesce = 5 * time.Millisecond

// Plane owns the ports. Its methods are safe from any goroutine.
type Plane struct {
	options  Options                 // as it was made
	settings atomic.Pointer[Options] // for new calls
	engine   wire.Engine
	debug    atomic.Pointer[Debug] // nil where nothing is shown
	marking  sync.Once             // a mark that can't be set is logged once
	ports    wire.Range
	reports  reporter
	workers  wheel.Workers

	routing sync.Mutex // changes of routes; packets read them without it

	mu     sync.Mutex
	closed bool
	open   map[*Session]struct{}
}

// New makes a plane. Close ends it.
func New(o Options) (*Plane, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	e, err := wire.New(&wire.Options{Engine: o.Engine, Coalesce: o.Coalesce, Listen: o.Listen, Log: o.Log})
	if err != nil {
		return nil, fmt.Errorf("media engine %s: %w", o.Engine, err)
	}
	p := &Plane{options: o, engine: e, open: make(map[*Session]struct{})}
	p.settings.Store(&o)
	p.reports.every.Store(int64(o.RTCPInterval))
	p.ports.Init(o.Start, o.End)
	o.Log.Info("media plane", "engine", e.Name(), "start", o.Start, "end", o.End)
	return p, nil
}

// digitTimeout is Options.DigitTimeout as time.
func (o *Options) digitTimeout() time.Duration {
	return time.Duration(o.DigitTimeout) * time.Second / 8000
}

// Translates says whether sound of one format reaches a phone of another: as it
// is, or made into it.
func (p *Plane) Translates(from, to media.Format) bool {
	return p.options.Codecs.Translates(from, to)
}

// Engine names the engine that runs.
func (p *Plane) Engine() string { return p.engine.Name() }

// mark is the one for a kind of stream.
func (c *SessionConfig) mark(k media.Kind) wire.Mark {
	switch k {
	case media.Video:
		return c.VideoMark
	case media.Text:
		return c.TextMark
	}
	return c.AudioMark
}

// SessionConfig is what a leg's media is opened with.
type SessionConfig struct {
	// Bind is the address to listen on; zero for all of IPv4.
	Bind netip.Addr
	// Video and Text ask for such streams beside the sound.
	Video, Text bool
	// AudioMark, VideoMark and TextMark are how packets of each kind are marked
	// for the network: tos_audio and cos_audio of sip.conf and their kin.
	AudioMark, VideoMark, TextMark wire.Mark
	// Hooks is who hears of it.
	Hooks Hooks
	// Near is a session that this one will likely be connected to: both are
	// then served by the same core. It may be nil.
	Near *Session
}

// Open takes ports and listens on them.
func (p *Plane) Open(c SessionConfig) (*Session, error) {
	s := &Session{plane: p, hooks: c.Hooks}
	kinds := []struct {
		at     **Stream
		kind   int
		wanted bool
	}{{&s.audio, 0, true}, {&s.video, 1, c.Video}, {&s.text, 2, c.Text}}
	for _, k := range kinds {
		if !k.wanted {
			continue
		}
		st, err := p.openStream(s, streamKinds[k.kind], c)
		if err != nil {
			s.closeStreams()
			return nil, fmt.Errorf("open %s stream: %w", streamKinds[k.kind], err)
		}
		*k.at = st
	}
	if err := p.keep(s); err != nil {
		return nil, err
	}
	return s, nil
}

// keep takes the session into the books, or closes it again.
func (p *Plane) keep(s *Session) error {
	p.mu.Lock()
	closed := p.closed
	if !closed {
		p.open[s] = struct{}{}
	}
	p.mu.Unlock()
	if closed {
		s.closeStreams()
		return ErrClosed
	}
	for _, st := range s.Streams() {
		p.reports.add(st)
	}
	return nil
}

// Sessions is how many are open.
func (p *Plane) Sessions() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open)
}

// Close closes all sessions and waits until nobody reads packets.
func (p *Plane) Close() error {
	p.mu.Lock()
	p.closed = true
	var all []*Session
	for s := range p.open {
		all = append(all, s)
	}
	p.mu.Unlock()
	for _, s := range all {
		s.Close()
	}
	p.reports.close()
	p.engine.Close()
	p.workers.Close()
	return nil
}
