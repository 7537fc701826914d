package codec_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strings"
	"testing"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/codec/opus"
)

// testTone is the 1 kHz of telephony: off the divisors of the sampling rate, so
// that the samples of its periods are not all the same (ITU-T O.133).
const testTone = 1004

// quality is what a coding does to sound: decibels of signal over noise, for a
// tone of 1 kHz by fitting the tone, for speech by segments of 20 ms.
type quality struct{ tone, speech float64 }

// floors are what each coding by itself keeps of samples of 8,000 a second, a
// little below what was measured.
func floors() map[media.Format]quality {
	return map[media.Format]quality{
		media.Ulaw: {36.5, 35.5}, media.Alaw: {36.5, 36.5}, media.G722: {46, 38}, media.GSM: {15.5, 12}, media.G726: {35.5, 27.5},
		media.G726AAL2: {35.5, 27.5}, media.ADPCM: {21.5, 23}, media.Slin: {80, 55}, media.Slin16: {80, 55}, media.Opus: {20, 7},
	}
}

// band is what goes with the highest frequencies of speech where it is brought
// from 16,000 samples a second to 8,000.
var band = quality{80, 37.5}

// tableFormats are those of the table, in its order.
func tableFormats(set *codec.Set) []media.Format {
	out := []media.Format{
		media.Ulaw, media.Alaw, media.G722, media.GSM, media.G726, media.G726AAL2, media.ADPCM, media.Slin, media.Slin16,
	}
	if set.CanEncode(media.Opus) {
		out = append(out, media.Opus)
	}
	return out
}

// everything is the codecs there are, Opus too where its module is: OBELUS_OPUS,
// which make test sets, or where make opus put it.
func everything(t testing.TB) *codec.Set {
	t.Helper()
	path := os.Getenv("OBELUS_OPUS")
	if path == "" {
		if path = opus.Find("../..", "/usr/share/obelus"); path == "" {
			t.Log("there is no opus.wasm here, so nothing is translated to Opus: make opus fetches it, and make test does")
			return codec.NewSet(codec.Options{})
		}
	}
	e, err := opus.Open(t.Context(), path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return codec.NewSet(codec.Options{Opus: e})
}

// Every pair keeps what both of its codings by themselves keep: a translation
// adds their noise, and no more.
func TestTranslationTable(t *testing.T) {
	set := everything(t)
	formats := tableFormats(set)
	prompt := speech8(t)
	original := at16(t, prompt, 8000)
	var b strings.Builder
	fmt.Fprintf(&b, "\nsignal over noise in dB, 1 kHz tone/speech, from (rows) to (columns)\n%8s", "")
	for _, to := range formats {
		fmt.Fprintf(&b, "%11s", to)
	}
	for _, from := range formats {
		fmt.Fprintf(&b, "\n%8s", from)
		tone, voice := packets(t, set, from, toneOf(testTone, 8000)), packets(t, set, from, prompt)
		for _, to := range formats {
			heard, rate := through(t, set, from, to, tone), to.Rate()
			q, want := quality{tone: toneSNR(heard[rate/5:], testTone, float64(rate))}, floor(from, to)
			q.speech = segmentalSNR(original, at16(t, through(t, set, from, to, voice), rate))
			fmt.Fprintf(&b, "%11s", fmt.Sprintf("%.1f/%.1f", q.tone, q.speech))
			if q.tone < want.tone || q.speech < want.speech {
				t.Errorf("%v to %v keeps %.1f dB of a tone and %.1f of speech, want %.1f and %.1f", from, to, q.tone, q.speech, want.tone, want.speech)
			}
		}
	}
	t.Log(b.String())
}

// margin is what a pair may lose beside the sum of its noises, decibels: a codec
// works a little worse on what another made.
const margin = 1

// floor is what a pair keeps, where the noises of its parts add up.
func floor(from, to media.Format) quality {
	q := floors()[from].add(floors()[to])
	if from.Rate() == 16000 && to.Rate() == 8000 {
		q = q.add(band)
	}
	return quality{q.tone - margin, q.speech - margin}
}

func (q quality) add(other quality) quality {
	sum := func(x, y float64) float64 { return -10 * math.Log10(math.Pow(10, -x/10)+math.Pow(10, -y/10)) }
	return quality{sum(q.tone, other.tone), sum(q.speech, other.speech)}
}

// packets codes sound of 8,000 samples a second, 20 ms a packet.
func packets(t *testing.T, set *codec.Set, f media.Format, pcm []int16) (out [][]byte) {
	t.Helper()
	sp, err := set.NewSpeaker(f, 8000)
	if err != nil {
		t.Fatal(err)
	}
	defer sp.Close()
	for ; len(pcm) >= 160; pcm = pcm[160:] {
		out = append(out, sp.Say(nil, pcm[:160]))
	}
	return out
}

// through translates packets and decodes the result, to the rate of the last
// format.
func through(t *testing.T, set *codec.Set, from, to media.Format, packets [][]byte) (out []int16) {
	t.Helper()
	tr, err := set.NewTranslator(from, to)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	last, err := set.NewListener(to, to.Rate())
	if err != nil {
		t.Fatal(err)
	}
	defer last.Close()
	for _, p := range packets {
		out = append(out, last.Hear(tr.Translate(nil, p))...)
	}
	return out
}

func toneOf(freq, rate float64) []int16 {
	out := make([]int16, 5*int(rate)/4)
	for i := range out {
		out[i] = int16(math.Round(10000 * math.Sin(2*math.Pi*freq*float64(i)/rate)))
	}
	return out
}

// speech8 is a prompt, 8,000 samples a second.
func speech8(t *testing.T) []int16 {
	t.Helper()
	b, err := os.ReadFile("testdata/speech8000.sln.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if b, err = io.ReadAll(z); err != nil {
		t.Fatal(err)
	}
	out := make([]int16, len(b)/2)
	for i := range out {
		out[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return out
}

// at16 brings sound to 16,000 samples a second, so that it can be aligned to
// half a sample of 8,000.
func at16(t *testing.T, pcm []int16, rate int) []float64 {
	t.Helper()
	if rate != 16000 {
		r, err := codec.NewResampler(rate, 16000)
		if err != nil {
			t.Fatal(err)
		}
		pcm = r.Run(pcm)
	}
	out := make([]float64, len(pcm))
	for i, v := range pcm {
		out[i] = float64(v)
	}
	return out
}

// toneSNR fits a tone and takes the rest for noise.
func toneSNR(pcm []int16, freq, rate float64) float64 {
	var s, c float64
	n := len(pcm) / int(rate) * int(rate) // whole periods
	for i, v := range pcm[:n] {
		a := 2 * math.Pi * freq * float64(i) / rate
		s += float64(v) * math.Sin(a)
		c += float64(v) * math.Cos(a)
	}
	s, c = 2*s/float64(n), 2*c/float64(n)
	var signal, noise float64
	for i, v := range pcm[:n] {
		a := 2 * math.Pi * freq * float64(i) / rate
		w := s*math.Sin(a) + c*math.Cos(a)
		signal += w * w
		noise += (float64(v) - w) * (float64(v) - w)
	}
	return 10 * math.Log10(signal/noise)
}

const segment = 320 // samples of 16,000 a second: 20 ms

// segmentalSNR is the mean over the segments of what was said, those within 40
// dB of the loudest, after both were laid over each other; a segment counts for
// -10 dB at least and 60 at most.
func segmentalSNR(want, got []float64) float64 {
	lag := align(want, got)
	var powers []float64
	for i := 0; i+segment <= len(want); i += segment {
		powers = append(powers, power(want[i:i+segment]))
	}
	loudest := 0.0
	for _, p := range powers {
		loudest = max(loudest, p)
	}
	var sum, n float64
	for k, p := range powers {
		at := k * segment
		if p < loudest/1e4 || at+lag+segment > len(got) || at < 10*segment {
			continue
		}
		noise := 1e-9
		for i := range segment {
			d := want[at+i] - got[at+lag+i]
			noise += d * d
		}
		sum += min(max(10*math.Log10(p/noise), -10), 60)
		n++
	}
	return sum / n
}

func power(x []float64) (sum float64) {
	for _, v := range x {
		sum += v * v
	}
	return sum
}

// align is how many samples got lags behind want, at most 100 ms: roughly by
// every eighth sample of the middle, then by all.
func align(want, got []float64) int {
	rough := alike(want, got, 0, 1600, 8)
	return alike(want, got, max(rough-8, 0), rough+8, 1)
}

// alike is the lag of a range at which both are most alike.
func alike(want, got []float64, from, to, stride int) (lag int) {
	best, middle := -1.0, len(want)/2
	for l := from; l < to; l++ {
		var like float64
		for i := middle; i < min(middle+8000, len(want), len(got)-l); i += stride {
			like += want[i] * got[i+l]
		}
		if like > best {
			best, lag = like, l
		}
	}
	return lag
}
