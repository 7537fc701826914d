package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	// talkExten rings the callee, stepsExten runs the loop of steps.
	talkExten, stepsExten = "2000", "3000"
	// stepsPerLoop is NoOp 20 times, Set and GotoIf.
	stepsPerLoop = 22
	// stepsDone is the cause (Q.850: user busy) the loop hangs up with, 486 in
	// SIP: only a caller who got to the end hears it.
	stepsDone, stepsStatus = 17, 486
)

// sipConf makes a sip.conf with the accounts of the benchmark. Calls stay at the server:
// to tell two phones of each other is two more exchanges, and another benchmark.
func sipConf(addr netip.AddrPort, peers int, general string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "[general]\nudpbindaddr=%s\ntcpenable=no\ncontext=bench\nrealm=asterisk\nallowguest=no\ndisallow=all\nallow=ulaw\ndirectmedia=no\n%s", addr, general)
	for i := range peers {
		name := firstAccount + i
		fmt.Fprintf(&b, "\n[%d]\ntype=friend\nsecret=pw%d\nhost=dynamic\ncontext=bench\n", name, name)
	}
	return b.Bytes()
}

// extensionsConf makes the dialplan: a call to the second account, and a
// loop of the given number of steps.
func extensionsConf(steps int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "[bench]\nexten => %s,1,Dial(SIP/%d,30)\n same => n,Hangup()\n", talkExten, firstAccount+1)
	fmt.Fprintf(&b, "exten => %s,1,Set(i=0)\n same => n(top),NoOp(${i})\n", stepsExten)
	b.WriteString(strings.Repeat(" same => n,NoOp(${EXTEN} ${i})\n", stepsPerLoop-3))
	fmt.Fprintf(&b, " same => n,Set(i=$[${i} + 1])\n same => n,GotoIf($[${i} < %d]?top)\n same => n,Hangup(%d)\n", steps/stepsPerLoop, stepsDone)
	b.WriteString("exten => _1XXXX,1,MessageSend(sip:${EXTEN},${MESSAGE(from)})\n")
	return b.Bytes()
}

// buildObelus makes the binary once a run.
func (b *bench) buildObelus(ctx context.Context) error {
	if b.obelus != "" {
		return nil
	}
	bin := filepath.Join(b.dir, "obelus")
	build := exec.CommandContext(ctx, "go", "build", "-o", bin, "./cmd/obelus")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build obelus: %w\n%s", err, out)
	}
	b.obelus = bin
	return nil
}

// house is what an obelus is started with.
type house struct {
	peers   int    // in sip.conf
	general string // more lines of its [general]
	own     string // obelus.conf
	records string // cdr.conf
	dir     string // configuration and data; made where it is ""
}

// inMemory is the house that Kamailio is compared with: it is given memory only, too.
var inMemory = house{peers: maxAccounts, own: "[store]\nengine=memory\n"}

// startObelus starts an obelus that keeps nothing.
func (b *bench) startObelus(ctx context.Context) (*server, error) {
	return b.startHouse(ctx, inMemory)
}

// startHouse starts an obelus.
func (b *bench) startHouse(ctx context.Context, h house) (*server, error) {
	if err := b.buildObelus(ctx); err != nil {
		return nil, err
	}
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	if h.dir == "" {
		if h.dir, err = os.MkdirTemp(b.dir, "config"); err != nil {
			return nil, err
		}
	}
	err = errors.Join(
		os.WriteFile(filepath.Join(h.dir, "sip.conf"), sipConf(addr, h.peers, h.general), 0o600),
		os.WriteFile(filepath.Join(h.dir, "extensions.conf"), extensionsConf(b.steps), 0o600),
		os.WriteFile(filepath.Join(h.dir, "obelus.conf"), []byte(h.own), 0o600),
		os.WriteFile(filepath.Join(h.dir, "cdr.conf"), []byte(h.records), 0o600),
		os.MkdirAll(h.data(), 0o700))
	if err != nil {
		return nil, err
	}
	args := []string{b.obelus, "serve", "--config", h.dir, "--data", h.data()}
	if b.profile != "" {
		args = append(args, "--cpuprofile", b.profile)
	}
	return startServer(ctx, b.dir, "obelus", addr, args...)
}

// data is the data directory.
func (h house) data() string { return filepath.Join(h.dir, "data") }

// start measures how long obelus takes to its first answer and what it holds
// then, with every account in sip.conf.
func (b *bench) start(ctx context.Context) error {
	var took, held spread
	for range b.rounds {
		s, err := b.startObelus(ctx)
		if err != nil {
			return err
		}
		bytes, err := s.resident()
		if err := errors.Join(err, s.stop()); err != nil {
			return err
		}
		took = append(took, float64(s.started)/float64(time.Millisecond))
		held = append(held, float64(bytes)/(1<<20))
	}
	return table(b.out, fmt.Sprintf("obelus with %d peers in sip.conf, %d starts", maxAccounts, b.rounds),
		[]string{"start to first answer, ms", took.String()},
		[]string{"resident, MiB", held.String()})
}
