package codecs

import (
	"strings"
	"testing"

	"obelus/media"
	"obelus/media/codec"
)

func TestShowTranslation(t *testing.T) {
	set := codec.NewSet(codec.Options{})
	var b strings.Builder
	showTranslation(&b, set)
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	formats := audioFormats()
	if len(lines) != len(formats)+4 {
		t.Fatalf("%d lines for %d formats:\n%s", len(lines), len(formats), &b)
	}
	if lines[0] != "         Translation times between formats (in microseconds) for one second of data" ||
		lines[1] != "          Source Format (Rows) Destination Format (Columns)" || lines[2] != "" {
		t.Errorf("head:\n%s", strings.Join(lines[:3], "\n"))
	}
	head := strings.Fields(lines[3])
	for i, from := range formats {
		cells := strings.Fields(lines[i+4])
		if len(lines[i+4]) != len(lines[3]) || len(cells) != len(formats)+1 || cells[0] != from.String() || head[i] != from.String() {
			t.Errorf("row of %v:\n%s\n%s", from, lines[3], lines[i+4])
			continue
		}
		for j, to := range formats {
			want := from != to && set.Translates(from, to)
			if got := strings.Trim(cells[j+1], "0123456789") == ""; got != want {
				t.Errorf("%v to %v is %q", from, to, cells[j+1])
			}
		}
	}
}

func TestShowPaths(t *testing.T) {
	var b strings.Builder
	showPaths(&b, codec.NewSet(codec.Options{}), "G722")
	for _, want := range []string{
		"--- Translation paths SRC Codec \"g722\" sample rate 16000 ---\n",
		"\tg722:16000       To g723:8000       : No Translation Path\n",
		"\tg722:16000       To ulaw:8000       : (g722@16000)->(slin@16000)->(slin@8000)->(ulaw@8000)\n",
		"\tg722:16000       To slin:16000      : (g722@16000)->(slin@16000)\n",
		"\tg722:16000       To slin:8000       : (g722@16000)->(slin@16000)->(slin@8000)\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, &b)
		}
	}
	for _, name := range []string{"nothing", "h264"} {
		b.Reset()
		showPaths(&b, codec.NewSet(codec.Options{}), name)
		if want := "Source codec \"" + name + "\" is not found.\n"; b.String() != want {
			t.Errorf("%s: %q", name, b.String())
		}
	}
}

func TestRecalculate(t *testing.T) {
	for arg, want := range map[string]string{
		"":   "         Recalculating Codec Translation (number of sample seconds: 1)\n\n",
		"3":  "         Recalculating Codec Translation (number of sample seconds: 3)\n\n",
		"-1": "         Recalculating Codec Translation (number of sample seconds: 1)\n\n",
		"x":  "         Recalculating Codec Translation (number of sample seconds: 1)\n\n",
		"61": "         Maximum limit of recalculation exceeded by 1, truncating value to 60\n         Recalculating Codec Translation (number of sample seconds: 60)\n\n",
	} {
		var b strings.Builder
		var args []string
		if arg != "" {
			args = []string{arg}
		}
		set := codec.NewSet(codec.Options{})
		recalculate(&b, set, args)
		if b.String() != want {
			t.Errorf("%q: %q, want %q", arg, b.String(), want)
		}
	}
}

func TestShowCodec(t *testing.T) {
	for which, want := range map[string]string{
		"3":    "          3 ulaw (G.711 u-law)\n",
		"ALAW": "          4 alaw (G.711 A-law)\n",
		"0":    "Codec 0 not found\n",
		"x":    "Codec x not found\n",
	} {
		var b strings.Builder
		showCodec(&b, which)
		if b.String() != want {
			t.Errorf("%s: %q, want %q", which, b.String(), want)
		}
	}
	if media.All()[2] != media.Ulaw {
		t.Error("ulaw is not the third")
	}
}
