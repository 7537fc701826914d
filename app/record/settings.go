package record

import "obelus/prompt/record"

// Settings are what dsp.conf and amd.conf say.
type Settings struct {
	SilenceThreshold int // the average of a frame's samples below which it is silent
	AMD              AMD
}

// AMD is how AMD tells a machine from somebody. Times are milliseconds.
type AMD struct {
	InitialSilence, Greeting, AfterGreetingSilence, TotalAnalysisTime int
	MinWordLength, MaxWordLength, BetweenWordsSilence, MaxWords       int
	SilenceThreshold                                                  int
	PlaybackFile                                                      string
}

// Defaults are what holds where the files say nothing.
func Defaults() Settings {
	return Settings{SilenceThreshold: record.DefaultThreshold, AMD: AMD{
		InitialSilence: 2500, Greeting: 1500, AfterGreetingSilence: 800, TotalAnalysisTime: 5000,
		MinWordLength: 100, MaxWordLength: 5000, BetweenWordsSilence: 50, MaxWords: 3, SilenceThreshold: record.DefaultThreshold,
	}}
}
