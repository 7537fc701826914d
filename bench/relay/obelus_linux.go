package main

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"obelus/media"
	"obelus/media/rtp"
)

// obelus is this program itself, started again to be the media plane without a
// PBX around it. The name says how: obelus, obelus-go, obelus-nowait.
func (h *house) obelus(name, profile string) (*relay, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if _, _, err := flavour(name); err != nil {
		return nil, err
	}
	return &relay{
		version: "media/rtp of this tree, " + runtime.Version(),
		cmd: func(streams int) *exec.Cmd {
			return h.inRelay(self, "-cpuprofile="+profile, "-serve", name, strconv.Itoa(streams))
		},
		open: openByPipe,
	}, nil
}

// flavour is the options that a name stands for.
func flavour(name string) (engine string, wait time.Duration, err error) {
	switch strings.TrimPrefix(name, "obelus") {
	case "":
		return rtp.EngineAuto, 0, nil
	case "-nowait":
		return rtp.EngineAuto, -1, nil
	case "-go":
		return rtp.EngineGo, 0, nil
	}
	return "", 0, fmt.Errorf("%s: there are obelus, obelus-go and obelus-nowait", name)
}

// serveObelus is the relay's process.
func serveObelus(name, profile string, args []string) error {
	engine, wait, err := flavour(name)
	if err != nil {
		return err
	}
	streams, err := strconv.Atoi(strings.Join(args, " "))
	if err != nil {
		return fmt.Errorf("-serve: how many streams: %w", err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	fmt.Println("up")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return nil // nobody wants us
	}
	plane, err := rtp.New(rtp.Options{Engine: engine, Coalesce: wait, Start: 20000, End: 65535})
	if err != nil {
		return err
	}
	defer plane.Close()
	if profile != "" {
		f, err := os.Create(profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	if err := openCalls(plane, streams); err != nil {
		return err
	}
	debug.FreeOSMemory() // what is asked for is what a stream keeps
	fmt.Println("ready")
	<-stop
	return nil
}

// openCalls makes calls of two streams each, as chansip would, and writes their
// ports.
func openCalls(plane *rtp.Plane, streams int) error {
	here := netip.MustParseAddr(relayAddr)
	var caller *rtp.Session
	for i := range streams {
		s, err := plane.Open(rtp.SessionConfig{Bind: here, Near: caller})
		if err != nil {
			return err
		}
		err = s.Audio().SetRemote(rtp.Remote{
			Addr:     netip.AddrPortFrom(netip.MustParseAddr(phonesAddr), uint16(firstPhone+2*i)),
			Payloads: []rtp.Payload{{Type: 0, Format: media.Ulaw}, {Type: 101, Format: media.TelephoneEvent}},
		})
		if err != nil {
			return err
		}
		fmt.Println(s.Audio().Port())
		if caller == nil {
			caller = s
			continue
		}
		if err := rtp.Connect(caller, s); err != nil {
			return err
		}
		caller = nil
	}
	return nil
}
