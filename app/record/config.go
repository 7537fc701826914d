package record

import (
	"strconv"
	"strings"

	"obelus/conf"
)

// maxThreshold bounds what a sample can be.
const maxThreshold = 32767

// ReadDSP reads dsp.conf; f is nil where there is none. Only what counts as silence is
// taken from it: tones of the network are not listened for.
func ReadDSP(f *conf.File) (Settings, []conf.Diagnostic) {
	s := Defaults()
	section := sectionOf(f, "default")
	if section == nil {
		return s, nil
	}
	var found []conf.Diagnostic
	for _, v := range section.Entries {
		if strings.EqualFold(v.Key, "silencethreshold") {
			found = append(found, bounded(&v, 1, maxThreshold, &s.SilenceThreshold)...)
		}
	}
	return s, found
}

// ReadAMD adds what amd.conf says; f is nil where there is none.
func (s Settings) ReadAMD(f *conf.File) (Settings, []conf.Diagnostic) {
	section := sectionOf(f, "general")
	if section == nil {
		return s, nil
	}
	numbers := map[string]*int{
		"initial_silence": &s.AMD.InitialSilence, "greeting": &s.AMD.Greeting, "after_greeting_silence": &s.AMD.AfterGreetingSilence,
		"total_analysis_time": &s.AMD.TotalAnalysisTime, "min_word_length": &s.AMD.MinWordLength, "maximum_word_length": &s.AMD.MaxWordLength,
		"between_words_silence": &s.AMD.BetweenWordsSilence, "maximum_number_of_words": &s.AMD.MaxWords, "silence_threshold": &s.AMD.SilenceThreshold,
	}
	var found []conf.Diagnostic
	for _, v := range section.Entries {
		name := strings.ToLower(v.Key)
		switch at, ok := numbers[name]; {
		case ok:
			found = append(found, bounded(&v, 0, 1<<30, at)...)
		case name == "playback_file":
			s.AMD.PlaybackFile = v.Value
		default:
			found = append(found, conf.Diagnostic{Pos: v.Pos, Severity: conf.Warning, Message: "AMD: Cannot load option '" + v.Key + "'", Hint: "it is none of amd.conf"})
		}
	}
	return s, found
}

func sectionOf(f *conf.File, name string) *conf.Section {
	if f == nil {
		return nil
	}
	s := f.Section(name)
	if s == nil || s.Template {
		return nil
	}
	return s
}

// bounded reads a number within bounds.
func bounded(v *conf.Entry, least, most int, to *int) []conf.Diagnostic {
	n, err := strconv.Atoi(strings.TrimSpace(v.Value))
	if err != nil || n < least || n > most {
		return []conf.Diagnostic{{Pos: v.Pos, Severity: conf.Warning, Message: v.Key + "=" + v.Value + " is no number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most), Hint: "the default is used"}}
	}
	*to = n
	return nil
}
