package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// histogram counts delays in steps of 10 µs.
type histogram struct {
	steps [20000]uint32
	n     int
}

const step = 10 * time.Microsecond

func (h *histogram) add(d time.Duration) {
	h.steps[min(max(int(d/step), 0), len(h.steps)-1)]++
	h.n++
}

// quantile is the delay that a share q of the packets did not exceed.
func (h *histogram) quantile(q float64) time.Duration {
	left := int(float64(h.n) * q)
	for i, n := range h.steps {
		if left -= int(n); left < 0 {
			return time.Duration(i+1) * step
		}
	}
	return time.Duration(len(h.steps)) * step
}

func (r result) micros(d time.Duration) float64 {
	return float64(d.Nanoseconds()) / 1000 / float64(max(r.packets, 1))
}

func (r result) String() string {
	text := fmt.Sprintf("%d packets, %d lost, delay p50 %.2f p99 %.2f ms, CPU µs a packet: relay %.2f, with phones %.2f",
		r.packets, r.lost, ms(r.half), ms(r.most), r.micros(r.cpu.relay), r.micros(r.cpu.whole))
	if r.user > 0 {
		text += fmt.Sprintf("; a stream %.1f kB", float64(r.user)/1000)
	}
	if r.kernelMeasured {
		text += fmt.Sprintf(" and %.1f kB of the kernel", float64(r.kernel)/1000)
	}
	return text
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// row is what a relay did at one number of streams, over all rounds.
type row struct {
	name          string
	streams       int
	relay, added  []float64 // CPU µs a packet
	half, most    []float64 // delay added, in ms
	user, kernel  []float64 // kB a stream
	packets, lost int
}

type results struct{ rows []*row }

// add takes a run in; direct is the run without a relay in the same round.
func (all *results) add(name string, streams int, r, direct result) {
	i := slices.IndexFunc(all.rows, func(w *row) bool { return w.name == name && w.streams == streams })
	if i < 0 {
		i = len(all.rows)
		all.rows = append(all.rows, &row{name: name, streams: streams})
	}
	w := all.rows[i]
	w.relay = append(w.relay, r.micros(r.cpu.relay))
	w.added = append(w.added, r.micros(r.cpu.whole)-direct.micros(direct.cpu.whole))
	w.half = append(w.half, ms(r.half-direct.half))
	w.most = append(w.most, ms(r.most-direct.most))
	w.user = append(w.user, float64(r.user)/1000)
	w.kernel = append(w.kernel, float64(r.kernel)/1000)
	w.packets += r.packets
	w.lost += r.lost
}

// table is the end of the report.
func (all *results) table(o options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d rounds of %v each; the median, and the least and the greatest\n\n", o.rounds, o.measured)
	fmt.Fprintf(&b, "%-8s %-14s %-9s %-6s %-22s %-22s %-22s %-22s %-14s %s\n", "streams", "relay", "packets", "lost",
		"CPU µs a packet", "whole, less phones", "p50 added, ms", "p99 added, ms", "kB a stream", "kB in kernel")
	for _, w := range all.rows {
		fmt.Fprintf(&b, "%-8d %-14s %-9d %-6d %-22s %-22s %-22s %-22s %-14.1f %.1f\n", w.streams, w.name, w.packets, w.lost,
			spread(w.relay), spread(w.added), spread(w.half), spread(w.most), median(w.user), median(w.kernel))
	}
	return b.String()
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

// spread writes "7.1 (6.9 to 7.6)".
func spread(of []float64) string {
	return fmt.Sprintf("%.2f (%.2f to %.2f)", median(of), slices.Min(of), slices.Max(of))
}
