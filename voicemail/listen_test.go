package voicemail

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const listener = "[general]\nmaxsilence=2\nenvelope=no\n[default]\n100 => 4711,Ann Example\n101 => 1234,Bob Builder\n102 => 1234,Cora Carter\n"

// TestLogin: who gets in, and who doesn't.
func TestLogin(t *testing.T) {
	for name, c := range map[string]struct {
		app    string
		keys   []any
		played string
		steps  string
	}{
		"no password":          {"VoiceMailMain(100,s)", []any{3, "#"}, "vm-youhave", "NoOp(after)"},
		"password":             {"VoiceMailMain(100)", []any{0.5, "4711#", 5, "#"}, "vm-password vm-youhave vm-no vm-messages", "NoOp(after)"},
		"wrong password":       {"VoiceMailMain(100)", []any{0.5, "1#"}, "vm-password vm-incorrect", "NoOp(after)"},
		"free, but not named":  {"VoiceMailMain(@default,s)", []any{0.5, "100#", 1, "4711#", 5, "#"}, "vm-login vm-password vm-youhave", "NoOp(after)"},
		"free, but no mailbox": {"VoiceMailMain(999,s)", []any{0.5, "100#", 1, "1#", 5, "#", 1, "#", 1, "#", 1, "#"}, "vm-login vm-password vm-incorrect-mailbox", "NoOp(after)"},
		"asked":                {"VoiceMailMain()", []any{0.5, "100#", 1, "4711#", 5, "#"}, "vm-login vm-password vm-youhave", "NoOp(after)"},
		"own number":           {"VoiceMailMain()", []any{0.5, "#", 1, "4711#", 5, "#"}, "vm-login vm-password vm-youhave", "NoOp(after)"},
		"prefix":               {"VoiceMailMain(1,p)", []any{0.5, "00#", 1, "4711#", 5, "#"}, "vm-login vm-password vm-youhave", "NoOp(after)"},
		"three times wrong": {"VoiceMailMain()", []any{0.5, "1#", 1, "2#", 2, "3#", 1, "4#", 2, "5#", 1, "6#"},
			"vm-login vm-password vm-incorrect-mailbox vm-password vm-incorrect-mailbox vm-password vm-incorrect vm-goodbye", "NoOp(after)"},
		"at the second try": {"VoiceMailMain()", []any{0.5, "1#", 1, "2#", 2, "100#", 1, "4711#", 5, "#"}, "vm-password vm-incorrect-mailbox vm-password vm-youhave", "NoOp(after)"},
		"assistant":         {"VoiceMailMain()", []any{0.5, "*#"}, "vm-login", "NoOp(assistant)"},
		"assistant later":   {"VoiceMailMain(100)", []any{0.5, "*#"}, "vm-password", "NoOp(assistant)"},
		"authenticate":      {"VMAuthenticate(100)", []any{0.5, "4711#"}, "vm-password auth-thankyou", "NoOp(after)"},
		"authenticate any":  {"VMAuthenticate(@default,s)", []any{0.5, "101#", 1, "1234#"}, "vm-password auth-thankyou", "NoOp(after)"},
		"authenticate none": {"VMAuthenticate(100)", []any{0.5, "9#"}, "vm-incorrect", "VMAuthenticate(100)"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				o := open(t, listener, "[c]\nexten => s,1,"+c.app+"\n same => n,NoOp(after)\nexten => a,1,NoOp(assistant)\n")
				o.Incoming()
				o.keys(c.keys...)
				o.Call()
				if got := o.played(); !strings.Contains(got, c.played) {
					t.Errorf("played %s, want %s", got, c.played)
				}
				if got := o.List(); !strings.HasSuffix(got, c.steps) {
					t.Errorf("steps %s, want %s; %s", got, c.steps, o.Log.String())
				}
			})
		})
	}
}

// TestMenu does what can be done with three messages.
func TestMenu(t *testing.T) {
	const all = "INBOX/msg0000.txt INBOX/msg0000.wav INBOX/msg0001.txt INBOX/msg0001.wav INBOX/msg0002.txt INBOX/msg0002.wav"
	for name, c := range map[string]struct {
		more   string // of the mailbox's options
		keys   []any
		played string
		files  string
	}{
		"nothing":           {"", []any{4.5, "#"}, "vm-youhave digits/3 vm-INBOX vm-messages", all},
		"first":             {"", []any{2, "1", 8, "#"}, "vm-first vm-message =INBOX/msg0000 vm-advopts vm-repeat vm-next vm-delete", "INBOX/msg0000.txt INBOX/msg0000.wav INBOX/msg0001.txt INBOX/msg0001.wav Old/msg0000.txt Old/msg0000.wav"},
		"not moved":         {"moveheard=no", []any{2, "1", 8, "#"}, "vm-first vm-message =INBOX/msg0000", all},
		"next and previous": {"", []any{2, "1", 2.5, "6", 3.5, "6", 3, "6", 2, "4", 5, "#"}, "=INBOX/msg0000 vm-message digits/2 =INBOX/msg0001 vm-last vm-message =INBOX/msg0002 vm-nomore vm-prev vm-advopts vm-message digits/2 =INBOX/msg0001", "Old/msg0000.txt Old/msg0000.wav Old/msg0001.txt Old/msg0001.wav Old/msg0002.txt Old/msg0002.wav"},
		"wrapped":           {"messagewrap=yes", []any{2, "4", 5, "6", 6, "#"}, "vm-last vm-message =INBOX/msg0002 vm-prev vm-advopts vm-first vm-message =INBOX/msg0000 vm-prev vm-advopts", "INBOX/msg0000.txt INBOX/msg0000.wav Old/msg0000.txt Old/msg0000.wav Old/msg0001.txt Old/msg0001.wav"},
		"delete":            {"", []any{2, "1", 5, "7", 5, "#"}, "vm-deleted vm-advopts vm-repeat vm-next vm-undelete", "INBOX/msg0000.txt INBOX/msg0000.wav INBOX/msg0001.txt INBOX/msg0001.wav"},
		"undelete":          {"moveheard=no", []any{2, "1", 5, "7", 3, "7", 5, "#"}, "vm-undeleted", all},
		"delete, next":      {"nextaftercmd=yes", []any{2, "1", 5, "7", 3, "#", 9, "#"}, "vm-deleted vm-message digits/2", "INBOX/msg0000.txt INBOX/msg0000.wav Old/msg0000.txt Old/msg0000.wav"},
		"kept":              {"backupdeleted=2", []any{2, "1", 5, "7", 5, "#"}, "vm-deleted", "Deleted/msg0000.txt Deleted/msg0000.wav INBOX/msg0000.txt INBOX/msg0000.wav INBOX/msg0001.txt INBOX/msg0001.wav"},
		"saved":             {"", []any{2, "1", 5, "9", 2, "2", 8, "#"}, "vm-savefolder vm-press digits/1 vm-message digits/1 vm-savedto vm-Work vm-messages vm-advopts vm-repeat vm-next vm-undelete", "INBOX/msg0000.txt INBOX/msg0000.wav INBOX/msg0001.txt INBOX/msg0001.wav Work/msg0000.txt Work/msg0000.wav"},
		"not saved":         {"moveheard=no", []any{2, "1", 5, "9", 2, "#", 8, "#"}, "vm-savefolder vm-press", all},
		"other folder":      {"", []any{2, "2", 0.5, "1", 5, "1", 3, "#"}, "vm-changeto vm-Old vm-messages", all},
		"help":              {"", []any{2, "*", 2, "#"}, "vm-onefor-full vm-INBOX", all},
		"wind on":           {"", []any{2, "1", 3, "#", 5, "#"}, "vm-message =INBOX/msg0000 =INBOX/msg0000 vm-advopts", "INBOX/msg0000.txt INBOX/msg0000.wav INBOX/msg0001.txt INBOX/msg0001.wav Old/msg0000.txt Old/msg0000.wav"},
		"paused":            {"", []any{2, "1", 3, "0", 60, "0", 5, "#"}, "vm-message =INBOX/msg0000 =INBOX/msg0000 vm-advopts", "INBOX/msg0000.txt INBOX/msg0000.wav INBOX/msg0001.txt INBOX/msg0001.wav Old/msg0000.txt Old/msg0000.wav"},
		"again":             {"moveheard=no", []any{2, "1", 3, "2", 5, "#"}, "vm-message =INBOX/msg0000 =INBOX/msg0000 vm-advopts", all},
		"forwarded":         {"moveheard=no", []any{2, "1", 6, "8", 1.5, "101#", 5, "2", 5, "#"}, "vm-extension digits/1 digits/0 digits/1 vm-forwardoptions", all},
		"to nobody":         {"moveheard=no", []any{2, "1", 6, "8", 1.5, "999#", 3, "100#", 3, "#"}, "vm-extension pbx-invalid vm-extension pbx-invalid", all},
		"caller":            {"moveheard=no|saycid=yes", []any{2, "1", 9, "#"}, "vm-first vm-message vm-from-phonenumber digits/2 digits/0 digits/0 =INBOX/msg0000", all},
		"envelope":          {"moveheard=no", []any{2, "1", 6, "3", 1, "3", 20, "#"}, "vm-toreply vm-tohearenv vm-received digits/at digits/12 digits/oclock digits/a-m vm-from-phonenumber digits/2 digits/0 digits/0 =INBOX/msg0000", all},
		"replied":           {"moveheard=no", []any{2, "1", 6, "3", 1, "1", 20, "#"}, "vm-toreply vm-tohearenv vm-nobox", all},
		"advanced, sorry":   {"moveheard=no", []any{2, "1", 6, "3", 1, "4", 9, "#"}, "vm-toreply vm-tohearenv vm-sorry", all},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				o := open(t, strings.Replace(listener, "Ann Example", "Ann Example,,,"+c.more, 1), "[c]\nexten => s,1,VoiceMailMain(100,s)\n")
				for range 3 {
					o.message(t, "100", "200")
				}
				o.says(1)
				o.keys(c.keys...)
				o.Call()
				if got := o.played(); !strings.Contains(got, c.played) || !strings.HasSuffix(got, "vm-goodbye") {
					t.Errorf("played %s, want %s", got, c.played)
				}
				if got := o.files(t, "100"); got != c.files {
					t.Errorf("files %s, want %s", got, c.files)
				}
			})
		})
	}
}

// TestWithin says who called from within the house by name, or by extension.
func TestWithin(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, "[general]\nenvelope=no\nsaycid=yes\ncidinternalcontexts=other,c\nsaydurationm=1\n[default]\n100 => 1,Ann\n[c]\n101 => 1,Bob\n", "[c]\nexten => s,1,VoiceMailMain(100,s)\n")
		for _, from := range []string{"101", `"Carl" <102>`, "Unknown"} {
			o.message(t, "100", from)
		}
		o.greetingOf(t, "101@c", "greet")
		o.Incoming()
		o.keys(2, "1", 6, "6", 9, "6", 9, "#")
		o.Call()
		for _, want := range []string{"vm-message vm-from =101/greet =INBOX/msg0000", "digits/2 vm-from-extension digits/1 digits/0 digits/2 =INBOX/msg0001", "vm-last vm-message vm-unknown-caller =INBOX/msg0002"} {
			if got := o.played(); !strings.Contains(got, want) {
				t.Errorf("played %s, want %s", got, want)
			}
		}
	})
}

// TestForwardWithComment puts what is said before a message before it.
func TestForwardWithComment(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, listener, "[c]\nexten => s,1,VoiceMailMain(100,s)\n")
		o.message(t, "100", "200")
		o.says(99)
		o.keys(2, "1", 6, "8", 1.5, "101*102#", 10, "1", 5, "#", 15, "#")
		o.Call()
		if got := o.played(); !strings.Contains(got, "vm-forwardoptions vm-starmain vm-record-prepend beep vm-msgforwarded") {
			t.Error(got)
		}
		for _, box := range []string{"101", "102"} {
			if got := o.files(t, box); got != "INBOX/msg0000.txt INBOX/msg0000.wav" {
				t.Fatal(got)
			}
			all, tone := o.length(t, box+"/INBOX/msg0000")
			if all < 4900*time.Millisecond || all > 5100*time.Millisecond || tone < 4800*time.Millisecond {
				t.Error(all, tone)
			}
			text, err := os.ReadFile(filepath.Join(o.dir, "spool/default", box, "INBOX/msg0000.txt"))
			if err != nil || !strings.Contains(string(text), "\nduration=5\n") || !strings.Contains(string(text), "\ncallerid=200\n") {
				t.Errorf("%s %v", text, err)
			}
		}
		if got := o.files(t, "100"); got != "Old/msg0000.txt Old/msg0000.wav" {
			t.Error(got)
		}
	})
}

// TestSilentComment: a comment that silence ends is none.
func TestSilentComment(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, listener, "[c]\nexten => s,1,VoiceMailMain(100,s)\n")
		o.message(t, "100", "200")
		o.says(1)
		o.keys(2, "1", 6, "8", 1.5, "101#", 6, "1", 12, "*", 3, "#")
		o.Call()
		if got := o.played(); !strings.Contains(got, "vm-record-prepend beep vm-pls-try-again vm-then-pound vm-forwardoptions") {
			t.Error(got)
		}
		if _, err := os.Stat(filepath.Join(o.dir, "spool/default/101/INBOX")); err == nil {
			t.Error("it was forwarded")
		}
	})
}

// TestElsewhere leaves the mailbox for other mailboxes and telephones.
func TestElsewhere(t *testing.T) {
	const conf_ = "[general]\nmaxsilence=2\nenvelope=no\nusedirectory=yes\n[default]\n100 => 4711,Ann Example,,,callback=out|dialout=out|sendvoicemail=yes\n101 => 1234,Bob Builder\n"
	for name, c := range map[string]struct {
		keys   []any
		played string
		steps  string
		files  string // of 101
	}{
		"call back":          {[]any{2, "1", 6, "3", 1, "2", 1, "1"}, "vm-tocallback vm-num-i-have", "NoOp(out 101)", ""},
		"call another":       {[]any{2, "1", 6, "3", 1, "2", 1, "2", 1, "77#"}, "vm-num-i-have digits/1 vm-enter-num-to-call", "NoOp(out 77)", ""},
		"dial out":           {[]any{2, "1", 6, "3", 1, "4", 1, "78#"}, "vm-enter-num-to-call vm-then-pound vm-dialout", "NoOp(out 78)", ""},
		"dial out, canceled": {[]any{2, "1", 6, "3", 1, "4", 1, "*", 3, "#"}, "vm-enter-num-to-call", "VoiceMailMain(100,s)", ""},
		"reply":              {[]any{2, "1", 6, "3", 1, "1", 2, "#", 20, "#"}, "vm-toreply vm-tocallback vm-intro beep", "VoiceMailMain(100,s)", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"send":               {[]any{2, "1", 6, "3", 1, "5", 1, "1", 1, "101#", 9, "#", 20, "#"}, "vm-forward vm-extension digits/1 digits/0 digits/1 vm-intro", "VoiceMailMain(100,s)", "INBOX/msg0000.txt INBOX/msg0000.wav"},
		"by the directory":   {[]any{2, "1", 6, "8", 1, "2", 1, "284", 1, "1", 4, "2", 2, "#"}, "vm-forward dir-welcome dir-pls-enter letters/b letters/o", "VoiceMailMain(100,s)", "INBOX/msg0000.txt INBOX/msg0000.wav"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				o := open(t, conf_, "[c]\nexten => s,1,VoiceMailMain(100,s)\n[out]\nexten => _X.,1,NoOp(out ${EXTEN})\n")
				o.message(t, "100", "101")
				o.message(t, "100", "101")
				o.says(3)
				o.keys(c.keys...)
				o.Call()
				if got := o.played(); !strings.Contains(got, c.played) {
					t.Errorf("played %s, want %s", got, c.played)
				}
				if got := o.List(); !strings.HasSuffix(got, c.steps) {
					t.Errorf("steps %s, want %s; %s", got, c.steps, o.Log.String())
				}
				if c.files != "" {
					if got := o.files(t, "101"); got != c.files {
						t.Errorf("files %s", got)
					}
				}
			})
		})
	}
}

// TestUrgent goes from urgent messages to the others and back.
func TestUrgent(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, listener, "[c]\nexten => s,1,VoiceMail(100,sU)\n same => n,VoiceMailMain(100,s)\n")
		o.message(t, "100", "200")
		o.says(1)
		o.keys(10, "1", 7, "6", 5, "7", 3, "4", 5, "#")
		o.Call()
		if got := o.played(); !strings.Contains(got, "vm-youhave digits/1 vm-Urgent vm-and digits/1 vm-INBOX vm-message ") || !strings.Contains(got, "vm-first vm-Urgent vm-message =Urgent/msg0000") ||
			!strings.Contains(got, "vm-first vm-message =INBOX/msg0000") {
			t.Error(got)
		}
		if got := o.files(t, "100"); got != "Old/msg0000.txt Old/msg0000.wav" {
			t.Error(got)
		}
	})
}

// TestAutoplay plays a folder at once, and lets nothing be deleted.
func TestAutoplay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, listener, "[c]\nexten => s,1,VoiceMailMain(100,sra(inbox))\n")
		o.message(t, "100", "200")
		o.Incoming()
		o.keys(6, "7", 3, "9", 3, "#")
		o.Call()
		if got := o.played(); !strings.HasPrefix(got, "vm-first vm-message =INBOX/msg0000") || !strings.Contains(got, "vm-sorry") || strings.Contains(got, "vm-delete") {
			t.Error(got)
		}
	})
}

// TestOptions sets a mailbox up.
func TestOptions(t *testing.T) {
	for name, c := range map[string]struct {
		more     string
		keys     []any
		played   string
		files    string
		password string
	}{
		"unavailable":   {"", []any{2, "0", 1, "1", 9, "1", 2, "*", 2, "#"}, "vm-options vm-rec-unv beep vm-review vm-msgsaved vm-options", "unavail.wav", "4711"},
		"busy":          {"", []any{2, "0", 1, "2", 9, "1", 2, "*", 2, "#"}, "vm-rec-busy beep vm-review vm-msgsaved", "busy.wav", "4711"},
		"name":          {"", []any{2, "0", 1, "3", 9, "1", 2, "*", 2, "#"}, "vm-rec-name beep vm-review vm-msgsaved", "greet.wav", "4711"},
		"temporary":     {"", []any{2, "0", 1, "4", 9, "1", 2, "*", 2, "#"}, "vm-rec-temp beep vm-review vm-msgsaved vm-tmpexists", "temp.wav", "4711"},
		"password":      {"", []any{2, "0", 1, "5", 1, "99#", 1, "99#", 3, "*", 2, "#"}, "vm-newpassword vm-reenterpassword vm-passchanged vm-options", "", "99"},
		"mismatch":      {"", []any{2, "0", 1, "5", 1, "99#", 1, "98#", 5, "*", 2, "#"}, "vm-newpassword vm-reenterpassword vm-mismatch vm-pls-try-again vm-options", "", "4711"},
		"too short":     {"\nminpassword=5", []any{2, "0", 1, "5", 1, "9999#", 5, "*", 2, "#"}, "vm-newpassword vm-invalid-password vm-pls-try-again vm-options", "", "4711"},
		"in the spool":  {"\npasswordlocation=spooldir", []any{2, "0", 1, "5", 1, "99#", 1, "99#", 3, "*", 2, "#"}, "vm-passchanged", "secret.conf", "99"},
		"given up":      {"", []any{2, "0", 1, "1", 9, "*", 2, "#", 9, "*"}, "vm-rec-unv beep vm-review vm-sorry", "unavail.wav", "4711"},
		"other prompts": {"\nvm-newpassword=new-one", []any{2, "0", 1, "5", 1, "99#", 1, "99#", 3, "*", 2, "#"}, "new-one vm-reenterpassword", "", "99"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				o := open(t, strings.Replace(listener, "envelope=no", "envelope=no"+c.more, 1), "[c]\nexten => s,1,VoiceMailMain(100,s)\n")
				o.says(4)
				o.keys(c.keys...)
				o.Call()
				if got := o.played(); !strings.Contains(got, c.played) {
					t.Errorf("played %s, want %s", got, c.played)
				}
				if got := o.files(t, "100"); got != c.files {
					t.Errorf("files %s, want %s; %s", got, c.files, o.Log.String())
				}
				again := reopen(t, o, "")
				if got := again.boxes.Secret(again.boxes.Find("100")); got != c.password {
					t.Errorf("the password is %s", got)
				}
			})
		})
	}
}

// TestTemporaryRemoved takes the temporary greeting away.
func TestTemporaryRemoved(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, strings.Replace(listener, "envelope=no", "tempgreetwarn=yes", 1), "[c]\nexten => s,1,VoiceMailMain(100,s)\n")
		o.greetingOf(t, "100", "temp")
		o.Incoming()
		o.keys(5, "0", 1, "4", 1, "2", 3, "*", 2, "#")
		o.Call()
		if got := o.played(); !strings.HasPrefix(got, "vm-tempgreetactive vm-youhave") || !strings.Contains(got, "vm-tmpexists vm-tempgreeting2 vm-tempremoved vm-options") {
			t.Error(got)
		}
		if got := o.files(t, "100"); got != "" {
			t.Error(got)
		}
	})
}

// TestNewUser has somebody who is new choose a password and record his name.
func TestNewUser(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, "[general]\nmaxsilence=2\n[default]\n100 => 100,Ann,,,forcename=yes|forcegreetings=yes\n", "[c]\nexten => s,1,VoiceMailMain(100,s)\n")
		o.says(100)
		o.keys(2, "77#", 1, "77#", 5, "#", 1, "1", 5, "#", 1, "1", 5, "#", 1, "1", 5, "#")
		o.Call()
		if got := o.played(); !strings.Contains(got, "vm-newuser vm-newpassword vm-reenterpassword vm-passchanged vm-rec-name beep vm-review vm-msgsaved vm-rec-unv beep vm-review vm-msgsaved vm-rec-busy beep vm-review vm-msgsaved vm-youhave") {
			t.Error(got, o.Log.String())
		}
		if got := o.files(t, "100"); got != "busy.wav greet.wav unavail.wav" {
			t.Error(got)
		}
	})
}
