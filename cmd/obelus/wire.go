package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"obelus/acl"
	"obelus/app"
	"obelus/app/record"
	"obelus/app/sound"
	"obelus/astdb"
	"obelus/call"
	"obelus/cdr"
	"obelus/cdr/outbox"
	"obelus/chansip"
	sipshow "obelus/chansip/show"
	"obelus/cmd/obelus/settings"
	"obelus/cmd/obelus/switchboard"
	"obelus/console"
	"obelus/device"
	"obelus/event"
	"obelus/features"
	"obelus/internal/sdnotify"
	"obelus/internal/shell"
	"obelus/location"
	"obelus/media/codec"
	"obelus/media/codec/opus"
	"obelus/media/rtp"
	"obelus/message"
	"obelus/message/waiting"
	"obelus/music"
	"obelus/pbx"
	"obelus/prompt"
	"obelus/prompt/say"
	"obelus/sip/transport"
	"obelus/store"
	"obelus/store/memory"
	"obelus/store/sqlite"
	"obelus/stun"
	"obelus/tones"
	"obelus/voicemail/mailbox"
)

// server is every room, wired together. It is made, started and closed by
// serve.go.
type server struct {
	dirs    settings.Dirs
	log     *slog.Logger
	bus     *event.Bus
	started time.Time
	engine  engine // nil where nothing outlives the process
	node    string // this server's name among those on one database
	where   *location.Registrar
	db      *astdb.DB
	calls   *call.Registry
	records *cdr.Engine
	outbox  *outbox.Box // where they go
	boxes   *mailbox.Boxes
	tapes   *record.Desk // what is recorded
	music   *music.Music
	cdrFile *sqlite.Calls // nil where nothing outlives the process
	sinks   sinks
	media   *rtp.Plane
	codecs  *codec.Set
	opus    *opus.Encoders // nil where Opus is not made
	sip     *chansip.Driver
	wire    *transport.Layer
	certs   *transport.Certificates
	stun    *stun.Server // nil where it is off
	pbx     *pbx.PBX
	board   *device.Board  // the states of devices, and the hints
	texts   *waiting.Inbox // on their way in
	shelf   *waiting.Shelf // waiting for phones
	table   *console.Table

	features *features.Desk // what keys begin

	agiDebug  atomic.Bool // agi set debug
	debugging sync.Mutex  // of shown
	shown     rtp.Debug   // rtp set debug and its kin

	acls    atomic.Pointer[acl.Named]
	tones   atomic.Pointer[tones.Zones] // of indications.conf
	reloads *reloader
	booted  chan struct{}
	ending  *ending
	manager *sdnotify.Manager
}

// newServer makes the rooms, from what remembers up to what is asked for. What
// it has made is closed again when it fails.
func newServer(ctx context.Context, dirs settings.Dirs, c *settings.Files, log *slog.Logger) (s *server, err error) {
	s = &server{
		dirs: dirs, log: log, bus: &event.Bus{}, started: time.Now(), booted: make(chan struct{}), reloads: newReloader(c),
		certs: transport.NewCertificates(),
	}
	defer func() {
		if err != nil {
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
			defer cancel()
			s.close(closing)
		}
	}()
	where := location.Config{Bus: s.bus, Log: log, Flush: c.Own.Store.Flush, Appeared: func(account, _ string) { s.shelf.Here(account) },
		Back: func(account string) { s.board.Changed("SIP/" + account) }, Gone: func(account string) { s.board.Changed("SIP/" + account) }}
	if s.engine, s.node, err = openEngine(ctx, &c.Own.Store, dirs, log); err != nil {
		return s, err
	}
	where.Node, where.Strict = s.node, c.Own.Store.Strict
	if s.engine != nil {
		where.Store = s.engine
		if err = s.importAsterisk(ctx, c); err != nil {
			return s, err
		}
	}
	if s.where, err = location.Open(ctx, where); err != nil {
		return s, fmt.Errorf("read the registrations back: %w", err)
	}
	if s.db, err = s.openDB(ctx); err != nil {
		return s, err
	}
	s.codecs, s.opus = openCodecs(ctx, c.Own.Opus.Find(dirs), log)
	if s.media, err = s.newPlane(c, s.codecs); err != nil {
		return s, err
	}
	if o := &c.Own.STUN; o.Enable {
		s.stun = stun.New(stun.Options{Log: log, Software: "obelus " + version, Rate: o.Rate, TotalRate: o.TotalRate})
	}
	s.calls = call.NewRegistry(log, s.bus)
	if err = s.openRecords(ctx, c); err != nil {
		return s, err
	}
	s.boxes = s.openBoxes(c)
	s.acls.Store(&c.ACLs)
	if err = s.wireCalls(ctx, dirs, c); err != nil {
		return s, err
	}
	s.boxes.Recover() // what a crash has cut off
	s.setSinks(ctx, c)
	s.ending = newEnding(s)
	return s, nil
}

// messages is the store of texts, nil where nothing outlives the process.
func (s *server) messages() store.Messages {
	if s.engine == nil {
		return nil // not an interface that holds nil
	}
	return s.engine
}

// openDB makes the database of the dialplan, with what the original keeps there about registrations.
func (s *server) openDB(ctx context.Context) (*astdb.DB, error) {
	c := astdb.Config{Log: s.log, Views: map[string]astdb.View{"/SIP/Registry": sipshow.Registry{Location: s.where}}}
	if s.engine != nil {
		c.Store = s.engine
	}
	return astdb.Open(ctx, c)
}

// wireCalls makes the switchboard and the drivers, which need each other: the
// drivers are handed what an incoming call does, the applications whom they can
// call.
func (s *server) wireCalls(ctx context.Context, dirs settings.Dirs, c *settings.Files) (err error) {
	dialers, senders := call.Dialers{}, message.Senders{}
	voice := &prompt.Voice{Sounds: sounds{dirs.Sounds()}}
	s.music = music.New(c.Music, dirs.Music(), voice, s.log)
	s.calls.SetMusic(s.music)
	s.features = features.New(features.Deps{Dialers: dialers, Voice: voice})
	s.features.Load(c.Features)
	s.tones.Store(c.Tones)
	s.calls.SetTones(s.toneOf)
	s.calls.SetLanguage(cmp.Or(dirs.Options.Language, "en"))
	local := &call.Local{Registry: s.calls}
	s.board = switchboard.NewBoard(&switchboard.Lamps{
		Log: s.log, DB: s.db, PBX: func() *pbx.PBX { return s.pbx }, SIP: func() *chansip.Driver { return s.sip }, Local: local,
	})
	s.tapes = openTapes(dirs, c, voice, s.bus, s.boxes)
	deps := &switchboard.Deps{
		Dialers: dialers, Senders: senders, Voice: voice, Bus: s.bus, DB: s.db, Records: s.records, Shell: shell.Run, Capture: shell.Output,
		Features: s.features, Board: s.board, Accounts: accounts{s}, Config: dirs.Config, Tones: countries{&s.tones},
		Say: func() *say.Rules { return s.reloads.files.Load().Say }, Privacy: func() sound.Privacy { return s.reloads.files.Load().Privacy },
		Music: s.music, Player: c.Own.MP3Player,
		AGI:   s.agiDeps(dirs),
		Boxes: s.boxes, Recordings: s.tapes,
	}
	s.pbx = pbx.New(pbx.Config{
		Applications: switchboard.Applications(deps), Functions: switchboard.Functions(deps), Registry: s.calls, Dialers: dialers, Bus: s.bus, Log: s.log,
		Builtins: dirs.Builtins(), LiveDangerously: dirs.Options.LiveDangerously,
		Registered: func(context, exten string) (string, bool) { return s.sip.Registered(context, exten) },
	})
	s.pbx.Load(c.Plan)
	local.Run, local.Exists = s.pbx.Run, s.pbx.Exists
	texts := &app.Texts{PBX: s.pbx, Registry: s.calls, Log: s.log}
	if s.texts, err = waiting.OpenInbox(ctx, waiting.InboxConfig{Store: s.messages(), Node: s.node, Run: texts.Run, Log: s.log}); err != nil {
		return err
	}
	s.sip = chansip.New(chansip.Config{
		Settings: c.SIP, Location: s.where, Durable: c.Own.Store.Lasting(), Strict: c.Own.Store.Strict, Registry: s.calls, Media: s.media, Bus: s.bus, Log: s.log,
		Resolver: &transport.Resolver{}, Hostname: hostname(),
		Incoming: s.features.Incoming(s.pbx), Exists: s.features.Exists(s.pbx), CanMatch: s.pbx.CanMatch, Text: s.texts.Take,
		Full: func(account string) string { return s.shelf.Full(account) }, Back: func(account string) { s.shelf.Here(account) },
		Board: s.board, Boxes: counts{s.boxes},
	})
	s.boxes.Watch(func(context, box string, _ mailbox.Counts) { s.sip.Lamps().Messages(context, box) })
	s.board.Load(c.Plan)
	dialers["SIP"], dialers["Local"] = s.sip, local
	if err := s.openShelf(ctx); err != nil {
		return err
	}
	senders["sip"], senders[""] = s.shelf, s.shelf // a name alone is an account
	return nil
}

// hostname is the name of this machine, "" where it has none.
func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// openShelf makes the place where texts wait for phones: for as long as the process
// lives, where nothing outlives it.
func (s *server) openShelf(ctx context.Context) (err error) {
	texts := s.sip.Texts()
	c := waiting.Config{Store: s.messages(), Node: s.node, Driver: texts, Limits: texts.Limits, Bus: s.bus, Log: s.log}
	if c.Store == nil {
		c.Store = new(memory.Engine)
	}
	s.shelf, err = waiting.Open(ctx, c)
	return err
}

// listen opens the sockets of sip.conf and lets the driver work on them.
func (s *server) listen(ctx context.Context, g *chansip.General) error {
	s.wire = transport.New(transport.Options{
		Handler: s.sip, Log: s.log, AuthTimeout: g.TCPAuthTimeout, AuthLimit: g.TCPAuthLimit, Certificates: s.certs, STUN: s.stunPacket, Closed: s.sip.Disconnected,
		Dial: s.dial(g),
	})
	s.sip.Attach(s.wire)
	if g.UDP {
		for _, a := range g.UDPBind {
			socks, err := transport.Sockets{Address: a.String(), Count: 1, Mark: sipMark(g), Unmarked: s.unmarked}.Open(ctx)
			if err != nil {
				return listenError("UDP", a, err)
			}
			for _, pc := range socks {
				s.wire.ServeUDP(pc)
			}
		}
	}
	if g.TCP {
		for _, a := range g.TCPBind {
			ln, err := s.listenTCP(g, a)
			if err != nil {
				return listenError("TCP", a, err)
			}
			s.wire.ServeTCP(ln, transport.TCP)
		}
	}
	if err := s.listenTLS(g); err != nil {
		return err
	}
	s.sip.Start()
	s.texts.Start()
	s.shelf.Start()
	return nil
}

func listenError(what string, a netip.AddrPort, err error) error {
	return fmt.Errorf("can't listen on %s %s (another SIP server may be running; udpbindaddr, tcpbindaddr and tlsbindaddr in sip.conf choose others): %w", what, a, err)
}

// textTime is how long a stop waits for the dialplans of texts.
const textTime = 2 * time.Second

// close ends the rooms in the order in which nothing is missed: no new calls, no
// packets, then what remembers.
func (s *server) close(ctx context.Context) error {
	var all []error
	if s.sip != nil {
		s.sip.Stop()
	}
	if s.texts != nil {
		ending, cancel := context.WithTimeout(ctx, textTime)
		s.texts.Drain(ending)
		cancel()
	}
	if s.calls != nil {
		s.calls.HangupAll(call.CauseNormalClearing)
		ending, cancel := context.WithTimeout(ctx, hangupTime) // something is left of ctx for what has to be written down
		if err := s.calls.Wait(ending); err != nil {
			all = append(all, fmt.Errorf("calls did not end: %w", err))
		}
		cancel()
	}
	if s.tapes != nil {
		all = append(all, s.tapes.Close(ctx))
	}
	if s.shelf != nil {
		all = append(all, s.shelf.Close(ctx))
	}
	if s.sip != nil {
		s.sip.Close()
	}
	if s.stun != nil {
		s.stun.Close()
	}
	if s.wire != nil {
		s.wire.Close()
	}
	if s.texts != nil {
		all = append(all, s.texts.Close(ctx))
	}
	if s.media != nil {
		all = append(all, s.media.Close())
	}
	if s.opus != nil {
		all = append(all, s.opus.Close())
	}
	if s.db != nil {
		all = append(all, s.db.Close(ctx))
	}
	if s.where != nil {
		all = append(all, s.where.Close(ctx))
	}
	all = append(all, s.closeRecords(ctx))
	if s.boxes != nil {
		all = append(all, s.boxes.Close(ctx))
	}
	if s.engine != nil {
		all = append(all, s.engine.Close())
	}
	return errors.Join(all...)
}
