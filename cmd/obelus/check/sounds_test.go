package check

import (
	"path/filepath"
	"strings"
	"testing"

	"obelus/internal/filetree"
)

// TestSounds names what is missing and how to get it, and is silent about what is there.
func TestSounds(t *testing.T) {
	plan := `[in]
exten => s,1,Playback(there&own&vm-nosuchbox)
same => n,BackGround(zz-nosuch1&custom/zz,m)
same => n,Playback(${X}&num:7,mix)
same => n,Playback(zz-never,say)
same => n,Read(X,dial,1,i)
same => n,Read(X,zz-asked)
`
	lines, _, code := checked(t, map[string]string{
		"sip.conf": goodSIP, "extensions.conf": plan, "asterisk.conf": "[directories]\nastvarlibdir => /nonexistent\n[options]\ndefaultlanguage=xx\n",
	})
	text := strings.Join(lines, "\n")
	for _, want := range []string{"extensions.conf:2: note: sounds that are not there: there, own, vm-nosuchbox, zz-nosuch1, custom/zz, zz-asked (they belong below "} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "zz-never") || strings.Contains(text, "dial") || code != Clean {
		t.Errorf("exit %d: %s", code, text)
	}
	varlib := filetree.Write(t, map[string]string{"sounds/there.wav": "x", "sounds/xx/own.gsm": "x"})
	lines, _, _ = checked(t, map[string]string{
		"sip.conf": goodSIP, "extensions.conf": "[in]\nexten => s,1,Playback(there&own)\n",
		"asterisk.conf": "[directories]\nastvarlibdir => " + filepath.ToSlash(varlib) + "\n[options]\ndefaultlanguage=xx\n",
	})
	if text := strings.Join(lines, "\n"); strings.Contains(text, "sounds") {
		t.Errorf("what is there is said to be missing: %s", text)
	}
}

// TestLanguages names a language without sounds once, and none that has some.
func TestLanguages(t *testing.T) {
	varlib := filetree.Write(t, map[string]string{"sounds/zz/vm-goodbye.wav": "x"})
	account := func(name, language string) string {
		return "[" + name + "]\ntype=friend\nhost=dynamic\nsecret=Zu9-hal-4kwQ-mm" + name + "\ncontext=in\nlanguage=" + language + "\n"
	}
	lines, _, code := checked(t, map[string]string{
		"sip.conf":        "[general]\nallowguest=no\ncontext=in\n" + account("ann", "xy") + account("bob", "XY") + account("cy", "zz") + account("dan", ""),
		"extensions.conf": "[in]\nexten => s,1,Hangup()\n", "asterisk.conf": "[directories]\nastvarlibdir => " + filepath.ToSlash(varlib) + "\n",
	})
	want := "sip.conf:4: note: there are no sounds of language 'xy', which account 'ann' has (Debian has no sounds of language xy: put them below sounds/xy)"
	if got := strings.Join(lines, "\n"); got != want || code != Clean {
		t.Errorf("exit %d: %s\nwant %s", code, got, want)
	}
}

func TestDebian(t *testing.T) {
	for language, want := range map[string]string{
		"en": "apt install asterisk-core-sounds-en-wav", "fr_CA": "apt install asterisk-core-sounds-fr-wav", "de": "Debian has no sounds of language de: put them below sounds/de",
	} {
		if got := debian(language); got != want {
			t.Errorf("%s: %s", language, got)
		}
	}
	if got := few(strings.Fields("a b c d e f g h i j")); got != "a, b, c, d, e, f, g, h and 2 more" {
		t.Error(got)
	}
	if n := len(strings.Fields(coreSounds)); n < 500 || !strings.Contains(coreSounds, "vm-goodbye") {
		t.Errorf("%d names", n)
	}
}
