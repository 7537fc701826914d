package phones

import (
	"os"
	"path/filepath"
	"testing"
)

// TestVoicemail has linphonec leave a message for baresip, who asked to be told.
func TestVoicemail(t *testing.T) {
	binary := BuildServer(t)
	addr := loopback(LeasePorts(t) + sipPort)
	files := serverConfig(t, addr)
	files["sip.conf"] += "\n[1002](+)\nmailbox=1002@default\n"
	files["voicemail.conf"] = "[general]\nformat=wav\n[default]\n1002 => 4711,Ann\n"
	files["extensions.conf"] = "[my]\nexten => 500,1,VoiceMail(1002@default,s)\n"
	s := StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
	one, two := setups(t, s, false)
	two.Lamps = true
	b := StartBaresip(t, two)
	b.WaitRegistered()
	b.expect(0, `Messages-Waiting: no`)
	a := StartLinphone(t, one)
	a.WaitRegistered()
	a.Dial(s.Number("500", false))
	a.WaitTalking()
	waitUntil(t, "two seconds of a message", func() bool {
		tmp, err := filepath.Glob(filepath.Join(s.data, "voicemail/default/1002/tmp/*.wav"))
		if err != nil || len(tmp) == 0 {
			return false
		}
		info, err := os.Stat(tmp[0])
		return err == nil && info.Size() > 2*2*8000 // two seconds of 16-bit samples
	})
	a.HangUp()
	b.expect(0, `Messages-Waiting: yes`)
	b.expect(0, `Voice-Message: 1/0`)
	samples, rate, err := ReadWAV(filepath.Join(s.data, "voicemail/default/1002/INBOX/msg0000.wav"))
	if err != nil {
		t.Fatal(err)
	}
	if h := Listen(samples, rate, LowTone); !h.Heard() {
		t.Errorf("the message is not what linphonec played: %v", h)
	}
	s.WaitSays("voicemail show users", `1002 .* 1\n`)
}

// TestHoldMusic has linphonec put baresip on hold: it hears the music of the house, and
// linphonec again after that.
func TestHoldMusic(t *testing.T) {
	binary := BuildServer(t)
	addr := loopback(LeasePorts(t) + sipPort)
	files := serverConfig(t, addr)
	const musicTone = 620
	music := t.TempDir()
	if err := WriteWAV(filepath.Join(music, "hold.wav"), Tone(musicTone, playRate, 2), playRate); err != nil {
		t.Fatal(err)
	}
	files["musiconhold.conf"] = "[default]\nmode=files\ndirectory=" + music + "\n"
	s := StartServerAt(t, ServerSetup{Binary: binary, Addr: addr, Files: files})
	linphone, baresip := registered(t, s, false)
	for _, roles := range [][2]Line{{linphone, baresip}, {baresip, linphone}} {
		Connect(roles[0], roles[1])
		HearEachOther(linphone, baresip)
		linphone.Hold()
		baresip.Hears(musicTone)
		linphone.Resume()
		HearEachOther(linphone, baresip)
		Part(roles[0], roles[1])
	}
}
