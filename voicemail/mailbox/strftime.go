package mailbox

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// strftime writes a time as the C library does: the dates of mails. Names of days and months are those of the locale's language.
func strftime(format string, t time.Time, locale string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		if strings.IndexByte("-_EO", format[i]) >= 0 && i+1 < len(format) { // GNU's flags: without padding, another calendar
			trim := format[i] == '-'
			i++
			s := conversion(format[i], t, locale)
			if trim {
				s = trimZeros(s)
			}
			b.WriteString(s)
			continue
		}
		b.WriteString(conversion(format[i], t, locale))
	}
	return b.String()
}

func trimZeros(s string) string {
	if short := strings.TrimLeft(s, "0 "); short != "" {
		return short
	}
	return "0"
}

func conversion(c byte, t time.Time, locale string) string {
	hour12 := (t.Hour()+11)%12 + 1
	switch c {
	case 'A', 'a', 'B', 'b', 'h':
		return dateName(c, t, locale)
	case 'C':
		return fmt.Sprintf("%02d", t.Year()/100)
	case 'e':
		return fmt.Sprintf("%2d", t.Day())
	case 'I':
		return fmt.Sprintf("%02d", hour12)
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay())
	case 'k':
		return fmt.Sprintf("%2d", t.Hour())
	case 'l':
		return fmt.Sprintf("%2d", hour12)
	case 'n':
		return "\n"
	case 's':
		return strconv.FormatInt(t.Unix(), 10)
	case 't':
		return "\t"
	case 'u':
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1)
	case 'w':
		return strconv.Itoa(int(t.Weekday()))
	case 'P':
		return strings.ToLower(t.Format("PM"))
	case 'q': // the original's own: milliseconds
		return fmt.Sprintf("%03d", t.Nanosecond()/1e6)
	case 'V':
		_, week := t.ISOWeek()
		return fmt.Sprintf("%02d", week)
	case 'G':
		year, _ := t.ISOWeek()
		return strconv.Itoa(year)
	case 'U':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'W':
		return fmt.Sprintf("%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
	case 'c':
		return strftime("%a %b %e %H:%M:%S %Y", t, locale)
	case '%':
		return "%"
	}
	if layout := layouts(c); layout != "" {
		return t.Format(layout)
	}
	return "%" + string(c)
}

// layouts are the conversions that Go has words for.
func layouts(c byte) string {
	switch c {
	case 'd':
		return "02"
	case 'D', 'x':
		return "01/02/06"
	case 'F':
		return "2006-01-02"
	case 'H':
		return "15"
	case 'm':
		return "01"
	case 'M':
		return "04"
	case 'p':
		return "PM"
	case 'r':
		return "03:04:05 PM"
	case 'R':
		return "15:04"
	case 'S':
		return "05"
	case 'T', 'X':
		return "15:04:05"
	case 'y':
		return "06"
	case 'Y':
		return "2006"
	case 'z':
		return "-0700"
	case 'Z':
		return "MST"
	case 'v':
		return "_2-Jan-2006"
	}
	return ""
}

// dateName is the name of a day or a month.
func dateName(c byte, t time.Time, locale string) string {
	full := c == 'A' || c == 'B'
	day := c == 'A' || c == 'a'
	names := localeNames(locale)
	if names == nil {
		layout := map[byte]string{'A': "Monday", 'a': "Mon", 'B': "January", 'b': "Jan", 'h': "Jan"}[c]
		return t.Format(layout)
	}
	name := names.months[t.Month()-1]
	if day {
		name = names.days[t.Weekday()]
	}
	if full {
		return name
	}
	return short(name, map[bool]int{true: names.shortDay, false: 3}[day])
}

// short is the first letters of a name.
func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// language is the names of a language.
type language struct {
	days     [7]string
	months   [12]string
	shortDay int
}

// localeNames are the names of a locale's language, nil for English.
func localeNames(locale string) *language {
	code, _, _ := strings.Cut(strings.ToLower(locale), "_")
	switch code {
	case "de":
		return &language{[7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
			[12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"}, 2}
	case "fr":
		return &language{[7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
			[12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}, 3}
	case "es":
		return &language{[7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
			[12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}, 3}
	case "it":
		return &language{[7]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
			[12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}, 3}
	case "nl":
		return &language{[7]string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"},
			[12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}, 2}
	case "pt":
		return &language{[7]string{"domingo", "segunda", "terça", "quarta", "quinta", "sexta", "sábado"},
			[12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"}, 3}
	case "da":
		return &language{[7]string{"søndag", "mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag"},
			[12]string{"januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"}, 3}
	}
	return nil
}

// knownLocale says whether dates can be written in that locale.
func knownLocale(locale string) bool {
	code := strings.ToLower(locale)
	return code == "" || code == "c" || code == "posix" || strings.HasPrefix(code, "c.") || strings.HasPrefix(code, "en") || localeNames(locale) != nil
}
