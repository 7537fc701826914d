package voicemail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGreetings plays the greeting that options and recordings make.
func TestGreetings(t *testing.T) {
	for name, c := range map[string]struct {
		options, recorded, want string
	}{
		"none":             {"", "", "vm-intro beep"},
		"unavailable":      {",u", "", "vm-theperson digits/1 digits/0 digits/0 vm-isunavail vm-intro beep"},
		"busy":             {",b", "", "vm-theperson digits/1 digits/0 digits/0 vm-isonphone vm-intro beep"},
		"name":             {",u", "greet", "=100/greet vm-isunavail vm-intro beep"},
		"recorded":         {",u", "unavail", "=100/unavail vm-intro beep"},
		"recorded busy":    {",b", "busy unavail", "=100/busy vm-intro beep"},
		"temporary":        {",u", "temp unavail", "=100/temp vm-intro beep"},
		"temporary alone":  {"", "temp", "=100/temp vm-intro beep"},
		"silent":           {",us", "unavail", "=100/unavail beep"},
		"all silent":       {",s", "", "beep"},
		"silent, recorded": {",uS", "unavail", "=100/unavail beep"},
		"silent, invented": {",uS", "", "vm-theperson digits/1 digits/0 digits/0 vm-isunavail vm-intro beep"},
		"no tone":          {",st", "", ""},
		"other tone":       {",st(ding)", "", "ding"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				o := open(t, house, "[c]\nexten => s,1,VoiceMail(100"+c.options+")\n same => n,NoOp(${VMSTATUS})\n")
				for _, g := range strings.Fields(c.recorded) {
					o.greetingOf(t, "100", g)
				}
				o.says(1)
				o.Call()
				if got := o.played(); got != c.want {
					t.Errorf("played %s, want %s", got, c.want)
				}
				if !strings.HasSuffix(o.List(), "NoOp(SUCCESS)") {
					t.Error(o.List(), o.Log.String())
				}
			})
		})
	}
}

// TestLeave: what keys, silence and a hang-up do to a message.
func TestLeave(t *testing.T) {
	const review = "[general]\nmaxsilence=2\nminsecs=1\n[default]\n100 => 1,Ann,,,review=yes|operator=yes|leaveurgent=yes\n101 => 1\n"
	const operator = "[general]\nmaxsilence=2\n[default]\n100 => 1,Ann,,,operator=yes\n"
	const steps = " same => n,NoOp(${VMSTATUS})\nexten => o,1,NoOp(operator ${VMSTATUS})\nexten => a,1,NoOp(assistant ${VMSTATUS})\nexten => 7,1,NoOp(seven ${VMSTATUS})\n[other]\nexten => 89,1,NoOp(89 ${VMSTATUS})\n"
	for name, c := range map[string]struct {
		conf, app string
		says      float64
		keys      []any
		hangs     time.Duration
		steps     string // at the end
		played    string // contained
		files     string
	}{
		"hash ends it":         {house, "VoiceMail(100,s)", 9, []any{4, "#"}, 0, "NoOp(SUCCESS)", "beep", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"hangs up":             {house, "VoiceMail(100,s)", 9, nil, 4 * time.Second, "VoiceMail(100,s)", "beep", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"hangs up at once":     {"[general]\nminsecs=2\n[default]\n100 => 1\n", "VoiceMail(100,s)", 9, nil, 1500 * time.Millisecond, "VoiceMail(100,s)", "beep", ""},
		"too short":            {"[general]\nmaxsilence=2\nminsecs=4\n[default]\n100 => 1\n", "VoiceMail(100,s)", 1, nil, 0, "NoOp(FAILED)", "vm-tooshort", ""},
		"too long":             {"[general]\nmaxsecs=3\n[default]\n100 => 1\n", "VoiceMail(100,s)", 99, nil, 0, "NoOp(SUCCESS)", "beep", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"no mailbox":           {house, "VoiceMail(999,s)", 1, nil, 0, "NoOp(FAILED)", "", ""},
		"full":                 {"[default]\n100 => 1,,,,maxmsg=1\n", "VoiceMail(100,s)", 1, nil, 0, "NoOp(FAILED)", "vm-mailboxfull", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"assistant":            {house, "VoiceMail(100,u)", 1, []any{1.5, "*"}, 0, "NoOp(assistant USEREXIT)", "", ""},
		"no operator":          {house, "VoiceMail(100,u)", 1, []any{1, "0"}, 0, "NoOp(SUCCESS)", "beep", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"operator":             {operator, "VoiceMail(100,u)", 1, []any{1, "0"}, 0, "NoOp(operator USEREXIT)", "", ""},
		"dialled":              {house, "VoiceMail(100,ud)", 1, []any{1, "7"}, 0, "NoOp(seven USEREXIT)", "", ""},
		"dialled elsewhere":    {house, "VoiceMail(100,ud(other))", 1, []any{1, "8", 0.5, "9"}, 0, "NoOp(89 USEREXIT)", "", ""},
		"instructions skipped": {house, "VoiceMail(100,u)", 1, []any{1, "#"}, 0, "NoOp(SUCCESS)", "digits/1 beep", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"urgent":               {house, "VoiceMail(100,sU)", 1, nil, 0, "NoOp(SUCCESS)", "", "Urgent/msg0000.txt Urgent/msg0000.wav"},
		"two mailboxes":        {house, "VoiceMail(101&100,s)", 1, nil, 0, "NoOp(SUCCESS)", "", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"review, kept":         {review, "VoiceMail(100,s)", 3, []any{9, "1"}, 0, "NoOp(SUCCESS)", "beep vm-review vm-review-urgent vm-reachoper vm-msgsaved", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"review, heard":        {review, "VoiceMail(100,s)", 3, []any{9, "2", 5, "1"}, 0, "NoOp(SUCCESS)", "=tmp/", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"review, again":        {review, "VoiceMail(100,s)", 8, []any{3, "#", 1, "3", 6, "#", 1, "1"}, 0, "NoOp(SUCCESS)", "vm-review vm-review-urgent vm-intro beep vm-review vm-review-urgent vm-msgsaved", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"review, urgent":       {review, "VoiceMail(100,s)", 3, []any{9, "4", 4, "1"}, 0, "NoOp(SUCCESS)", "vm-marked-urgent vm-review vm-review-nonurgent", "Urgent/msg0000.txt Urgent/msg0000.wav"},
		"review, not urgent":   {review, "VoiceMail(100,sU)", 3, []any{9, "4", 4, "1"}, 0, "NoOp(SUCCESS)", "vm-marked-nonurgent", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"review, gone":         {review, "VoiceMail(100,s)", 3, nil, 9 * time.Second, "VoiceMail(100,s)", "vm-review", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"review, no answer":    {review, "VoiceMail(100,s)", 3, nil, 0, "NoOp(SUCCESS)", "vm-goodbye", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"operator, kept":       {review, "VoiceMail(100,s)", 9, []any{4, "0", 2, "1"}, 0, "NoOp(operator USEREXIT)", "vm-saveoper vm-msgsaved", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"operator, not kept":   {review, "VoiceMail(100,s)", 9, []any{4, "0", 2, "2"}, 0, "NoOp(operator USEREXIT)", "vm-saveoper vm-deleted", ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				o := open(t, c.conf, "[c]\nexten => s,1,"+c.app+"\n"+steps)
				if name == "full" {
					o.message(t, "100", "1")
				}
				o.says(c.says)
				o.keys(c.keys...)
				if c.hangs > 0 {
					hangs(o, c.hangs)
				}
				o.Call()
				if got := o.List(); !strings.HasSuffix(got, c.steps) {
					t.Errorf("steps %s, want %s; %s", got, c.steps, o.Log.String())
				}
				if got := o.played(); !strings.Contains(got, c.played) {
					t.Errorf("played %s, want %s", got, c.played)
				}
				if got := o.files(t, "100"); got != c.files {
					t.Errorf("files %s, want %s", got, c.files)
				}
			})
		})
	}
}

// TestFormats records in all formats of voicemail.conf at once.
func TestFormats(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, "[general]\nformat=wav49|gsm|wav|g722\nmaxsilence=2\n[default]\n100 => 1\n", "[c]\nexten => s,1,VoiceMail(100,s)\n")
		o.says(3)
		o.Call()
		if got := o.files(t, "100"); got != "INBOX/msg0000.WAV INBOX/msg0000.g722 INBOX/msg0000.gsm INBOX/msg0000.txt INBOX/msg0000.wav" {
			t.Fatal(got)
		}
		all, tone := o.length(t, "100/INBOX/msg0000")
		for _, ext := range []string{"wav", "g722", "gsm"} {
			if err := os.Remove(filepath.Join(o.dir, "spool/default/100/INBOX/msg0000."+ext)); err != nil {
				t.Fatal(err)
			}
			again, tones := o.length(t, "100/INBOX/msg0000")
			if again-all > 40*time.Millisecond || all-again > 40*time.Millisecond || tone-tones > 100*time.Millisecond {
				t.Errorf("without %s: %v with %v of a tone, before %v with %v", ext, again, tones, all, tone)
			}
		}
		if tone < 2900*time.Millisecond {
			t.Error(tone)
		}
	})
}
