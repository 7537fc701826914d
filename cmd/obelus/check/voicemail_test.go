package check

import (
	"slices"
	"strings"
	"testing"
)

// TestCheckVoicemail: mailboxes that are named and not there, and what of voicemail.conf does nothing.
func TestCheckVoicemail(t *testing.T) {
	lines, _, code := checked(t, map[string]string{
		"sip.conf":        goodSIP + "mailbox=100,200@other\n",
		"extensions.conf": "[in]\nexten => s,1,VoiceMail(100&300&u100,u)\n same => n,VoiceMail(${EXTEN},q)\n same => n,VoiceMailMain(1,p)\n same => n,VoiceMailMain(@default)\n same => n,Directory(default,in,x)\n",
		"voicemail.conf":  "[general]\nformat=wav|g723sf\nodbcstorage=asterisk\nmaxmesage=5\n[default]\n100 => 1,Ann,,,delet=yes\n",
	})
	want := []string{
		"extensions.conf:2: warning: VoiceMail: mailbox '300' is not in voicemail.conf (the step fails)",
		"extensions.conf:2: warning: VoiceMail: mailbox 'u100' is not in voicemail.conf (the step fails; today options come after the mailbox: VoiceMail(100,u))",
		"extensions.conf:3: warning: VoiceMail has no option q",
		"extensions.conf:6: warning: Directory has no option x",
		"sip.conf:4: warning: mailbox=200@other of account 'alice' is not in voicemail.conf (its lamp shows what is in the spool under that name)",
		"voicemail.conf: warning: format g723sf can't be recorded (messages are recorded in the others; in none, where there is no other)",
		"voicemail.conf:3: warning: odbcstorage is not supported: messages are kept in files, in no database (it does nothing)",
		"voicemail.conf:4: warning: there is no option 'maxmesage' (it does nothing; did you mean maxmessage?)",
		"voicemail.conf:6: warning: there is no option 'delet' of a mailbox",
	}
	if !slices.Equal(lines, want) || code != Ignored {
		t.Errorf("%d, got\n%s\nwant\n%s", code, strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}
