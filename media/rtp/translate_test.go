package rtp

import (
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/codec"
)

// codecs of the table: all that are made here without help.
var spoken = []Payload{
	ulaw, alaw, g722,
	{Type: 3, Format: media.GSM}, {Type: 118, Format: media.Slin},
}

// singer is a phone that sings 1,000 Hz.
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
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*1000*float64(s.n)/float64(rate)))
		s.n++
	}
	s.data = s.encode.Encode(s.data[:0], pcm)
	b := rtpBytes(header{pt: s.pt, seq: s.seq, ts: s.ts, ssrc: s.ssrc}, s.data)
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
				late = rand.N(jitter)
			}
			time.AfterFunc(late, func() { s.e.c.WriteTo(b, net.UDPAddrFromAddrPort(s.to)) })
		}
		time.Sleep(s.every)
	}
	time.Sleep(jitter)
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

// fit is how far a sine of 1,000 Hz stands out of all else in the samples, in
// dB, and how loud it is, by the best fit. Each 20 ms are fitted by themselves,
// and the middle one counts: sound that was made up may have jumped in between.
func fit(pcm []int16, rate int) (snr, amplitude float64) {
	frame := rate / 50
	var all []float64
	loud := 0.0
	for ; len(pcm) >= frame; pcm = pcm[frame:] {
		var c, s, total float64
		for i, v := range pcm[:frame] {
			sin, cos := math.Sincos(2 * math.Pi * 1000 * float64(i) / float64(rate))
			c += float64(v) * cos
			s += float64(v) * sin
			total += float64(v) * float64(v)
		}
		tone := 2 * (c*c + s*s) / float64(frame)
		all = append(all, 10*math.Log10(tone/max(total-tone, 1)))
		loud = max(loud, 2*math.Sqrt(c*c+s*s)/float64(frame))
	}
	return middle(all), loud
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

// A tone of 1,000 Hz goes in at either end of every pair of formats, and comes
// out at the other: on a good network, and on one that loses 5 % and delays up to
// 30 ms.
func TestTonesThroughEveryPair(t *testing.T) {
	for _, c := range []struct {
		name   string
		lost   int
		jitter time.Duration
		less   float64
	}{{"on a good network", 0, 0, 0}, {"5 % lost, 30 ms of jitter", 5, 30 * time.Millisecond, 2}} {
		t.Run(c.name, func(t *testing.T) {
			var table strings.Builder
			fmt.Fprintf(&table, "dB of SNR, %s; from the left to the top\n%-6s", c.name, "")
			for _, to := range spoken {
				fmt.Fprintf(&table, "%7s", to.Format)
			}
			for _, from := range spoken {
				fmt.Fprintf(&table, "\n%-6s", from.Format)
				for _, to := range spoken {
					snr := throughPair(t, from, to, c.lost, c.jitter)
					fmt.Fprintf(&table, "%7.1f", snr)
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
func throughPair(t *testing.T, from, to Payload, lost int, jitter time.Duration) (snr float64) {
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
				if p.pt != side.p.Type {
					t.Fatalf("type %d to a phone of %s", p.pt, side.p.Format)
				}
			}
			pcm := decoded(t, side.p.Format, got)
			skip := side.p.Format.Rate() / 5
			n, loud := fit(pcm[skip:len(pcm)-skip], side.p.Format.Rate())
			if side.e == b.e {
				snr = n
			}
			if loud < 6000 || loud > 10000 {
				t.Errorf("%s to %s: a tone of 8000 came out as %.0f", from.Format, to.Format, loud)
			}
		}
	})
	return snr
}
