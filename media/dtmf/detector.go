package dtmf

import (
	"math"
	"time"
)

// Press is a key that went down or came up.
type Press struct {
	Key byte
	Up  bool
	// Held is how long the tones were heard; 0 while the key goes down.
	Held time.Duration
}

// blocksPerSecond sets the length of what is looked at together: 102 samples of
// 8,000. 40 ms of tone, which must be taken for a key (ITU-T Q.24), contain two
// such blocks wherever they begin; 23 ms, which must not, don't.
const blocksPerSecond = 8000.0 / 102

// limits are what tells a key from speech.
type limits struct {
	normal  float64 // how much louder than the column the row may be, as power
	reverse float64 // how much louder than the row the column may be
	share   float64 // of the power that is the two tones'
	drift   float64 // how far a frequency may be off, as part of it
	steady  float64 // how much a tone's power may change between blocks
}

// The twist is that of dsp.conf's defaults: 8 dB and 4 dB, relaxed 8 and 6.
var (
	strict  = limits{normal: 6.31, reverse: 2.51, share: 0.72, drift: 0.019, steady: 2}
	relaxed = limits{normal: 6.31, reverse: 3.98, share: 0.58, drift: 0.028, steady: 4}
)

const (
	weakest  = 400.0 * 400 // the least power (amplitude squared) of a tone: -35 dBm0
	peak     = 6.3         // 8 dB: how much a tone stands out of the others of its group
	hzSlack  = 2           // hertz that Q.24 allows beside the part
	missEnds = 2           // blocks without the tones that end a key: 10 ms of interruption don't
)

// Detector listens for keys in one voice. It belongs to one goroutine at a time
// and allocates nothing while it listens.
//
//	quiet ──two blocks with one pair, steady and in tune──▶ down ──two blocks without──▶ quiet
type Detector struct {
	rate, block int
	limits      limits
	coefficient [8]float64 // of Goertzel's algorithm
	turn        [8]angle   // a sample's turn of each tone
	expected    [8]float64 // a block's, radians

	filled int
	energy float64
	v1, v2 [8]float64

	before, last look // the two blocks before the present one
	down         int  // the key that is down, or none
	hits, misses int
	mid          float64 // amplitude of the tones while they last
	edges        float64 // parts of blocks at the beginning and the end
	out          [4]Press
	n            int
}

type angle struct{ cos, sin float64 }

// none is no key.
const none = -1

// look is what one block has shown.
type look struct {
	key   int
	power [8]float64 // amplitude squared
	phase [2]float64 // of the key's row and column
}

// NewDetector listens to samples of a rate. relax takes what is further from the
// standard for a key too: relaxdtmf=yes.
func NewDetector(rate int, relax bool) *Detector {
	d := &Detector{rate: rate, block: int(float64(rate)/blocksPerSecond + 0.5), limits: strict, down: none}
	if relax {
		d.limits = relaxed
	}
	for i := range d.coefficient {
		f := rows[i%4]
		if i >= 4 {
			f = columns[i%4]
		}
		w := 2 * math.Pi * f / float64(rate)
		d.turn[i] = angle{math.Cos(w), math.Sin(w)}
		d.coefficient[i] = 2 * d.turn[i].cos
		d.expected[i] = w * float64(d.block)
	}
	d.last.key, d.before.key = none, none
	return d
}

// Hear listens to the next samples and returns the keys that went down or came
// up: good until the next call. No more than 60 ms at a time may hold.
func (d *Detector) Hear(pcm []int16) []Press {
	d.n = 0
	for len(pcm) > 0 {
		n := min(len(pcm), d.block-d.filled)
		d.add(pcm[:n])
		pcm = pcm[n:]
		if d.filled += n; d.filled == d.block {
			d.judge(d.see())
			d.filled, d.energy = 0, 0
			d.v1, d.v2 = [8]float64{}, [8]float64{}
		}
	}
	return d.out[:d.n]
}

// Sounding says whether a key is down.
func (d *Detector) Sounding() bool { return d.down != none }

// Suspect says whether the last block may belong to a key: what a listener who
// is to hear no tones should not be given.
func (d *Detector) Suspect() bool { return d.down != none || d.last.key != none }

// Release ends the key that is down, as where the sound has stopped.
func (d *Detector) Release() []Press {
	d.n = 0
	d.up()
	d.last, d.before = look{key: none}, look{key: none}
	d.filled, d.energy, d.v1, d.v2 = 0, 0, [8]float64{}, [8]float64{}
	return d.out[:d.n]
}

// add runs the eight filters over a part of a block.
func (d *Detector) add(pcm []int16) {
	v1, v2, energy := d.v1, d.v2, d.energy
	c := &d.coefficient
	for _, s := range pcm {
		x := float64(s)
		energy += x * x
		for i := range v1 {
			v := x + c[i]*v1[i] - v2[i]
			v2[i], v1[i] = v1[i], v
		}
	}
	d.v1, d.v2, d.energy = v1, v2, energy
}

// see reads the filters at the end of a block.
func (d *Detector) see() look {
	l := look{key: none}
	scale := 4 / float64(d.block*d.block)
	for i := range l.power {
		re, im := d.v1[i]-d.v2[i]*d.turn[i].cos, d.v2[i]*d.turn[i].sin
		l.power[i] = (re*re + im*im) * scale
	}
	r, c := loudest(l.power[:4]), 4+loudest(l.power[4:])
	row, col := l.power[r], l.power[c]
	switch {
	case min(row, col) < weakest, row > col*d.limits.normal, col > row*d.limits.reverse:
	case (row+col)/2 < d.limits.share*d.energy/float64(d.block):
	case !standsOut(l.power[:4], r), !standsOut(l.power[4:], c-4):
	default:
		l.key = r*4 + c - 4
		for n, i := range [2]int{r, c} {
			l.phase[n] = math.Atan2(d.v2[i]*d.turn[i].sin, d.v1[i]-d.v2[i]*d.turn[i].cos)
		}
	}
	return l
}

func loudest(power []float64) int {
	best := 0
	for i, p := range power {
		if p > power[best] {
			best = i
		}
	}
	return best
}

func standsOut(power []float64, i int) bool {
	for k, p := range power {
		if k != i && p*peak > power[i] {
			return false
		}
	}
	return true
}

// judge takes a block into account.
func (d *Detector) judge(l look) {
	switch {
	case l.key != none && l.key != d.down && l.key == d.last.key && d.goesOn(&l):
		d.up()
		d.press(&l)
	case d.down == none:
	case l.key == d.down:
		d.hits += 1 + d.misses
		d.misses = 0
	default:
		if d.misses++; d.misses == 1 {
			d.edges += d.part(&l, d.down)
		}
		if d.misses >= missEnds {
			d.up()
		}
	}
	d.before, d.last = d.last, l
}

// press takes a key for down that was heard in this block and the last.
func (d *Detector) press(l *look) {
	d.down, d.hits, d.misses = l.key, 2, 0
	d.mid = min(l.power[l.key/4], d.last.power[l.key/4])
	d.edges = d.part(&d.before, l.key)
	d.put(Press{Key: names[l.key]})
}

// part is how much of a block at the edge the tones fill.
func (d *Detector) part(l *look, key int) float64 {
	if d.mid <= 0 || l.key != none && l.key != key {
		return 0
	}
	return min(math.Sqrt(l.power[key/4]/d.mid), 1)
}

func (d *Detector) up() {
	if d.down == none {
		return
	}
	samples := (float64(d.hits) + d.edges) * float64(d.block)
	held := time.Duration(samples / float64(d.rate) * float64(time.Second)).Round(time.Millisecond)
	d.put(Press{Key: names[d.down], Up: true, Held: held})
	d.down = none
}

func (d *Detector) put(p Press) {
	if d.n < len(d.out) {
		d.out[d.n] = p
		d.n++
	}
}

// goesOn says whether the block and the last hold one and the same pair of
// tones: as loud, and in tune. How far a tone is off is seen from its phase: in
// a block it turns by its frequency. Speech is seldom both for so long.
func (d *Detector) goesOn(l *look) bool {
	for n, i := range [2]int{l.key / 4, 4 + l.key%4} {
		a, b := d.last.power[i], l.power[i]
		if a > b*d.limits.steady || b > a*d.limits.steady {
			return false
		}
		turned := math.Remainder(l.phase[n]-d.last.phase[n]-d.expected[i], 2*math.Pi)
		off := turned / (2 * math.Pi) * float64(d.rate) / float64(d.block)
		f := rows[i%4]
		if i >= 4 {
			f = columns[i%4]
		}
		if math.Abs(off) > f*d.limits.drift+hzSlack {
			return false
		}
	}
	return true
}
