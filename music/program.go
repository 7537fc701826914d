package music

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"sort"
	"sync"
	"time"

	"obelus/call"
	"obelus/media"
	"obelus/media/codec"
)

// program is what plays a class of mode custom: one process for all who listen, whose
// output is read in real time.
type program struct {
	rate   int
	cancel context.CancelFunc

	mu        sync.Mutex
	listeners map[*listener]bool
	ended     error
}

// listener is one who listens to a program: a source that gives silence when the
// program is late.
type listener struct {
	rate   int
	frames chan []int16
	rest   []int16
	over   chan struct{}
	p      *program
}

// backlog is how many frames of 20 ms a listener may be behind before he misses some.
const backlog = 10

// Rate is how many samples make a second.
func (l *listener) Rate() int { return l.rate }

// Read reads what the program has played meanwhile.
func (l *listener) Read(b []int16) (int, error) {
	if len(l.rest) == 0 {
		select {
		case l.rest = <-l.frames:
		case <-l.over:
			return 0, io.EOF
		default:
			n := min(len(b), l.rate/50)
			clear(b[:n])
			return n, nil
		}
	}
	n := copy(b, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// playProgram has the channel listen to the program of the class, which it starts
// where it does not run.
func (m *Music) playProgram(ctx context.Context, sound call.Media, c *Class) error {
	l, err := m.listen(c)
	if err != nil {
		return err
	}
	defer m.leave(c, l)
	err = sound.Play(ctx, l)
	if err == nil && ctx.Err() == nil {
		l.p.mu.Lock()
		err = l.p.ended
		l.p.mu.Unlock()
		return fmt.Errorf("%w: the program of class %s has ended: %w", ErrNone, c.Name, err)
	}
	return err
}

func (m *Music) listen(c *Class) (*listener, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.programs[c.Name]
	if p == nil {
		var err error
		if p, err = m.start(c); err != nil {
			return nil, err
		}
		m.programs[c.Name] = p
	}
	l := &listener{rate: p.rate, frames: make(chan []int16, backlog), over: make(chan struct{}), p: p}
	p.mu.Lock()
	p.listeners[l] = true
	p.mu.Unlock()
	return l, nil
}

// leave ends the program with its last listener.
func (m *Music) leave(c *Class, l *listener) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := l.p
	p.mu.Lock()
	delete(p.listeners, l)
	left := len(p.listeners)
	p.mu.Unlock()
	if left > 0 {
		return
	}
	p.cancel()
	if m.programs[c.Name] == p {
		delete(m.programs, c.Name)
	}
}

// start starts the program; m.mu is held.
func (m *Music) start(c *Class) (*program, error) {
	dir := m.directory(c)
	ctx, cancel := context.WithCancel(context.Background())
	src, wait, err := Run(ctx, c.command(dir), dir, c.Format)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%w: class %s: %w", ErrNone, c.Name, err)
	}
	p := &program{rate: src.Rate(), cancel: cancel, listeners: make(map[*listener]bool)}
	go func() {
		err := p.spread(ctx, src)
		cancel()
		if e := wait(); err == nil || errors.Is(err, io.EOF) {
			err = e
		}
		p.end(err)
		m.mu.Lock()
		if m.programs[c.Name] == p {
			delete(m.programs, c.Name)
		}
		m.mu.Unlock()
	}()
	return p, nil
}

// command is the command line, with the files of the directory behind it, as the
// original passes them to a player of MP3 files.
func (c *Class) command(dir string) []string {
	line := c.Command
	if dir == "" {
		return line
	}
	// A pattern of a fixed ending is well formed.
	files, _ := filepath.Glob(filepath.Join(dir, "*.mp3"))
	sort.Strings(files)
	return append(line[:len(line):len(line)], files...)
}

// spread reads 20 ms of sound every 20 ms and gives it to all who listen.
func (p *program) spread(ctx context.Context, src media.Source) error {
	tick := time.NewTicker(media.Frame)
	defer tick.Stop()
	for {
		frame := make([]int16, p.rate/50)
		n := 0
		for n < len(frame) {
			k, err := src.Read(frame[n:])
			if n += k; err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		p.mu.Lock()
		for l := range p.listeners {
			select {
			case l.frames <- frame:
			default:
			}
		}
		p.mu.Unlock()
	}
}

// end tells all who listen that the program has ended.
func (p *program) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended = err; err == nil {
		p.ended = io.EOF
	}
	for l := range p.listeners {
		close(l.over)
	}
	p.listeners = map[*listener]bool{}
}

// Run starts a program whose output is sound of a format, and returns it as a source
// and what waits for the program's end. No shell is asked. The end of ctx kills it.
func Run(ctx context.Context, command []string, dir string, f media.Format) (media.Source, func() error, error) {
	if len(command) == 0 {
		return nil, nil, errors.New("no program is named")
	}
	d, ok := codec.NewDecoder(f)
	signed := f >= media.Slin && f <= media.Slin192
	if !ok && !signed {
		return nil, nil, fmt.Errorf("sound of format %s can't be read from a program", f)
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	return &pipe{in: bufio.NewReader(out), rate: f.Rate(), signed: signed, decoder: d, unit: unitOf(f)}, cmd.Wait, nil
}

func unitOf(f media.Format) int {
	switch {
	case f >= media.Slin && f <= media.Slin192:
		return 2
	case f == media.GSM:
		return codec.Bytes(f, media.Frame)
	}
	return 1
}

// pipe is sound that a program writes.
type pipe struct {
	in      *bufio.Reader
	rate    int
	unit    int
	signed  bool // samples of 16 bits, the low byte first
	decoder codec.Decoder
	raw     []byte
	pcm     []int16
	rest    []int16
}

// Rate is how many samples make a second.
func (p *pipe) Rate() int { return p.rate }

// Read reads what the program has written; it waits for it.
func (p *pipe) Read(b []int16) (int, error) {
	if len(p.rest) == 0 {
		if p.raw == nil {
			p.raw = make([]byte, max(320/p.unit, 1)*p.unit)
		}
		n, err := io.ReadFull(p.in, p.raw)
		n -= n % p.unit
		if n == 0 {
			if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
				err = io.EOF
			}
			return 0, err
		}
		p.pcm = p.pcm[:0]
		if p.signed {
			for i := 0; i < n; i += 2 {
				p.pcm = append(p.pcm, int16(uint16(p.raw[i])|uint16(p.raw[i+1])<<8))
			}
		} else {
			p.pcm = p.decoder.Decode(p.pcm, p.raw[:n])
		}
		p.rest = p.pcm
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}
