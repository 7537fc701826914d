package sipconf

import "testing"

func TestParseTOS(t *testing.T) {
	for text, want := range map[string]int{
		"ef": 0xb8, "EF": 0xb8, "af41": 0x88, "af11": 0x28, "af33": 0x78, "cs3": 0x60, "cs0": 0, "cs7": 0xe0, "lowdelay": 0x10, "none": 0,
		"184": 184, "0xb8": 0xb8, " 0x18 ": 0x18, "0": 0,
	} {
		if got, err := parseTOS(text); err != nil || got != want {
			t.Errorf("%s: %#x, %v, want %#x", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "256", "-1", "af14", "af51", "cs8", "fast"} {
		if got, err := parseTOS(bad); err == nil {
			t.Errorf("%q is %#x", bad, got)
		}
	}
	for tos, want := range map[int]string{0: "CS0", 0xb8: "EF", 0x88: "AF41", 0x10: "unknown"} {
		if got := TOSName(tos); got != want {
			t.Errorf("%#x is %s, want %s", tos, got, want)
		}
	}
}

func TestMarksOfTheFile(t *testing.T) {
	set, found := read(t, "[general]\ntos_sip=cs3\ntos_audio=ef\ntos_video=af41\ncos_audio=6\ncos_sip=3\n")
	if len(found) != 0 {
		t.Errorf("%q", found)
	}
	g := set.General
	if g.SIPMarks != (Marks{0x60, 3}) || g.AudioMarks != (Marks{0xb8, 6}) || g.VideoMarks != (Marks{0x88, 6}) || g.TextMarks != (Marks{0, 5}) {
		t.Errorf("%+v %+v %+v %+v", g.SIPMarks, g.AudioMarks, g.VideoMarks, g.TextMarks)
	}
	if _, found := read(t, "[general]\ntos_sip=af99\ncos_audio=8\n"); len(found) != 2 {
		t.Errorf("%q", found)
	}
}
