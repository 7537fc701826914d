package check

import (
	"strings"

	"obelus/cmd/obelus/settings"
	"obelus/conf"
	"obelus/dialplan/expand"
	"obelus/media/sound"
	"obelus/voicemail/mailbox"
)

// checkVoicemail names mailboxes that accounts and the dialplan speak of and voicemail.conf lacks, and what of voicemail.conf can't be done. Whoever has no voicemail.conf
// is told of the dialplan only: lamps may be meant for mailboxes of elsewhere.
func checkVoicemail(c *settings.Files) (found []conf.Diagnostic) {
	say := func(at conf.Pos, hint, message string) {
		found = append(found, conf.Diagnostic{Pos: at, Severity: conf.Warning, Message: message, Hint: hint})
	}
	for _, f := range c.Voicemail.General.Formats {
		if _, ok := sound.KindOf(f); !ok {
			say(conf.Pos{File: "voicemail.conf"}, "messages are recorded in the others; in none, where there is no other", "format "+f+" can't be recorded")
		}
	}
	for _, p := range c.SIP.Peers {
		for _, m := range p.Mailboxes {
			if m = strings.TrimSpace(m); m != "" && len(c.Voicemail.Boxes) > 0 && c.Voicemail.Find(m) == nil {
				say(conf.Pos{File: p.Line}, "its lamp shows what is in the spool under that name", "mailbox="+m+" of account '"+p.Name+"' is not in voicemail.conf")
			}
		}
	}
	for _, context := range c.Plan.Contexts {
		for _, e := range context.Extensions {
			for _, s := range e.Priorities {
				for _, m := range missingBoxes(c.Voicemail, s.App, s.Data) {
					hint := "the step fails"
					if strings.IndexByte("usb", m[0]) >= 0 && c.Voicemail.Find(m[1:]) != nil {
						hint += "; today options come after the mailbox: " + s.App + "(" + m[1:] + "," + m[:1] + ")"
					}
					say(s.Pos, hint, s.App+": mailbox '"+m+"' is not in voicemail.conf")
				}
			}
		}
	}
	return found
}

// missingBoxes are the mailboxes that a step names, as it is written, and that are not there.
func missingBoxes(s *mailbox.Settings, app, data string) (out []string) {
	switch strings.ToLower(app) {
	case "voicemail", "voicemailmain", "vmauthenticate", "mailboxexists":
	default:
		return nil
	}
	args := expand.RawArgs(data, 2)
	if len(args) > 1 && strings.EqualFold(app, "voicemailmain") && strings.Contains(args[1], "p") {
		return nil // it is the beginning of one
	}
	for m := range strings.SplitSeq(expand.Arg(args, 0), "&") {
		if m = strings.TrimSpace(m); m != "" && m[0] != '@' && !strings.ContainsAny(m, "${[\"") && s.Find(m) == nil {
			out = append(out, m)
		}
	}
	return out
}
