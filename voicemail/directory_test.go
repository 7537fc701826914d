package voicemail

import (
	"strings"
	"testing"
)

const people = "[default]\n100 => 1,Ann Example\n101 => 1,Bob Builder\n102 => 1,Berta Buhl\n103 => 1,Hidden Builder,,,hidefromdir=yes\n[other]\n200 => 1,Ben Burns,,,alias=zoe\n"

// TestDirectory finds people by the keys of their names.
func TestDirectory(t *testing.T) {
	for name, c := range map[string]struct {
		app    string
		keys   []any
		played string
		steps  string
	}{
		"last name":      {"Directory(default,c)", []any{1.5, "392", 14, "1"}, "letters/space letters/e letters/x", "NoOp(100 SELECTED 100)"},
		"second":         {"Directory(default,c)", []any{1.5, "284", 1, "*", 2, "1"}, "dir-welcome", "NoOp(101 SELECTED 101)"},
		"first name":     {"Directory(default,c,f)", []any{1.5, "262", 2, "1"}, "dir-welcome", "NoOp(101 SELECTED 101)"},
		"either":         {"Directory(default,c,b)", []any{1.5, "266", 2, "1"}, "dir-welcome", "NoOp(100 SELECTED 100)"},
		"two letters":    {"Directory(default,c,l(2))", []any{1.5, "39", 2, "1"}, "dir-welcome", "NoOp(100 SELECTED 100)"},
		"menu":           {"Directory(default,c,m)", []any{1.5, "284", 30, "2"}, "dir-multi1 digits/1 dir-multi2 letters/b letters/e", "NoOp(101 SELECTED 101)"},
		"extension":      {"Directory(default,c,e)", []any{1.5, "392", 30, "1"}, "letters/e vm-extension digits/1 digits/0 digits/0 dir-instr", "NoOp(100 SELECTED 100)"},
		"nobody":         {"Directory(default,c)", []any{1.5, "999", 9, "0"}, "dir-nomatch dir-welcome", "NoOp(operator OPERATOR)"},
		"operator":       {"Directory(default,c)", []any{1.5, "0"}, "dir-welcome", "NoOp(operator OPERATOR)"},
		"operator there": {"Directory(default,desk)", []any{1.5, "0"}, "dir-welcome", "NoOp(desk OPERATOR)"},
		"assistant":      {"Directory(default,c)", []any{1.5, "*"}, "dir-welcome", "NoOp(assistant ASSISTANT)"},
		"no key":         {"Directory(default,c)", nil, "dir-usingkeypad", "NoOp(after TIMEOUT )"},
		"not dialled":    {"Directory(default,c,s)", []any{1.5, "392", 2, "1"}, "dir-welcome", "NoOp(after SELECTED 100)"},
		"no extension":   {"Directory(other,c)", []any{1.5, "287", 2, "1"}, "dir-welcome", "NoOp(after FAILED 200)"},
		"alias":          {"Directory(other,c,as)", []any{1.5, "963", 2, "1"}, "dir-welcome", "NoOp(after SELECTED 200)"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				o := open(t, people, "[c]\nexten => s,1,"+c.app+"\n same => n,NoOp(after ${DIRECTORY_RESULT} ${DIRECTORY_EXTEN})\nexten => o,1,NoOp(operator ${DIRECTORY_RESULT})\nexten => a,1,NoOp(assistant ${DIRECTORY_RESULT})\nexten => _1XX,1,NoOp(${EXTEN} ${DIRECTORY_RESULT} ${DIRECTORY_EXTEN})\n[desk]\nexten => o,1,NoOp(desk ${DIRECTORY_RESULT})\n")
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

// TestKeysOf: letters and their keys.
func TestKeysOf(t *testing.T) {
	for name, want := range map[string]string{"Ann Example": "2663926753", "O'Neil": "66345", "Müller": "685537", "Zz9": "999", "": ""} {
		if got := keysOf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestSmall are the applications and functions that say what is known of a mailbox.
func TestSmall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		o := open(t, "[general]\nlocale=de_DE\n[default]\n100 => 4711,Ann Example,ann@example.org,pager@example.org,tz=berlin\n[zonemessages]\nberlin=Europe/Berlin|Q\n[out]\n100 => 2\n", `[c]
exten => s,1,NoOp(${VM_INFO(100,exists)}${VM_INFO(999,exists)}${MAILBOX_EXISTS(100@default)}${MAILBOX_EXISTS(999)}${VM_INFO(100@out,password)})
 same => n,NoOp(${VM_INFO(100,fullname)} ${VM_INFO(100,email)} ${VM_INFO(100,pager)} ${VM_INFO(100,tz)} ${VM_INFO(100,locale)} ${VM_INFO(100,password)})
 same => n,NoOp(${VMCOUNT(100)} ${VMCOUNT(100,Old)} ${VM_INFO(100,count)} ${VMCOUNT(100@out)} ${VMCOUNT(100@../x,../y)})
 same => n,MailboxExists(100)
 same => n,NoOp(${VMBOXEXISTSSTATUS})
 same => n,MailboxExists(999)
 same => n,NoOp(${VMBOXEXISTSSTATUS})
 same => n,VMSayName(100)
 same => n,VoiceMailPlayMsg(100,none)
 same => n,NoOp(${VOICEMAIL_PLAYBACKSTATUS})
 same => n,VoiceMailPlayMsg(100,${ID})
 same => n,NoOp(${VOICEMAIL_PLAYBACKSTATUS})
`)
		o.message(t, "100", "200")
		o.greetingOf(t, "100", "greet")
		o.Incoming()
		f, err := o.boxes.Open(o.boxes.Find("100"), 0)
		if err != nil {
			t.Fatal(err)
		}
		o.Ch.Vars.Set("ID", f.Entries[0].Message.ID)
		o.Call()
		var said []string
		for _, s := range o.Steps {
			if _, data, ok := strings.Cut(s, ":NoOp("); ok {
				said = append(said, strings.TrimSuffix(data, ")"))
			}
		}
		want := "10102|Ann Example ann@example.org pager@example.org berlin de_DE 4711|1 0 1 0 0|SUCCESS|FAILED|FAILED|SUCCESS"
		if got := strings.Join(said, "|"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got := o.played(); got != "=100/greet =INBOX/msg0000" {
			t.Error(got)
		}
	})
}
