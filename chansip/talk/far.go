package talk

import (
	"fmt"
	"slices"
	"strings"

	"obelus/media"
)

// Far is what a leg knows of the other leg of its call: the formats that it
// settled on, best first, and, where that leg is a phone of SIP, how its
// descriptions name them. The zero value is a leg with nobody behind it.
type Far struct {
	formats []media.Format
	lines   []farLine
}

// farLine is an m= line of the other phone.
type farLine struct {
	kind     media.Kind
	codings  []coding
	feedback []feedback
}

// FarFormats is another leg of which only the formats are known, best first.
func FarFormats(formats []media.Format) Far { return Far{formats: formats} }

// Seen is the leg as the other leg of its call is to see it: what its phone
// described, under the numbers and with the parameters that the phone gave. It
// may be kept.
func (t *Talk) Seen() Far {
	var f Far
	for _, k := range kinds {
		for i := range t.lines {
			l := &t.lines[i]
			if l.kind != k || l.refused {
				continue
			}
			list := l.send
			if l.home != nil { // told of another phone, which it is not to be known by
				list = l.home.send
			}
			f.formats = appendFormats(f.formats, list)
			f.lines = append(f.lines, farLine{k, slices.Clone(list), slices.Clone(l.feedback)})
		}
	}
	return f
}

// Meets says whom the leg is connected to from now on: further offers and answers
// go by that one.
func (t *Talk) Meets(far Far) {
	if far.known() {
		t.far = far
	}
}

// Formats are the other leg's formats, best first.
func (f Far) Formats() []media.Format { return f.formats }

// known says whether there is another leg.
func (f Far) known() bool { return f.formats != nil }

// has says whether the other leg has a kind of stream.
func (f Far) has(k media.Kind) bool {
	return slices.ContainsFunc(f.formats, func(x media.Format) bool { return x.Kind() == k })
}

// codings are how the other phone names a format: more than one where it has
// several kinds of it (two profiles of H.264).
func (f Far) codings(format media.Format) []coding {
	var out []coding
	for _, l := range f.lines {
		for _, c := range l.codings {
			if c.Format == format {
				out = append(out, c)
			}
		}
	}
	return out
}

// coding is how the other phone names a format under a number, else at all.
func (f Far) coding(number uint8, format media.Format) (coding, bool) {
	all := f.codings(format)
	for _, c := range all {
		if c.Type == number {
			return c, true
		}
	}
	if len(all) == 0 {
		return coding{}, false
	}
	return all[0], true
}

// kept says whether a coding is left of a format of which a phone offered several
// (two profiles of H.264): the other phone has it under the same number, or has
// none of them.
func (f Far) kept(c coding, offered []coding) bool {
	theirs := f.codings(c.Format)
	same := func(a coding) bool { return a.Type == c.Type }
	return slices.ContainsFunc(theirs, same) || !slices.ContainsFunc(offered, func(o coding) bool {
		return o.Format == c.Format && slices.ContainsFunc(theirs, func(a coding) bool { return a.Type == o.Type })
	})
}

// feedback is what the other phone takes in RTCP about a kind of stream.
func (f Far) feedback(k media.Kind) []feedback {
	for _, l := range f.lines {
		if l.kind == k {
			return l.feedback
		}
	}
	return nil
}

// shortage is the error of two that have no codec in common.
func shortage(one string, has []media.Format, other string, wants []media.Format) error {
	return fmt.Errorf("%s takes %s, %s %s: no codec in common, and none can be translated", one, names(has), other, names(wants))
}

// names writes formats for an error: ulaw|gsm.
func names(list []media.Format) string {
	var out []string
	for _, f := range list {
		if f.Kind() == media.Audio {
			out = append(out, f.String())
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, "|")
}
