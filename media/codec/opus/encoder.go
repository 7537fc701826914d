package opus

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

const (
	voip    = 2048 // OPUS_APPLICATION_VOIP
	longest = 120  // milliseconds that one packet holds (RFC 6716 §3.2.5)
	most    = 1400 // bytes of a packet: what fits a datagram
	frame   = 20   // milliseconds
	inRoom  = 2 * 48 * longest
)

// Requests of opus_encoder_ctl.
const (
	setBitrate    = 4002
	setComplexity = 4010
	setSignal     = 4024
	signalVoice   = 3001
)

// setting is how a rate is coded.
type setting struct{ bitrate, complexity uint64 }

// settings are by sampling rate. Bit rates are those at which speech is as good
// as at that rate it can be (RFC 7587 §3.1.1 has the ranges); complexity 5 is
// half of the cost of 10, and nobody hears the rest.
var settings = map[int]setting{
	8000: {20000, 5}, 12000: {24000, 5}, 16000: {28000, 5}, 24000: {36000, 5}, 48000: {48000, 5},
}

// machine is the module at work: one at a time speaks with it.
type machine struct {
	users  atomic.Int32 // encoders that live here
	broken atomic.Bool

	mu                        sync.Mutex
	module                    api.Module
	malloc, free, ctl, encode api.Function
	size, init                api.Function
	in, out                   uint32 // its rooms for samples and for a packet
	stack                     [5]uint64
}

func (e *Encoders) newMachine() (*machine, error) {
	ctx := context.Background()
	start := []string{}
	if _, ok := e.module.ExportedFunctions()["_initialize"]; ok {
		start = append(start, "_initialize")
	}
	mod, err := e.runtime.InstantiateModule(ctx, e.module, wazero.NewModuleConfig().WithName("").WithStartFunctions(start...))
	if err != nil {
		return nil, fmt.Errorf("start the module of opus: %w", err)
	}
	f := mod.ExportedFunction
	m := &machine{
		module: mod, malloc: f("malloc"), free: f("free"), ctl: f("opus_encoder_ctl_set"), encode: f("opus_encode"),
		size: f("opus_encoder_get_size"), init: f("opus_encoder_init"),
	}
	if m.in, err = m.room(inRoom); err == nil {
		m.out, err = m.room(most)
	}
	if err != nil {
		m.breakDown()
		return nil, fmt.Errorf("start the module of opus: %w", err)
	}
	return m, nil
}

// call runs a function of the module. Its result is a number of C, negative for
// an error. mu is held, or nobody else has the machine yet.
func (m *machine) call(f api.Function, args ...uint64) (int32, error) {
	if m.broken.Load() {
		return 0, ErrClosed
	}
	m.stack[0] = 0
	copy(m.stack[:], args)
	if err := f.CallWithStack(context.Background(), m.stack[:]); err != nil {
		m.broken.Store(true)
		return 0, err
	}
	return int32(uint32(m.stack[0])), nil
}

// room takes memory in the module.
func (m *machine) room(n int32) (uint32, error) {
	at, err := m.call(m.malloc, uint64(uint32(n)))
	if err == nil && at == 0 {
		err = fmt.Errorf("the module has no room for %d bytes", n)
	}
	return uint32(at), err
}

// breakDown ends the machine. It waits for who speaks with it.
func (m *machine) breakDown() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken.Store(true)
	// Closing frees memory and can't fail in a module without files.
	_ = m.module.Close(context.Background())
}

// encoder is one voice. It lives in a machine.
type encoder struct {
	from *Encoders
	rate int
	how  setting
	home *machine // nil when closed
	at   uint32   // its state there
}

// move starts the encoder afresh in a machine that has room.
func (e *encoder) move() error {
	e.home = nil
	m, err := e.from.place()
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := e.settle(m); err != nil {
		m.users.Add(-1)
		return fmt.Errorf("start an encoder of opus: %w", err)
	}
	e.home = m
	return nil
}

func (e *encoder) settle(m *machine) error {
	size, err := m.call(m.size, 1)
	if err != nil {
		return err
	}
	if e.at, err = m.room(size); err != nil {
		return err
	}
	for _, c := range []struct {
		f    api.Function
		args []uint64
	}{
		{m.init, []uint64{uint64(e.at), uint64(e.rate), 1, voip}},
		{m.ctl, []uint64{uint64(e.at), setBitrate, e.how.bitrate}},
		{m.ctl, []uint64{uint64(e.at), setComplexity, e.how.complexity}},
		{m.ctl, []uint64{uint64(e.at), setSignal, signalVoice}},
	} {
		code, err := m.call(c.f, c.args...)
		if err == nil && code < 0 {
			err = fmt.Errorf("it answers %d to a setting", code)
		}
		if err != nil {
			e.leave(m)
			return err
		}
	}
	return nil
}

// leave gives the state back. The machine's lock is held.
func (e *encoder) leave(m *machine) {
	if e.at == 0 || m.broken.Load() {
		return
	}
	if _, err := m.call(m.free, uint64(e.at)); err != nil {
		e.from.log.Warn("the module of opus failed", "why", err)
	}
	e.at = 0
}

// Encode appends one packet: pcm filled up to whole frames of 20 ms, at most 120
// ms of it. Where the module fails there is no packet, and the next begins
// afresh.
func (e *encoder) Encode(dst []byte, pcm []int16) []byte {
	if len(pcm) == 0 || e.home == nil {
		return dst
	}
	out, err := e.packet(dst, pcm)
	if err == nil {
		return out
	}
	e.from.log.Warn("an encoder of opus failed and starts afresh", "why", err)
	e.home.users.Add(-1)
	if err := e.move(); err != nil {
		e.from.log.Error("an encoder of opus could not be started again", "why", err)
	}
	return dst
}

func (e *encoder) packet(dst []byte, pcm []int16) ([]byte, error) {
	m := e.home
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken.Load() {
		return dst, ErrClosed
	}
	unit := e.rate * frame / int(time.Second/time.Millisecond)
	n := min((len(pcm)+unit-1)/unit, longest/frame) * unit
	room, ok := m.module.Memory().Read(m.in, uint32(2*n))
	if !ok {
		return dst, ErrModule
	}
	for i, s := range pcm[:min(n, len(pcm))] {
		room[2*i], room[2*i+1] = byte(s), byte(uint16(s)>>8)
	}
	clear(room[min(2*len(pcm), 2*n):])
	size, err := m.call(m.encode, uint64(e.at), uint64(m.in), uint64(n), uint64(m.out), most)
	if err != nil {
		return dst, err
	}
	packet, ok := m.module.Memory().Read(m.out, uint32(max(size, 0)))
	if size <= 0 || size > most || !ok {
		return dst, fmt.Errorf("it answers %d to a frame", size)
	}
	return append(dst, packet...), nil
}

// Close gives the encoder's memory back.
func (e *encoder) Close() error {
	if m := e.home; m != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		e.leave(m)
		m.users.Add(-1)
		e.home = nil
	}
	return nil
}
