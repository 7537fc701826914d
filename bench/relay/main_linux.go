// Command relay compares what obelus, rtpengine and a bare loop in C spend on
// relaying sound, in one run on one machine: phones in one network namespace,
// the relay in another, a veth pair between them. README.md in bench says how to
// run it and what the figures mean.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// options are what the command line says.
type options struct {
	streams  []int
	relays   []string
	rounds   int
	measured time.Duration
	warm     time.Duration
	maxLoss  float64
	profile  string
}

func main() {
	var o options
	streams := flag.String("streams", "200,1000,2000", "how many streams, a `list`; a stream is what one phone sends, two are a call")
	relays := flag.String("relays", "obelus,rtpengine,c", "what to measure, a `list`; also obelus-go, obelus-nowait")
	flag.IntVar(&o.rounds, "rounds", 3, "rounds; in each all relays take turns")
	flag.DurationVar(&o.measured, "time", 8*time.Second, "how long a round measures")
	flag.DurationVar(&o.warm, "warm", 2*time.Second, "how long the phones talk before")
	flag.Float64Var(&o.maxLoss, "loss", 0.1, "lost packets, in per cent, above which a run fails")
	flag.StringVar(&o.profile, "cpuprofile", "", "have obelus write a CPU profile to this `file`, of its last run")
	serve := flag.String("serve", "", "be the relay: started by the benchmark itself")
	flag.Parse()
	if *serve != "" {
		exit(serveObelus(*serve, o.profile, flag.Args()))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if o.streams, err = numbers(*streams); err != nil {
		exit(fmt.Errorf("-streams: %w", err))
	}
	o.relays = strings.Split(*relays, ",")
	exit(run(ctx, o))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/relay:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// numbers reads "200,1000": each even, since two streams are a call.
func numbers(list string) (out []int, err error) {
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 2 || n%2 != 0 || n > maxStreams {
			return nil, fmt.Errorf("%q is no even number from 2 to %d", text, maxStreams)
		}
		out = append(out, n)
	}
	return out, nil
}

// run makes the two namespaces, lets every relay have its turn and writes the
// table. The goroutine that makes sockets and sends keeps its thread.
func run(ctx context.Context, o options) error {
	if os.Geteuid() != 0 {
		return errors.New("must be root: it makes two network namespaces and a veth pair between them (go build ./bench/relay, then run it as root)")
	}
	if o.rounds < 1 || o.measured < time.Second || o.warm < 0 {
		return errors.New("a number on the command line is out of range; see -h")
	}
	runtime.LockOSThread()
	debug.SetGCPercent(400)
	h, err := newHouse(ctx)
	if err != nil {
		return err
	}
	defer h.close()
	relays, err := h.relays(ctx, o)
	if err != nil {
		return err
	}
	fmt.Println(time.Now().Format(time.DateOnly)+",", machine())
	for _, r := range relays {
		fmt.Printf("%s: %s\n", r.name, r.version)
	}
	var all results
	for _, n := range o.streams {
		for round := range o.rounds {
			if err := h.round(ctx, o, n, round, relays, &all); err != nil {
				return err
			}
		}
	}
	fmt.Print(all.table(o))
	return nil
}

// round measures the phones without a relay, then each relay. Who begins
// changes from round to round.
func (h *house) round(ctx context.Context, o options, streams, round int, relays []*relay, all *results) error {
	direct, err := h.talk(ctx, o, streams, nil)
	if err != nil {
		return fmt.Errorf("%d streams, no relay: %w", streams, err)
	}
	fmt.Printf("%d streams, round %d, no relay: %s\n", streams, round+1, direct)
	for i := range relays {
		r := relays[(i+round)%len(relays)]
		m, err := h.talk(ctx, o, streams, r)
		if err != nil {
			return fmt.Errorf("%d streams, %s: %w", streams, r.name, err)
		}
		fmt.Printf("%d streams, round %d, %s: %s\n", streams, round+1, r.name, m)
		all.add(r.name, streams, m, direct)
	}
	return nil
}
