package record

import (
	"testing"

	"obelus/conf"
)

func read(t *testing.T, name, text string) *conf.File {
	t.Helper()
	f, _, err := new(conf.Loader).Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestSettings(t *testing.T) {
	s, found := ReadDSP(read(t, "dsp.conf", "[default]\nsilencethreshold=300\nbusy_count=3\n"))
	if s.SilenceThreshold != 300 || len(found) != 0 {
		t.Errorf("%d, %v", s.SilenceThreshold, found)
	}
	s, found = s.ReadAMD(read(t, "amd.conf", "[general]\ninitial_silence = 2000\ngreeting=x\nmaximum_number_of_words=5\nplayback_file=hold\nwhat=1\nsilence_threshold=-1\n"))
	if s.SilenceThreshold != 300 || s.AMD.InitialSilence != 2000 || s.AMD.Greeting != 1500 || s.AMD.MaxWords != 5 || s.AMD.PlaybackFile != "hold" || len(found) != 3 {
		t.Errorf("%+v, %v", s, found)
	}
	for _, text := range []string{"", "[general]\n", "[default](!)\nsilencethreshold=1\n", "[default]\nsilencethreshold=loud\n"} {
		s, _ := ReadDSP(read(t, "dsp.conf", text))
		if s, _ = s.ReadAMD(nil); s != Defaults() {
			t.Errorf("%q: %+v", text, s)
		}
	}
	if s, _ := ReadDSP(nil); s != Defaults() {
		t.Errorf("%+v", s)
	}
}
