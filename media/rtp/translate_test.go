package rtp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/packet"
)

// codecs of the table: all that are made here without help.
var spoken = []Payload{
	ulaw, alaw, g722,
	{Type: 3, Format: media.GSM}, {Type: 111, Format: media.G726}, {Type: 118, Format: media.Slin},
}

// toneHz is the tone of the tests: as telephone lines are measured with, so that
// it does not fit into frames.
const toneHz = 1004

// singer is a phone that sings.
type singer struct {
	*voiceOf
	encode codec.Encoder
	format media.Format
	every  time.Duration
	n      int // samples
	data   []byte
}

func (v *voiceOf) singer(t *testing.T, f media.Format, every time.Duration) *singer {
	t.Helper()
	e, ok := codec.NewEncoder(f)
	if !ok {
		t.Fatalf("no encoder of %s", f)
	}
	return &singer{voiceOf: v, encode: e, format: f, every: every}
}

// next is the next packet.
func (s *singer) next() []byte {
	rate := s.format.Rate()
	pcm := make([]int16, int(s.every*time.Duration(rate)/time.Second))
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*toneHz*float64(s.n)/float64(rate)))
		s.n++
	}
	s.data = s.encode.Encode(s.data[:0], pcm)
	b := rtpBytes(packet.Header{PT: s.pt, Seq: s.seq, TS: s.ts, SSRC: s.ssrc}, s.data)
	s.seq++
	s.ts += uint32(s.every * time.Duration(s.format.Clock()) / time.Second)
	return b
}

// sing sends for so long; lost of a hundred packets go missing, the rest come up
// to jitter late.
func (s *singer) sing(d time.Duration, lost int, jitter time.Duration) {
	r := rand.New(rand.NewPCG(3, uint64(s.ssrc)))
	for range d / s.every {
		b := s.next()
		if r.IntN(100) >= lost {
			late := time.Duration(0)
			if jitter > 0 {
				late = time.Duration(r.Int64N(int64(jitter)))
			}
			after(late, func() { s.e.c.WriteTo(b, net.UDPAddrFromAddrPort(s.to)) })
		}
		time.Sleep(s.every)
	}
	time.Sleep(jitter)
}

// after does something later, or at once. It is no time.AfterFunc of 0: with the
// race detector Go 1.26 crashes when two goroutines of a bubble run such a timer at
// the same moment.
func after(d time.Duration, do func()) {
	if d <= 0 {
		do()
		return
	}
	time.AfterFunc(d, do)
}

// decoded is what packets of one format say.
func decoded(t *testing.T, f media.Format, packets []heard) []int16 {
	t.Helper()
	d, ok := codec.NewDecoder(f)
	if !ok {
		t.Fatalf("no decoder of %s", f)
	}
	var pcm []int16
	for _, p := range packets {
		pcm = d.Decode(pcm, p.body())
	}
	return pcm
}

// fit is how far the tone stands out of all else in the samples, in
// dB, and how loud it is, by the best fit. Each 20 ms are fitted by themselves,
// and the middle one counts: sound that was made up may have jumped in between.
func fit(pcm []int16, rate int) (snr, amplitude float64) {
	snr, amplitude, _ = fits(pcm, rate)
	return snr, amplitude
}

// fits also gives the share of the frames in which the tone is clearly heard.
func fits(pcm []int16, rate int) (snr, amplitude, share float64) {
	frame := rate / 50
	var all []float64
	loud := 0.0
	for ; len(pcm) >= frame; pcm = pcm[frame:] {
		n, a := fitFrame(pcm[:frame], rate)
		all, loud = append(all, n), max(loud, a)
	}
	good := 0
	for _, v := range all {
		if v >= clear15 {
			good++
		}
	}
	return middle(all), loud, float64(good) / float64(max(len(all), 1))
}

// clear15 is the SNR in dB at which a frame's tone is clearly heard.
const clear15 = 15

// fitFrame fits one frame by least squares.
func fitFrame(pcm []int16, rate int) (snr, amplitude float64) {
	var cc, ss, cs, c, s, total float64
	for i, v := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * toneHz * float64(i) / float64(rate))
		x := float64(v)
		cc, ss, cs = cc+cos*cos, ss+sin*sin, cs+cos*sin
		c, s, total = c+x*cos, s+x*sin, total+x*x
	}
	det := cc*ss - cs*cs
	a, b := (c*ss-s*cs)/det, (s*cc-c*cs)/det
	tone := a*c + b*s
	return 10 * math.Log10(max(tone, 1e-9)/max(total-tone, 1)), math.Hypot(a, b)
}

func middle(list []float64) float64 {
	if len(list) == 0 {
		return math.Inf(-1)
	}
	list = append([]float64(nil), list...)
	for i := range list {
		for k := i; k > 0 && list[k] < list[k-1]; k-- {
			list[k], list[k-1] = list[k-1], list[k]
		}
	}
	return list[len(list)/2]
}

// floors are the least SNR that a leg's format leaves of a tone, in dB.
func floor(f media.Format) float64 {
	switch f {
	case media.GSM:
		return 12
	case media.G726:
		return 20
	}
	return 30
}

// A tone goes in at either end of every pair of formats, and comes
// out at the other: on a good network, and on one that loses 5 % and delays up to
// 30 ms.
func TestTonesThroughEveryPair(t *testing.T) {
	for _, c := range []struct {
		name   string
		lost   int
		jitter time.Duration
		less   float64
		share  float64
	}{{"on a good network", 0, 0, 0, 0.98}, {"5 % lost, 30 ms of jitter", 5, 30 * time.Millisecond, 2, 0.9}} {
		t.Run(c.name, func(t *testing.T) {
			var table strings.Builder
			fmt.Fprintf(&table, "dB of SNR / %% of frames in which the tone is clear, %s; from the left to the top\n%-6s", c.name, "")
			for _, to := range spoken {
				fmt.Fprintf(&table, "%10s", to.Format)
			}
			for _, from := range spoken {
				fmt.Fprintf(&table, "\n%-6s", from.Format)
				for _, to := range spoken {
					snr, share := throughPair(t, from, to, c.lost, c.jitter)
					fmt.Fprintf(&table, "%6.1f/%3.0f", snr, 100*share)
					if share < c.share && from.Format != to.Format { // what passes as it is has its gaps
						t.Errorf("%s to %s: the tone is heard clearly in %.0f %% of the frames, want %.0f", from.Format, to.Format, 100*share, 100*c.share)
					}
					if want := min(floor(from.Format), floor(to.Format)) - c.less; snr < want {
						t.Errorf("%s to %s: %.1f dB, want %.0f", from.Format, to.Format, snr, want)
					}
				}
			}
			t.Log(table.String())
		})
	}
}

// throughPair sends three seconds through a connection, both ways at once, and
// judges what the second phone hears.
func throughPair(t *testing.T, from, to Payload, lost int, jitter time.Duration) (snr, share float64) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 0x1111, from)
		b := h.leg("198.51.100.2:5000", 0x2222, to)
		check(t, Connect(a.s, b.s))
		done := make(chan struct{})
		go func() {
			defer close(done)
			b.v.singer(t, to.Format, media.Frame).sing(3*time.Second, lost, jitter)
		}()
		a.v.singer(t, from.Format, media.Frame).sing(3*time.Second, lost, jitter)
		<-done
		time.Sleep(300 * time.Millisecond)
		if n := a.s.Audio().Stats().Lost; (n > 0) != (lost > 0) {
			t.Errorf("%d packets were lost", n)
		}
		for _, side := range []struct {
			e *ear
			p Payload
		}{{b.e, to}, {a.e, from}} {
			got := side.e.take()
			if n := len(got); n < 130 || n > 162 {
				t.Errorf("%s to %s: %d packets of 3 seconds", from.Format, to.Format, n)
			}
			if from.Format != to.Format && twin(from.Format) != to.Format {
				whole(t, got)
			}
			for _, p := range got {
				if p.PT != side.p.Type {
					t.Fatalf("type %d to a phone of %s", p.PT, side.p.Format)
				}
			}
			pcm := decoded(t, side.p.Format, got)
			skip := side.p.Format.Rate() / 5
			n, loud, good := fits(pcm[skip:len(pcm)-skip], side.p.Format.Rate())
			if side.e == b.e {
				snr, share = n, good
			}
			if passes := from.Format == to.Format || twin(from.Format) == to.Format; !passes && (loud < 6000 || loud > 10000) {
				t.Errorf("%s to %s: a tone of 8000 came out as %.0f", from.Format, to.Format, loud)
			}
		}
	})
	return snr, share
}

// scribe is an encoder of Opus in a test: it writes down how many samples of
// which rate it was given.
type scribe struct {
	rate   int
	closed *int
}

func (s scribe) Encode(dst []byte, pcm []int16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(dst, uint16(s.rate)), uint16(len(pcm)))
}

func (s scribe) Close() error { *s.closed++; return nil }

type scribes struct{ made, closed int }

func (s *scribes) NewOpusEncoder(rate int) (codec.Encoder, error) {
	s.made++
	return scribe{rate, &s.closed}, nil
}

// A phone that speaks nothing but Opus is spoken to, and played to, by whoever
// makes Opus here: at the rate of the other side, by Opus's clock, in packets that
// it can have. What was made is closed again.
func TestOpusIsSpoken(t *testing.T) {
	var made scribes
	inHouse(t, Options{Codecs: codec.NewSet(codec.Options{Opus: &made})}, func(h *house) {
		opus := Payload{Type: 107, Format: media.Opus}
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, opus)
		set(t, b.s.Audio(), Remote{Addr: b.e.addr, Payloads: []Payload{opus}, Ptime: 50 * time.Millisecond})
		check(t, Connect(a.s, b.s))
		b.v.say(1)
		a.v.singer(t, media.Ulaw, media.Frame).sing(time.Second, 0, 0)
		h.idle()
		check(t, b.s.Play(h.t.Context(), &ramp{left: 8000, rate: 8000}))
		got := b.e.take()
		whole(t, got)
		if len(got) < 48 || len(got) > 54 {
			t.Fatalf("%d packets of 40 ms in two seconds", len(got))
		}
		for i, p := range got {
			if body := p.body(); p.PT != 107 || be16(body) != 8000 || be16(body[2:]) != 320 {
				t.Fatalf("packet %d has type %d, %d samples of %d", i, p.PT, be16(body[2:]), be16(body))
			}
			if i > 0 && !p.Marker && p.TS-got[i-1].TS != 1920 {
				t.Errorf("packet %d: ts +%d, want 1920", i, p.TS-got[i-1].TS)
			}
		}
		a.s.Close()
		b.s.Close()
		h.idle()
	})
	if made.made != 2 || made.closed != 2 {
		t.Errorf("%d encoders made, %d closed", made.made, made.closed)
	}
}

// Where nobody makes Opus, two legs that would need it can't be connected, and
// say so.
func TestNobodyMakesOpus(t *testing.T) {
	inHouse(t, Options{}, func(h *house) {
		a := h.leg("198.51.100.1:4000", 1, ulaw)
		b := h.leg("198.51.100.2:5000", 2, Payload{Type: 107, Format: media.Opus})
		if err := Connect(a.s, b.s); !errors.Is(err, ErrNoFormat) {
			t.Errorf("err = %v", err)
		}
		if h.plane.Translates(media.Ulaw, media.Opus) || !h.plane.Translates(media.Opus, media.Ulaw) {
			t.Error("Opus can be read here, and not made")
		}
	})
}

// The system's own ports, and the engine that serves them.
func TestTranslateOverLoopback(t *testing.T) {
	for _, engine := range []string{EngineGo, EngineAuto} {
		p, err := New(Options{Engine: engine})
		check(t, err)
		leg := func(ps Payload) (*Session, *net.UDPConn) {
			s, err := p.Open(SessionConfig{Bind: netip.MustParseAddr("127.0.0.1")})
			check(t, err)
			c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
			check(t, err)
			set(t, s.Audio(), Remote{Addr: c.LocalAddr().(*net.UDPAddr).AddrPort(), Payloads: []Payload{ps}})
			return s, c
		}
		a, mine := leg(ulaw)
		b, theirs := leg(g722)
		check(t, Connect(a, b))
		for i := range uint16(10) {
			packet := rtpBytes(packet.Header{Seq: i, TS: uint32(i) * 160, SSRC: 1}, make([]byte, 160))
			_, err := mine.WriteToUDPAddrPort(packet, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(a.Audio().Port())))
			check(t, err)
		}
		check(t, theirs.SetReadDeadline(time.Now().Add(30*time.Second)))
		buf := make([]byte, 2048)
		for i := range 8 {
			n, err := theirs.Read(buf)
			check(t, err)
			if h, ok := packet.Parse(buf[:n]); !ok || h.PT != 9 || h.End-h.Start != 160 {
				t.Fatalf("%s: packet %d: type %d, %d bytes", p.Engine(), i, h.PT, h.End-h.Start)
			}
		}
		check(t, p.Close())
		mine.Close()
		theirs.Close()
	}
}
