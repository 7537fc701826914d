package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"golang.org/x/term"

	"obelus/cmd/obelus/settings"
	"obelus/console"
)

// runAsterisk is the program with the original's flags.
func runAsterisk(args []string) int {
	f, err := parseAsterisk(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "obelus:", err)
		return 2
	}
	switch {
	case f.help:
		fmt.Print(asteriskUsage)
		return 0
	case f.version:
		fmt.Printf("obelus %s\n", version)
		return 0
	}
	dirs, found, err := settings.Find("", "", f.config)
	if err != nil {
		fmt.Fprintln(os.Stderr, "obelus:", err)
		return 1
	}
	f.change(&dirs)
	if f.remote || f.execute {
		return f.attach(dirs)
	}
	complain(found)
	for _, what := range f.without {
		fmt.Fprintln(os.Stderr, "obelus:", what)
	}
	return ended(f.serve(dirs))
}

// change has the command line say more than asterisk.conf.
func (f *asteriskFlags) change(d *settings.Dirs) {
	if f.control != "" {
		d.Run, d.Control = filepath.Split(f.control)
	}
	o := &d.Options
	o.Verbose, o.Debug = max(o.Verbose, f.verbose), max(o.Debug, f.debug)
	o.Quiet = o.Quiet || f.quiet
	o.Console = o.Console || f.console
	o.DumpCore = o.DumpCore || f.dumpCore
	d.ExecIncludes = d.ExecIncludes || f.execIncludes
	if f.user != "" {
		o.User = f.user
	}
	if f.group != "" {
		o.Group = f.group
	}
}

// attach is -r, -R and -x.
func (f *asteriskFlags) attach(d settings.Dirs) int {
	verbosity := d.Options.Verbose
	if f.mute {
		verbosity = unwatched
	}
	if f.execute {
		return attach(d.Socket(), f.command, unwatched, nil)
	}
	keys := console.NewKeyboard(os.Stdin)
	code := attach(d.Socket(), "", verbosity, keys)
	for again := code == lostServer; f.reconnect && again; again = code != 0 {
		time.Sleep(time.Second)
		code = attach(d.Socket(), "", verbosity, keys)
	}
	return min(code, 1)
}

// serve serves in the foreground, with a console on the terminal where one is
// asked for.
func (f *asteriskFlags) serve(d settings.Dirs) error {
	if f.fork {
		fmt.Fprintln(os.Stderr, "obelus: -F: it stays in the foreground; a service manager, or & in a shell, puts it into the background")
	}
	if d.Options.Console {
		return serveWithConsole(d, f.mute)
	}
	return start(d, os.Stdout)
}

// start serves as asterisk.conf and the command line ask for.
func start(d settings.Dirs, out io.Writer) error {
	if d.Options.DumpCore {
		debug.SetTraceback("crash")
	}
	tradeMemory()
	if err := become(d.Options.User, d.Options.Group, d.Data, d.Run); err != nil {
		return err
	}
	return serve(d, out)
}

// serveWithConsole is -c: the server, and a console on the terminal. Leaving the
// console at a terminal ends the server, as the original's Ctrl-C does; an input
// that is no terminal may end.
func serveWithConsole(d settings.Dirs, mute bool) error {
	verbosity := d.Options.Verbose
	d.Options.Verbose = 0 // the console shows it
	screen := &screen{w: os.Stdout}
	ended := make(chan error, 1)
	go func() { ended <- start(d, screen) }()
	c, err := attachOwn(d.Socket(), ended)
	if c == nil {
		return err
	}
	defer c.Close()
	if mute {
		screen.use(io.Discard)
	} else {
		screen.use(c)
		if err := c.Watch(verbosity); err != nil {
			return <-ended // it stopped as soon as it had begun
		}
	}
	err = c.Interact(console.NewKeyboard(os.Stdin), historyFile(d.Socket()))
	screen.use(os.Stdout)
	if err != nil && !errors.Is(err, console.ErrDetached) {
		fmt.Fprintln(os.Stderr, "obelus:", err)
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		stop(d.Socket())
	}
	return <-ended
}

// attachOwn attaches to the server that this process is, as soon as it listens.
// It returns no console, and what the server ended with, when that comes first.
func attachOwn(socket string, ended chan error) (*console.Client, error) {
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case err := <-ended:
			return nil, err
		case <-again.C:
			if c, err := console.Dial(socket, os.Stdout); err == nil && c.PID == os.Getpid() {
				return c, nil
			} else if err == nil {
				c.Close() // of another server: ours is about to say so
			}
		}
	}
}

// stop has the server stop, unless it has.
func stop(socket string) {
	c, err := console.Dial(socket, io.Discard)
	if err != nil {
		return
	}
	defer c.Close()
	if _, err := c.Run("core stop now"); err != nil && !errors.Is(err, console.ErrDetached) {
		fmt.Fprintln(os.Stderr, "obelus:", err)
	}
}
