package sipconf

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"obelus/media"
)

// codecList is what allow= and disallow= make.
type codecList struct {
	formats []media.Format
	ptime   map[media.Format]time.Duration
}

// change reads one allow= or disallow= line: names separated by commas or bars,
// each with :milliseconds behind it, an ! before it for the opposite; all. A
// format that is there already keeps its place. The list itself is not changed:
// accounts share it.
func (l codecList) change(add bool, v string) (codecList, error) {
	var unknown []string
	l.formats = slices.Clone(l.formats)
	for one := range strings.FieldsFuncSeq(v, func(c rune) bool { return c == ',' || c == '|' }) {
		one = strings.TrimSpace(one)
		adding := add
		if rest, ok := strings.CutPrefix(one, "!"); ok {
			one, adding = rest, !add
		}
		name, ms, framed := strings.Cut(one, ":")
		name = strings.TrimSpace(name)
		f, known := media.ByName(name)
		switch {
		case name == "":
		case strings.EqualFold(name, "all") && adding:
			l.formats = append(l.formats, missing(l.formats)...)
		case strings.EqualFold(name, "all"):
			l.formats = nil
		case !known:
			unknown = append(unknown, name)
		case !adding:
			l.formats = slices.DeleteFunc(l.formats, func(x media.Format) bool { return x == f })
		default:
			if !slices.Contains(l.formats, f) {
				l.formats = append(l.formats, f)
			}
			if framed && !l.frame(f, ms) {
				unknown = append(unknown, one)
			}
		}
	}
	if unknown != nil {
		return l, partly{what: fmt.Sprintf("there is no codec %q", strings.Join(unknown, ", ")), used: "the rest is used, as in the original"}
	}
	return l, nil
}

// missing are the codecs that a list lacks.
func missing(list []media.Format) []media.Format {
	return slices.DeleteFunc(slices.Clone(media.All()), func(f media.Format) bool { return slices.Contains(list, f) })
}

// frame sets how much sound a packet of a format has.
func (l *codecList) frame(f media.Format, ms string) bool {
	n, err := strconv.Atoi(strings.TrimSpace(ms))
	if err != nil || n < 10 || n > 300 {
		return false
	}
	ptime := maps.Clone(l.ptime)
	if ptime == nil {
		ptime = make(map[media.Format]time.Duration)
	}
	ptime[f] = time.Duration(n) * time.Millisecond
	l.ptime = ptime
	return true
}
