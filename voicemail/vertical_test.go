package voicemail

import (
	"strings"
	"testing"
	"time"
)

const (
	house   = "[general]\nmaxsilence=2\n[default]\n100 => 4711,Ann Example\n101 => 1234,Bob Builder\n"
	visit1  = "[c]\nexten => s,1,VoiceMail(100,u)\n same => n,NoOp(${VMSTATUS})\nexten => a,1,NoOp(assistant)\n"
	listens = "[c]\nexten => s,1,VoiceMailMain(100)\n"
)

// TestLeaveAndListen leaves a message of a tone, which its owner hears and deletes.
func TestLeaveAndListen(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, house, visit1)
		o.says(3)
		o.Call()
		if got := o.List(); got != "VoiceMail(100,u) NoOp(SUCCESS)" {
			t.Error(got, o.Log.String())
		}
		if got := strings.Join(o.Played, " "); got != "vm-theperson digits/1 digits/0 digits/0 vm-isunavail vm-intro beep" {
			t.Error(got)
		}
		if got := o.files(t, "100"); got != "INBOX/msg0000.txt INBOX/msg0000.wav" {
			t.Fatal(got)
		}
		if all, tone := o.length(t, "100/INBOX/msg0000"); all != 3200*time.Millisecond || tone < 2900*time.Millisecond || tone > 3*time.Second {
			t.Error(all, tone)
		}
		again := reopen(t, o, listens)
		again.Incoming()
		again.Press(500*time.Millisecond, "4711#") // the password
		again.Press(20*time.Second, "1")           // the first message, at the menu
		again.Press(35*time.Second, "7")           // deleted
		again.Press(40*time.Second, "#")
		again.Call()
		if got := strings.Join(again.Played, " "); !strings.Contains(got, "vm-password vm-youhave digits/1 vm-INBOX vm-message vm-onefor vm-INBOX vm-messages vm-opts") ||
			!strings.Contains(got, "vm-first vm-message vm-received") || !strings.Contains(got, "=INBOX/msg0000") || !strings.Contains(got, "vm-deleted") || !strings.HasSuffix(got, "vm-goodbye") {
			t.Error(got)
		}
		if got := o.files(t, "100"); got != "" {
			t.Error(got)
		}
	})
}
