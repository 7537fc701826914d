package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"obelus/chansip"
	sipshow "obelus/chansip/show"
	"obelus/cmd/obelus/settings"
	"obelus/conf"
	"obelus/console"
	"obelus/console/codecs"
	"obelus/console/database"
	keys "obelus/console/features"
	"obelus/console/hold"
	"obelus/console/lamps"
	"obelus/console/peers"
	"obelus/console/recordings"
	"obelus/console/texts"
	"obelus/internal/sdnotify"
	"obelus/store/sqlite"
)

// serve is the life of the process: read everything, open everything, say so,
// work until it is told to stop, close everything in order. It returns
// [errRestart] where it is to begin again.
func serve(dirs settings.Dirs, out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	hangups := make(chan os.Signal, 1) // from the first moment: it would end a process that does not listen
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	least := slog.LevelInfo
	if dirs.Options.Debug > 0 {
		least = slog.LevelDebug
	}
	log := slog.New(newLogHandler(out, least))

	c, found, err := settings.Read(dirs, version)
	for _, d := range found {
		if d.Severity > conf.Note {
			log.Warn(d.String())
		}
	}
	if err != nil {
		return fmt.Errorf("the configuration is refused: %w", err)
	}
	if err := os.MkdirAll(dirs.Data, 0o750); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	ctl, err := console.Listen(dirs.Socket())
	if err != nil {
		if by := sqlite.HeldBy(dirs.Data); by != "" {
			err = fmt.Errorf("%w; %s is held by %s", err, dirs.Data, by)
		}
		return err
	}
	defer os.Remove(dirs.Socket())
	s, err := newServer(ctx, dirs, c, log)
	if err != nil {
		ctl.Close()
		return err
	}
	if s.manager, err = sdnotify.Open(os.Getenv, os.Getpid()); err != nil {
		log.Warn("the service manager can't be told how the server is", "why", err)
	}
	defer s.manager.Close()
	if err := s.listen(ctx, &c.SIP.General); err != nil {
		ctl.Close()
		closing, cancel := context.WithTimeout(context.Background(), saveTime)
		defer cancel()
		return errors.Join(err, s.close(closing))
	}
	s.listenSTUN(ctx, &c.Own.STUN, c.SIP.General.UDPBind)
	if err := s.work(ctx, hangups, ctl, c, found, out); !errors.Is(err, errRestart) {
		return err
	}
	if ctx.Err() != nil {
		log.Info("told to stop meanwhile: it does not begin again")
		return nil
	}
	signal.Ignore(syscall.SIGHUP) // what is ignored stays so in the program that comes, until it listens
	return errRestart
}

// work serves until it is told to end, and closes everything; errRestart says that it was told to begin again.
func (s *server) work(ctx context.Context, hangups <-chan os.Signal, ctl net.Listener, c *settings.Files, found []conf.Diagnostic, out io.Writer) error {
	working, rest := context.WithCancel(ctx)
	defer rest()
	go s.reload(working, found)
	go s.reloadOnHangup(working, hangups)
	go s.optimize(working)
	go s.boxes.Poll(working)
	go s.watch(working, s.manager, c.SIP.General.UDPBind[0])
	consoles, endConsoles := context.WithCancel(context.Background())
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := s.consoles().Serve(consoles, ctl); err != nil {
			s.log.Error("the console can't be served any more", "why", err)
		}
	}()
	if verbosity := s.dirs.Options.Verbose; verbosity > 0 {
		watch := console.Watch(s.bus)
		defer watch(func(level int, line string) {
			if level <= verbosity {
				fmt.Fprintln(out, line)
			}
		})()
	}
	close(s.booted)
	go settleMemory()
	s.tell(s.manager.Ready(s.status()))
	if !s.dirs.Options.Quiet {
		s.greet(out, c)
	}

	how := s.ending.await(ctx)
	rest()
	s.reloads.end()
	err := s.end(how)
	endConsoles()
	<-served
	return err
}

// reloadOnHangup reads the files again at SIGHUP, where there is such a thing.
func (s *server) reloadOnHangup(ctx context.Context, hangups <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			if _, err := s.Reload(ctx, everything()); err != nil {
				return // it stops
			}
		}
	}
}

// consoles is the console's server with every command.
func (s *server) consoles() *console.Server {
	s.table = &console.Table{}
	core := &console.Core{
		PBX: s.pbx, Registry: s.calls, Version: "obelus " + version, Started: s.started, Booted: s.booted,
		Reloaded: s.lastReload, End: s.ending.End, Abort: s.ending.Abort,
	}
	s.table.Add(core.Commands(s.table)...)
	s.table.Add(s.sipCommands()...)
	s.table.Add(s.sipLampCommands()...)
	s.table.Add(s.notifyCommand())
	s.table.Add(peers.Commands(s.sip)...)
	s.table.Add(lamps.Commands(s.board)...)
	s.table.Add(keys.Commands(s.features)...)
	s.table.Add(s.reloadCommands()...)
	s.table.Add(s.databaseCommands()...)
	s.table.Add(s.backupCommand())
	s.table.Add(s.storeCommands()...)
	s.table.Add(texts.Commands(s.shelf)...)
	s.table.Add(s.aclCommand())
	s.table.Add(s.indicationCommand())
	s.table.Add(s.cdrCommands()...)
	s.table.Add(s.voicemailCommands()...)
	s.table.Add(s.rtpCommands()...)
	s.table.Add(hold.Commands(s.music)...)
	s.table.Add(recordings.Commands(s.tapes, s.pbx)...)
	s.table.Add(s.agiCommands()...)
	s.table.Add(s.stunCommands()...)
	s.table.Add(codecs.Commands(s.codecs)...)
	return &console.Server{Table: s.table, Version: "obelus " + version, Log: s.log, Watch: console.Watch(s.bus)}
}

// databaseCommands are the console commands about DB().
func (s *server) databaseCommands() []console.Command {
	var query database.Query
	if q, ok := s.engine.(querier); ok {
		query = q.Query
	}
	return database.Commands(s.db, query)
}

// greet says what a person needs to connect a phone.
func (s *server) greet(out io.Writer, c *settings.Files) {
	fmt.Fprintf(out, "\nobelus %s is serving.\n\n", version)
	g := &c.SIP.General
	for _, a := range g.UDPBind {
		what := "UDP"
		if g.TCP {
			what = "UDP and TCP"
		}
		fmt.Fprintf(out, "  SIP server    %s (%s)\n", a, what)
	}
	if g.TLSEnable {
		for _, a := range g.TLSBind {
			fmt.Fprintf(out, "  SIP server    %s (TLS)\n", a)
		}
	}
	if s.stun != nil {
		for _, a := range s.stun.Addrs() {
			fmt.Fprintf(out, "  STUN server   %s (UDP)\n", a)
		}
	}
	if s.dirs.Config == "" {
		fmt.Fprintf(out, "\n  accounts      1001, password 1001\n                1002, password 1002\n"+
			"  to dial       1001, 1002, or 600 for an echo\n\n"+
			"  These passwords are for trying out: everybody knows them. So only loopback and\n"+
			"  private addresses are listened on. Write /etc/obelus/sip.conf and extensions.conf\n  for more, or name a directory: obelus serve --config DIR\n\n")
	} else {
		fmt.Fprintf(out, "  configuration %s (obelus check %s says what was made of it)\n", s.dirs.Config, s.dirs.Config)
	}
	fmt.Fprintf(out, "  data          %s\n", s.dirs.Data)
	fmt.Fprintf(out, "  console       %s\n\n", s.dirs.ConsoleCommand())
}

// sipCommands are the console commands of the SIP driver.
func (s *server) sipCommands() []console.Command {
	return []console.Command{
		{Words: "sip show peers", Summary: "List defined SIP peers", Run: console.Show(s.sip.ShowPeers)},
		{Words: "sip show channels", Summary: "List active SIP channels", Run: console.Show(s.sip.ShowChannels)},
		{Words: "sip show channelstats", Summary: "List statistics for active SIP channels", Run: console.Show(s.sip.ShowChannelStats)},
		{Words: "sip show channel", Args: "<call-id>", Summary: "Show detailed SIP channel info",
			Run: func(_ context.Context, c *console.Session, args []string) error {
				if len(args) != 1 {
					return console.ErrUsage
				}
				var b strings.Builder
				s.sip.ShowChannel(&b, args[0])
				_, err := io.WriteString(c, b.String())
				return err
			}, Complete: func(args []string) []string {
				if len(args) > 0 {
					return nil
				}
				return s.sip.ChannelIDs()
			}},
		{Words: "sip show registry", Summary: "List SIP registration status", Run: console.Show(s.sip.ShowRegistry)},
		{Words: "sip show settings", Summary: "Show SIP global settings", Run: console.Show(func(w io.Writer) { sipshow.Settings(w, s.sip.Settings()) })},
		{Words: "sip show peer", Args: "<name> [load]", Summary: "Show details on specific SIP peer",
			Run: func(_ context.Context, c *console.Session, args []string) error {
				if len(args) < 1 {
					return console.ErrUsage
				}
				var b strings.Builder
				s.sip.ShowPeer(&b, args[0])
				_, err := io.WriteString(c, b.String())
				return err
			}, Complete: func(args []string) []string {
				if len(args) > 0 {
					return nil
				}
				return s.sip.PeerNames()
			}},
		{Words: "sip set debug", Args: "{on|off|ip <addr>|peer <name>}", Summary: "Enable/Disable SIP debugging", Run: s.debug},
	}
}

// debug shows the messages on the wire in the log.
func (s *server) debug(_ context.Context, c *console.Session, args []string) error {
	filter := chansip.Filter{}
	switch {
	case len(args) == 1 && args[0] == "off":
		s.sip.Trace(nil, filter)
		c.Printf("SIP Debugging Disabled\n")
		return nil
	case len(args) == 1 && args[0] == "on":
		c.Printf("SIP Debugging enabled\n")
	case len(args) == 2 && args[0] == "ip":
		filter.IP = args[1]
		c.Printf("SIP Debugging Enabled for IP: %s\n", args[1])
	case len(args) == 2 && args[0] == "peer":
		filter.Peer = args[1]
		c.Printf("SIP Debugging Enabled for peer: %s\n", args[1])
	default:
		return console.ErrUsage
	}
	s.sip.Trace(func(text string) { s.log.Info(text) }, filter)
	return nil
}
