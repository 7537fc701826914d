// Corpus reads a folder of configurations, one subfolder each, as obelus would, and
// says of each whether it loads, how much of it is ignored, and the share of its
// dialplan's steps in which every application, function and option is supported;
// then the same of all, and what is missing most.
//
//	go run ./scenario/corpus DIR
package main

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"obelus/cmd/obelus/check"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: corpus DIR, a folder with one configuration a subfolder")
		os.Exit(2)
	}
	if err := report(os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
		os.Exit(1)
	}
}

// result is what became of one configuration.
type result struct {
	name            string
	refused         []string
	warnings, notes int
	steps, good     int
	foreign         int // steps that the original could not run either
	hardware        bool
	lacks           map[string]int // by what is missing, in how many steps
}

// whole says that nothing of it that the original has is missing.
func (r *result) whole() bool { return len(r.refused) == 0 && r.good+r.foreign == r.steps }

func report(w io.Writer, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var all []*result
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		for _, c := range configurations(filepath.Join(dir, e.Name())) {
			name, err := filepath.Rel(dir, c)
			if err != nil {
				return err
			}
			all = append(all, look(name, c))
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("no subfolder of %s holds an extensions.conf or a sip.conf", dir)
	}
	for _, r := range all {
		r.print(w)
	}
	summary(w, all)
	return nil
}

// configurations are the folders below one that hold a configuration: with an
// extensions.conf, or else with a sip.conf.
func configurations(dir string) []string {
	var plans, others []string
	// A folder that can't be read holds nothing that can be looked at.
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
		case d.Name() == "extensions.conf":
			plans = append(plans, filepath.Dir(name))
		case d.Name() == "sip.conf":
			others = append(others, filepath.Dir(name))
		}
		return nil
	})
	if len(plans) > 0 {
		return plans
	}
	return others
}

func look(name, dir string) *result {
	c := check.Directory(dir, "corpus")
	r := &result{name: name, refused: c.Refused(), lacks: make(map[string]int)}
	r.warnings, r.notes = c.Ignored()
	for _, s := range c.Steps() {
		r.steps++
		switch {
		case len(s.Lacks) == 0:
			r.good++
		case s.Foreign:
			r.foreign++
		}
		for _, what := range s.Lacks {
			r.lacks[what]++
			r.hardware = r.hardware || needsHardware(what)
		}
	}
	return r
}

// needsHardware says whether what is missing is a card or a modem, or a program for
// one.
func needsHardware(what string) bool {
	what = strings.ToLower(strings.TrimPrefix(what, "foreign "))
	for _, w := range strings.Fields("dahdi zap misdn dongle capi khomp vpb unicall phone mobile alsa console rpt echolink usrp simpleusb usbradio irlp datacard quectel") {
		if strings.HasPrefix(what, "channel type "+w) || strings.HasPrefix(what, "application "+w) {
			return true
		}
	}
	return false
}

func (r *result) print(w io.Writer) {
	state := "loads"
	if len(r.refused) > 0 {
		state = "REFUSED: " + r.refused[0]
	}
	fmt.Fprintf(w, "%-40s %s; %d warnings, %d notes; steps %d, supported %s", r.name, state, r.warnings, r.notes, r.steps, share(r.good, r.steps))
	if r.foreign > 0 {
		fmt.Fprintf(w, ", not the original's either %d", r.foreign)
	}
	if r.hardware {
		fmt.Fprint(w, "; for hardware")
	}
	fmt.Fprintln(w)
	for _, what := range most(r.lacks) {
		fmt.Fprintf(w, "%-40s   %d × %s\n", "", r.lacks[what], what)
	}
}

func summary(w io.Writer, all []*result) {
	var steps, good, foreign, loads, whole, soft, softWhole, softSteps, softGood int
	lacks, folders := make(map[string]int), make(map[string]int)
	for _, r := range all {
		steps, good, foreign = steps+r.steps, good+r.good, foreign+r.foreign
		loads += one(len(r.refused) == 0)
		whole += one(r.whole())
		if !r.hardware {
			soft++
			softWhole += one(r.whole())
			softSteps, softGood = softSteps+r.steps-r.foreign, softGood+r.good
		}
		for what, n := range r.lacks {
			lacks[what] += n
			folders[what]++
		}
	}
	fmt.Fprintf(w, "\n%d configurations, %d load; whole: %s\n", len(all), loads, share(whole, len(all)))
	fmt.Fprintf(w, "steps: %d, supported %s; of those that Asterisk 20 has %s\n", steps, share(good, steps), share(good, steps-foreign))
	fmt.Fprintf(w, "not for hardware: %d configurations, whole %s; steps that Asterisk 20 has: supported %s\n", soft, share(softWhole, soft), share(softGood, softSteps))
	fmt.Fprintln(w, "missing, by steps (configurations):")
	for _, what := range most(lacks) {
		fmt.Fprintf(w, "%6d (%d) %s\n", lacks[what], folders[what], what)
	}
}

// most lists the names by how often they are missing.
func most(lacks map[string]int) []string {
	return slices.SortedFunc(maps.Keys(lacks), func(a, b string) int {
		return cmp.Or(cmp.Compare(lacks[b], lacks[a]), strings.Compare(a, b))
	})
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func share(n, of int) string {
	if of == 0 {
		return "none"
	}
	return fmt.Sprintf("%d of %d (%.1f %%)", n, of, 100*float64(n)/float64(of))
}
