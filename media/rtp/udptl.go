package rtp

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"sync"
	"time"

	"obelus/media/learn"
	"obelus/media/wire"
)

// shortestUDPTL is the least that a UDPTL packet holds: its number, the length of
// the first message and one byte of it (ITU-T T.38 section 9.1).
const shortestUDPTL = 4

// Image is a fax on its way: UDPTL packets (ITU-T T.38), which go as they come to
// the session that this one is connected to. They are not read beyond their
// number: what is lost the fax machines repair between themselves.
type Image struct {
	session *Session
	local   netip.AddrPort
	wire    wire.Port

	mu     sync.Mutex
	learn  learn.Fax
	target netip.AddrPort // where the machine listens
	proven bool           // somebody at that address sends to us
	left   int            // packets that may go there until then
	stats  ImageStats
}

// ImageStats is the account of a fax.
type ImageStats struct {
	PacketsIn, BytesIn   uint64
	PacketsOut, BytesOut uint64
	Foreign              uint64         // packets from elsewhere
	Malformed            uint64         // too short for UDPTL
	Withheld             uint64         // packets not sent because nobody proved to listen there
	Learned              netip.AddrPort // zero while nobody sent
	LastReceived         time.Time
}

// OpenImage takes a port for a fax, beside the sound's. A session has one at
// most: opened again it is the one that is there.
func (s *Session) OpenImage() (*Image, error) {
	s.imaging.Lock()
	defer s.imaging.Unlock()
	if s.imagesOver {
		return nil, ErrClosed
	}
	if im := s.image.Load(); im != nil {
		return im, nil
	}
	p, bind := s.plane, s.audio.local.Addr()
	var last error
	for range min(p.ports.Pairs(), 100) {
		port, ok := p.ports.Take(time.Now())
		if !ok {
			break
		}
		im := &Image{session: s, local: netip.AddrPortFrom(bind, uint16(port)), left: p.settings.Load().Unproven}
		im.learn.Lenient = p.settings.Load().Lenient
		if im.wire, last = p.engine.Open(wire.At{Addr: im.local}, im.packet, s.audio.out.rtp); last == nil {
			s.image.Store(im)
			return im, nil
		}
		p.ports.Give(port)
		p.ports.Elsewhere()
	}
	return nil, errors.Join(fmt.Errorf("open a port for fax: %w", ErrNoPort), last)
}

// Image is the session's fax, nil where there is none.
func (s *Session) Image() *Image { return s.image.Load() }

// CloseImage ends the fax, if there is one.
func (s *Session) CloseImage() error {
	s.imaging.Lock()
	defer s.imaging.Unlock()
	return s.closeImage()
}

func (s *Session) closeImage() error {
	im := s.image.Swap(nil)
	if im == nil {
		return nil
	}
	err := im.wire.Close()
	s.plane.ports.Give(im.Port())
	if err != nil {
		return fmt.Errorf("close fax port %d: %w", im.Port(), err)
	}
	return nil
}

// noMoreImages ends the fax of a session that closes, and lets none begin.
func (s *Session) noMoreImages() error {
	s.imaging.Lock()
	defer s.imaging.Unlock()
	s.imagesOver = true
	return s.closeImage()
}

// Port is where the fax machine is to send.
func (im *Image) Port() int { return int(im.local.Port()) }

// SetRemote takes what an offer and answer settled: where the machine listens,
// whether it may be behind NAT and so is sent to where it sends from, and where
// its signalling comes from.
func (im *Image) SetRemote(addr netip.AddrPort, symmetric bool, signal netip.Addr) {
	addr = wire.Plain(addr)
	im.mu.Lock()
	defer im.mu.Unlock()
	if addr.Addr() != im.target.Addr() {
		im.proven, im.left = false, im.session.plane.options.Unproven
	}
	im.target = addr
	im.learn.Negotiate(addr, symmetric, signal.Unmap())
	if locked := im.learn.Source(); symmetric && locked.IsValid() {
		im.target = locked
	}
}

// Stats is the fax's account so far.
func (im *Image) Stats() ImageStats {
	im.mu.Lock()
	defer im.mu.Unlock()
	s := im.stats
	s.Learned = im.learn.Source()
	return s
}

// packet passes a packet on. It runs on whoever reads the port.
func (im *Image) packet(b []byte, from netip.AddrPort, now time.Time) {
	defer im.recover()
	if !im.accept(b, from, now) {
		return
	}
	if other := im.session.audio.route.Load(); other != nil {
		if to := other.session.image.Load(); to != nil {
			to.send(b)
		}
	}
}

// accept judges a packet by where it comes from, and counts it.
func (im *Image) accept(b []byte, from netip.AddrPort, now time.Time) bool {
	im.mu.Lock()
	defer im.mu.Unlock()
	if len(b) < shortestUDPTL {
		im.stats.Malformed++
		return false
	}
	switch im.learn.Packet(from, uint16(b[0])<<8|uint16(b[1]), now) {
	case learn.Foreign:
		im.stats.Foreign++
		return false
	case learn.Waiting:
		return false
	case learn.Learned:
		if im.learn.Symmetric {
			im.target = from
		}
		im.proven = im.proven || from.Addr() == im.target.Addr()
	}
	im.stats.PacketsIn++
	im.stats.BytesIn += uint64(len(b))
	im.stats.LastReceived = now
	return true
}

// send sends a packet to the machine, unless too many went there already with
// nobody known to listen.
func (im *Image) send(b []byte) {
	im.mu.Lock()
	defer im.mu.Unlock()
	if !listens(im.target) {
		return
	}
	if !im.proven {
		if im.left <= 0 {
			im.stats.Withheld++
			return
		}
		im.left--
	}
	if im.wire.Send(b, im.target) == nil {
		im.stats.PacketsOut++
		im.stats.BytesOut += uint64(len(b))
	}
}

// recover keeps a packet that nobody foresaw from ending the process.
func (im *Image) recover() {
	if r := recover(); r != nil {
		im.session.plane.options.Log.Error("a fax packet could not be handled", "port", im.Port(), "why", r, slog.String("stack", string(debug.Stack())))
	}
}
