package jitter

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"obelus/media"
	"obelus/media/packet"
)

// step is one thing that happens to a buffer: packet N comes ("3"), or is asked
// for what comes next ("?").
func runJitter(steps string) string {
	var j Buffer
	var out []string
	for _, w := range strings.Fields(steps) {
		if w != "?" {
			j.come(w)
			continue
		}
		what, s, fill := j.Take()
		switch what {
		case Packet:
			out = append(out, fmt.Sprint(s.ts/160))
			j.pos += 160
		case Lost:
			out = append(out, fmt.Sprintf("lost%d", fill/8))
		case Pause:
			out = append(out, fmt.Sprintf("pause%d", fill/8))
		case Longer:
			out = append(out, "longer")
		case None:
			out = append(out, "none")
			j.owed += 160
		}
	}
	return strings.Join(out, " ")
}

// come takes packet N in: "3" has sequence number and timestamp 3, "3@9" the
// timestamp of 9, and "x3" is another source's.
func (j *Buffer) come(w string) {
	h := packet.Header{SSRC: 1, Start: 0, End: 1}
	if strings.HasPrefix(w, "x") {
		h.SSRC, w = 2, w[1:]
	}
	var seq, at int
	if n, _ := fmt.Sscanf(w, "%d@%d", &seq, &at); n < 2 {
		at = seq
	}
	h.Seq, h.TS = uint16(seq), uint32(at)*160
	j.Put([]byte{1}, &h, media.Ulaw, 8000, false)
}

func TestJitter(t *testing.T) {
	for _, c := range []struct{ name, steps, want string }{
		{"in order", "1 2 ? 3 ? ?", "1 2 3"},
		{"out of order", "1 3 2 ? ? ?", "1 2 3"},
		{"the second came first", "2 1 ? ?", "1 2"},
		{"twice", "1 1 2 2 ? ? ?", "1 2 none"},
		{"lost", "1 3 ? ? ?", "1 lost20 3"},
		{"two lost", "1 4 ? ? ? ?", "1 lost20 lost20 4"},
		{"late, made up, and played all the same: the rest waits longer", "1 3 ? ? 2 ? ? ?", "1 lost20 2 3 none"},
		{"too late: the rest waits longer", "1 3 ? ? ? 2 4 ? ?", "1 lost20 3 longer 4"},
		{"dry, and then it comes: all wait longer", "1 ? ? 2 ? ?", "1 none 2 none"},
		{"dry, and it was lost: made up once", "1 ? ? 3 ? ?", "1 none 3 none"},
		{"a pause", "1 2@5 ? ? ? ? ?", "1 pause20 pause20 pause20 5"},
		{"a key between, which took no time", "1 4@2 ? ?", "1 2"},
		{"a leap of time is a new time", "1 2@5000 ? ?", "1 5000"},
		{"time goes back", "100 101@7 ? ?", "100 7"},
		{"another source", "1 2 ? x500 ? ?", "1 500 none"},
		{"a source that begins anew", "1 ? 9000 ? ?", "1 9000 none"},
		{"around the turn", "65535@1 0@2 1@3 ? ? ?", "1 2 3"},
		{"nothing", "? ?", "none none"},
	} {
		if got := runJitter(c.steps); got != c.want {
			t.Errorf("%s: %s gives %q, want %q", c.name, c.steps, got, c.want)
		}
	}
}

// What a network kept for long and gives out in one go is not played a second
// late for ever.
func TestJitterDropsABacklog(t *testing.T) {
	var j Buffer
	for i := range 50 {
		j.come(fmt.Sprint(i + 1))
	}
	what, s, _ := j.Take() // the time begins
	if what != Packet || s.ts != 160 {
		t.Fatalf("began with %v", what)
	}
	j.pos += 160
	if what, s, _ = j.Take(); what != Packet || s.ts < 44*160 {
		t.Errorf("went on with packet %d, of 50", s.ts/160)
	}
}

func TestPace(t *testing.T) {
	for _, c := range []struct {
		name  string
		waits func(turn int) time.Duration
		want  int // times in 1000 turns
	}{
		{"just enough", func(int) time.Duration { return 0 }, 0},
		{"always too much", func(int) time.Duration { return 60 * time.Millisecond }, 5},
		{"too much but for once a period", func(n int) time.Duration {
			if n%150 == 0 {
				return 0
			}
			return 100 * time.Millisecond
		}, 0},
	} {
		var p Pace
		p.Begin()
		n := 0
		for i := range 1000 {
			if p.Shortens(c.waits(i)) {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%s: shortened %d times, want %d", c.name, n, c.want)
		}
	}
}

// Whatever comes, what is taken out makes sense, and no more than was put in.
func FuzzJitter(f *testing.F) {
	f.Add([]byte{1, 0, 2, 0, 255, 255, 3, 0})
	f.Add([]byte{0, 0, 255, 255, 1, 200, 255, 255, 2, 100, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		var j Buffer
		for ; len(b) >= 2; b = b[2:] {
			if b[0]&3 == 3 {
				what, s, fill := j.Take()
				if what == Packet && (s == nil || len(s.Data) == 0) || (what == Lost || what == Pause) && (fill == 0 || fill > 160) {
					t.Fatalf("%v of %d", what, fill)
				}
				j.pos += 160
			} else {
				h := packet.Header{SSRC: uint32(b[0] & 4), Seq: uint16(b[1]) * uint16(b[0]>>3), TS: uint32(b[1]) * uint32(b[0]) * 80, End: 1}
				j.Put(b[:1], &h, media.Ulaw, 8000, false)
			}
			full := 0
			for i := range j.slots {
				if j.slots[i].full {
					full++
				}
			}
			if full != j.full || full > 0 && j.first() == nil {
				t.Fatalf("%d slots are full and %d counted, first %v", full, j.full, j.first())
			}
		}
	})
}
