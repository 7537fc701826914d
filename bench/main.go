// Command bench measures obelus, and Kamailio beside it, doing the same work
// on the same machine in the same run. It starts the servers itself, on
// loopback, one pinned to a core of its own, and drives them over UDP as phones
// would. README.md says how to run it and what the figures mean.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
)

// options are what the command line says.
type options struct {
	obelus   string // the binary; built when empty
	profile  string // where obelus writes a CPU profile; nowhere when empty
	kamailio string
	only     string
	accounts int
	window   int
	rounds   int
	calls    int
	rate     int
	steps    int
	bindings int
}

func main() {
	var o options
	flag.StringVar(&o.profile, "cpuprofile", "", "have obelus write a CPU profile to this `file`")
	flag.StringVar(&o.obelus, "obelus", "", "the obelus `binary`; built from ./cmd/obelus when empty")
	flag.StringVar(&o.kamailio, "kamailio", "kamailio", "the Kamailio `binary`")
	flag.StringVar(&o.only, "only", "register,start,calls,dialplan,durable,store,restart,texts,reload", "which of `register,start,calls,dialplan,durable,store,restart,texts,reload` to run; \"kamailio\" registers with Kamailio alone")
	flag.IntVar(&o.accounts, "accounts", 10000, "accounts that register, at most 10000")
	flag.IntVar(&o.window, "window", 64, "registrations under way at once")
	flag.IntVar(&o.rounds, "rounds", 7, "measured rounds; the middle one counts")
	flag.IntVar(&o.calls, "calls", 1000, "calls a round")
	flag.IntVar(&o.rate, "rate", 200, "calls a second")
	flag.IntVar(&o.steps, "steps", 110000, "dialplan steps a round")
	flag.IntVar(&o.bindings, "bindings", 100000, "phones that are registered when obelus is started again")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

// run does what was asked for and writes one table for each part.
func run(ctx context.Context, o options, out io.Writer) error {
	if o.accounts < 2 || o.accounts > maxAccounts || o.window < 1 || o.rounds < 1 || o.calls < 1 || o.rate < 1 || o.steps < stepsPerLoop || o.bindings < storeBatch {
		return fmt.Errorf("a number on the command line is out of range; see bench -h")
	}
	dir, err := os.MkdirTemp("", "obelus-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := pinSelf(ctx); err != nil {
		fmt.Fprintln(out, "not pinned to cores:", err)
	}
	b := &bench{options: o, dir: dir, out: out}
	fmt.Fprintf(out, "%s, %s\n", time.Now().Format(time.DateOnly), machine())
	parts := map[string]func(context.Context) error{
		"kamailio": b.kamailioAlone,
		"register": b.register,
		"start":    b.start,
		"calls":    b.placeCalls,
		"dialplan": b.dialplan,
		"durable":  b.durable,
		"store":    b.storeAlone,
		"restart":  b.restart,
		"texts":    b.texts,
		"reload":   b.reload,
	}
	for name := range strings.SplitSeq(o.only, ",") {
		part, ok := parts[name]
		if !ok {
			return fmt.Errorf("-only: no part %q", name)
		}
		if err := part(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// bench is one run.
type bench struct {
	options
	dir string
	out io.Writer
}
