package scenario

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"obelus/chansip/watch"
	"obelus/sip"
	"obelus/voicemail/mailbox"
)

// openBoxes makes the mailboxes of a house that has any, and says what its lamps show.
func (h *house) openBoxes(voicemail string, log *slog.Logger) watch.Mailboxes {
	if voicemail == "" {
		return &h.boxes
	}
	s, found := mailbox.Read(parse(h.t, "voicemail.conf", voicemail))
	for _, d := range found {
		h.t.Log(d)
	}
	h.mail = mailbox.New(mailbox.Config{Spool: filepath.Join(h.recorded, "voicemail"), Etc: h.recorded, Host: "house", Log: log}, s)
	h.mail.Watch(func(context, box string, _ mailbox.Counts) {
		if h.sip != nil {
			h.sip.Lamps().Messages(context, box)
		}
	})
	return counted{h.mail}
}

// counted are the messages of mailboxes as lamps show them.
type counted struct{ *mailbox.Boxes }

func (c counted) Counts(context, box string) (unheard, heard, urgent, urgentHeard int, ok bool) {
	n, ok := c.Boxes.Counts(box + "@" + context)
	return n.Waiting(), n.Old, n.Urgent, 0, ok
}

// TestVoicemail has one phone leave a message of a tone for another, whose lamp goes on, and who hears the tone and deletes it; then the lamp goes off.
func TestVoicemail(t *testing.T) {
	f := seed(t)
	f.sip = strings.ReplaceAll(f.sip, "type=friend\n", "type=friend\ndtmfmode=info\n")
	f.sip = strings.Replace(f.sip, "[1002]\n", "[1002]\nmailbox=1002@default\n", 1)
	f.extensions = "[my]\nexten => 1002,1,VoiceMail(1002,u)\nexten => 500,1,VoiceMailMain(${CALLERID(num)})\n"
	f.voicemail = "[general]\nformat=wav49|gsm|wav\nminsecs=2\nmaxsilence=3\n[default]\n1002 => 4711,Ann Example,,,saycid=no\n"
	inHouse(t, f, func(h *house) {
		one, two := h.registered("1001", addrOne), h.registered("1002", addrTwo)
		lamp := func(want string) {
			t.Helper()
			m := two.asked(sip.NOTIFY)
			if body := string(m.Body()); !strings.Contains(body, "Messages-Waiting: "+want) {
				t.Errorf("the lamp: %s", body)
			}
			two.reply(m, 200)
		}
		lamp("no")
		caller := one.call("1002")
		mine := one.listens(caller.accepted())
		h.pass(time.Second) // the tone has sounded; there are no prompts in this house
		h.sing(3*time.Second, &singing{ear: mine, freq: 1000})
		caller.bye()
		lamp("yes")
		h.quiet()

		stem := filepath.Join("voicemail", "default", "1002", "INBOX", "msg0000")
		for _, ext := range []string{".WAV", ".gsm", ".wav"} {
			h.tape(stem+ext).holds(1000, 3*time.Second)
		}
		text, err := os.ReadFile(filepath.Join(h.recorded, stem+".txt"))
		if err != nil || !strings.Contains(string(text), "\ncallerid=1001\n") && !strings.Contains(string(text), "<1001>\n") {
			t.Errorf("%s %v", text, err)
		}

		owner := two.call("500")
		theirs := two.listens(owner.accepted())
		owner.press("4711#")
		owner.press("1")
		h.pass(5 * time.Second)
		if got := theirs.loud(t, 1000, time.Second); got < 0.5 {
			t.Errorf("the owner hears %.2f of the tone", got)
		}
		owner.press("7")
		owner.bye()
		lamp("no")
		h.quiet()
		if left, err := filepath.Glob(filepath.Join(h.recorded, "voicemail/default/1002/*/msg*")); err != nil || len(left) > 0 {
			t.Error(left, err)
		}
		if err := h.mail.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}
