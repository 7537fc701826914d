package opus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"obelus/media/codec"
)

// File is the name of the module where it is looked for.
const File = "opus.wasm"

// Errors of the module.
var (
	// ErrModule says that the file is no such module.
	ErrModule = errors.New("not the module of Opus that is known here")
	// ErrClosed says that the encoders were closed.
	ErrClosed = errors.New("the encoders of opus are closed")
)

// Find is the path of the module in the first of the directories that has it; ""
// where none has.
func Find(dirs ...string) string {
	for _, d := range dirs {
		if d == "" {
			continue
		}
		p := filepath.Join(d, File)
		if s, err := os.Stat(p); err == nil && s.Mode().IsRegular() {
			return p
		}
	}
	return ""
}

// Encoders makes encoders. Its methods are safe from any goroutine.
type Encoders struct {
	log     *slog.Logger
	runtime wazero.Runtime
	module  wazero.CompiledModule

	mu       sync.Mutex
	machines []*machine
	closed   bool
}

// memoryPages bounds what one machine may take, in pages of 64 KiB: 16 MiB are
// its stack and first heap, of which only what is used is really there.
const memoryPages = 1024

// functions are what the module has to export, with the number of their
// parameters.
var functions = map[string]int{
	"malloc": 1, "free": 1, "opus_encoder_get_size": 1, "opus_encoder_init": 4, "opus_encode": 5, "opus_encoder_ctl_set": 3,
}

// Open compiles the module in a file. Close ends it.
func Open(ctx context.Context, path string, log *slog.Logger) (*Encoders, error) {
	code, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the module of opus: %w", err)
	}
	e, err := New(ctx, code, log)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// New compiles a module. Close ends it.
func New(ctx context.Context, code []byte, log *slog.Logger) (_ *Encoders, err error) {
	e := &Encoders{log: log, runtime: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(memoryPages))}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.runtime.Close(ctx))
		}
	}()
	if e.module, err = e.runtime.CompileModule(ctx, code); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModule, err)
	}
	exported := e.module.ExportedFunctions()
	for name, n := range functions {
		if f, ok := exported[name]; !ok || len(f.ParamTypes()) != n {
			return nil, fmt.Errorf("%w: it has no function %s of %d", ErrModule, name, n)
		}
	}
	if _, ok := e.module.ExportedMemories()["memory"]; !ok {
		return nil, fmt.Errorf("%w: it has no memory", ErrModule)
	}
	if err = e.world(ctx); err != nil {
		return nil, err
	}
	return e, nil
}

// world is what the module sees of the outside: functions that do nothing. It
// asks for those of a C library's files and its exit.
func (e *Encoders) world(ctx context.Context) error {
	builders := map[string]wazero.HostModuleBuilder{}
	for _, f := range e.module.ImportedFunctions() {
		from, name, _ := f.Import()
		if builders[from] == nil {
			builders[from] = e.runtime.NewHostModuleBuilder(from)
		}
		results := f.ResultTypes()
		nothing := api.GoFunc(func(_ context.Context, stack []uint64) { clear(stack[:len(results)]) })
		builders[from].NewFunctionBuilder().WithGoFunction(nothing, f.ParamTypes(), results).Export(name)
	}
	for from, b := range builders {
		if _, err := b.Instantiate(ctx); err != nil {
			return fmt.Errorf("make %s for the module: %w", from, err)
		}
	}
	return nil
}

// NewOpusEncoder returns an encoder of one voice at 8000, 12000, 16000, 24000 or
// 48000 samples a second; it is an io.Closer.
func (e *Encoders) NewOpusEncoder(rate int) (codec.Encoder, error) {
	how, ok := settings[rate]
	if !ok {
		return nil, fmt.Errorf("opus has no rate of %d samples a second", rate)
	}
	enc := &encoder{from: e, rate: rate, how: how}
	if err := enc.move(); err != nil {
		return nil, err
	}
	return enc, nil
}

// place returns the machine with the fewest encoders. There are as many as
// cores: encoders of one machine wait for each other.
func (e *Encoders) place() (*machine, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	var best *machine
	whole := e.machines[:0]
	for _, m := range e.machines {
		if m.broken.Load() {
			continue
		}
		whole = append(whole, m)
		if best == nil || m.users.Load() < best.users.Load() {
			best = m
		}
	}
	e.machines = whole
	if best == nil || best.users.Load() > 0 && len(e.machines) < runtime.GOMAXPROCS(0) {
		m, err := e.newMachine()
		if err != nil {
			return nil, err
		}
		e.machines = append(e.machines, m)
		best = m
	}
	best.users.Add(1)
	return best, nil
}

// Close ends every encoder: those that are still in use give nothing any more.
func (e *Encoders) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for _, m := range e.machines {
		m.breakDown()
	}
	e.machines = nil
	return e.runtime.Close(context.Background())
}
