package codecs

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"obelus/console"
	"obelus/media"
	"obelus/media/codec"
)

// mostSeconds bounds what `core show translation recalc` measures with.
const mostSeconds = 60

// translationCommand is core show translation.
func translationCommand(set *codec.Set) console.Command {
	return console.Command{
		Words: "core show translation", Args: "[recalc [<seconds>]|paths <codec>]", Summary: "Display translation matrix",
		Run: func(_ context.Context, c *console.Session, args []string) error {
			var b strings.Builder
			switch {
			case len(args) == 0:
				showTranslation(&b, set)
			case args[0] == "recalc" && len(args) <= 2:
				recalculate(&b, set, args[1:])
				showTranslation(&b, set)
			case args[0] == "paths" && len(args) == 2:
				showPaths(&b, set, args[1])
			default:
				return console.ErrUsage
			}
			_, err := io.WriteString(c, b.String())
			return err
		},
		Complete: func(args []string) []string {
			switch {
			case len(args) == 0:
				return []string{"paths", "recalc"}
			case len(args) == 1 && args[0] == "paths":
				var names []string
				for _, f := range audioFormats() {
					names = append(names, f.String())
				}
				slices.Sort(names)
				return names
			}
			return nil
		},
	}
}

// recalculate has everything measured again, with so many seconds of sound as is
// asked for.
func recalculate(w io.Writer, set *codec.Set, args []string) {
	seconds := 1
	if len(args) == 1 {
		n, err := strconv.Atoi(args[0])
		if err != nil || n < 1 {
			n = 1
		}
		if n > mostSeconds {
			fmt.Fprintf(w, "         Maximum limit of recalculation exceeded by %d, truncating value to %d\n", n-mostSeconds, mostSeconds)
			n = mostSeconds
		}
		seconds = n
	}
	fmt.Fprintf(w, "         Recalculating Codec Translation (number of sample seconds: %d)\n\n", seconds)
	set.Recalculate(seconds)
}

func audioFormats() []media.Format {
	return slices.DeleteFunc(media.All(), func(f media.Format) bool { return f.Kind() != media.Audio })
}

// showTranslation prints the matrix in the original's layout. Its columns say
// slin16 where the original says slin for every rate, and widen for what is slow.
func showTranslation(w io.Writer, set *codec.Set) {
	formats := audioFormats()
	longest := 0
	cells := make([][]string, len(formats))
	widths := make([]int, len(formats))
	for j, to := range formats {
		longest = max(longest, len(to.String()))
		widths[j] = max(len(to.String()), 5) + 1
	}
	for i, from := range formats {
		for j, to := range formats {
			cell := "-"
			if d, ok := set.Cost(from, to); ok {
				cell = strconv.FormatInt(max(d.Microseconds(), 1), 10)
			}
			cells[i] = append(cells[i], cell)
			widths[j] = max(widths[j], len(cell)+1)
		}
	}
	fmt.Fprint(w, "         Translation times between formats (in microseconds) for one second of data\n")
	fmt.Fprint(w, "          Source Format (Rows) Destination Format (Columns)\n\n")
	fmt.Fprintf(w, "%*s", longest, "")
	for j, to := range formats {
		fmt.Fprintf(w, "%*s", widths[j], to)
	}
	fmt.Fprintln(w)
	for i, from := range formats {
		fmt.Fprintf(w, "%*s", longest, from)
		for j := range formats {
			fmt.Fprintf(w, "%*s", widths[j], cells[i][j])
		}
		fmt.Fprintln(w)
	}
}

// showPaths prints what each translation out of a format goes through.
func showPaths(w io.Writer, set *codec.Set, name string) {
	from, ok := media.ByName(name)
	if !ok || from.Kind() != media.Audio {
		fmt.Fprintf(w, "Source codec \"%s\" is not found.\n", name)
		return
	}
	fmt.Fprintf(w, "--- Translation paths SRC Codec \"%s\" sample rate %d ---\n", from, from.Rate())
	for _, to := range audioFormats() {
		if to == from {
			continue
		}
		said := "No Translation Path"
		if path := set.Path(from, to); path != nil {
			var steps []string
			for _, c := range path {
				steps = append(steps, fmt.Sprintf("(%s@%d)", c.Format.Family(), c.Rate))
			}
			said = strings.Join(steps, "->")
		}
		fmt.Fprintf(w, "\t%-16.16s To %-16.16s: %s\n", at(from), at(to), said)
	}
}

// at is a format as the original names one where the rate counts.
func at(f media.Format) string { return fmt.Sprintf("%s:%d", f.Family(), f.Rate()) }
