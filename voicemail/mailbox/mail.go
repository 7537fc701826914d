package mailbox

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Mail is a mail that goes out.
type Mail struct {
	From string   // the bare address, for SMTP
	To   []string // the bare addresses
	Text []byte   // the message of RFC 5322
}

// Sender takes mails.
type Sender func(ctx context.Context, m *Mail) error

// letter is what a mail is made of.
type letter struct {
	box         *Box
	general     *General
	host        string
	number      int
	message     *Message
	forwardedBy string
	attachment  string // the file, "" for none
	format      string // its format by its name in voicemail.conf
	now         time.Time
	expand      func(string, map[string]string) string
}

// compose writes the mail to the owner of the mailbox.
func (l *letter) compose() (*Mail, error) {
	vars := l.vars(l.general.DateFormat)
	to := addresses(l.box.Email)
	m := &Mail{To: to}
	var b bytes.Buffer
	m.From = l.head(&b, l.box.FromString, to, vars)
	subject := l.fill(l.box.EmailSubject, vars)
	if subject == "" {
		subject = l.subject(vars)
	}
	header(&b, "Subject", encode(subject, l.general.Charset))
	l.facts(&b)
	body := l.fill(l.box.EmailBody, vars)
	if body == "" {
		body = l.body(vars)
	}
	return m, l.write(&b, m, body)
}

// page writes the short mail to a pager.
func (l *letter) page() (*Mail, error) {
	vars := l.vars(l.general.PagerDate)
	to := addresses(l.box.Pager)
	m := &Mail{To: to}
	var b bytes.Buffer
	m.From = l.head(&b, l.general.PagerFrom, to, vars)
	subject := l.fill(l.general.PagerSubject, vars)
	if subject == "" {
		subject = "New VM"
	}
	header(&b, "Subject", encode(subject, l.general.Charset))
	body := l.fill(l.general.PagerBody, vars)
	if body == "" {
		body = fmt.Sprintf("New %s long message in mailbox %s\nfrom %s, on %s", vars["VM_DUR"], vars["VM_MAILBOX"], vars["VM_CALLERID"], vars["VM_DATE"])
	}
	l.attachment = ""
	return m, l.write(&b, m, body)
}

// vars are what ${VM_...} stand for.
func (l *letter) vars(dateFormat string) map[string]string {
	msg := l.message
	name, num := splitCaller(msg.CallerID)
	callerID := msg.CallerID
	if name == "" && num == "" {
		callerID = "an unknown caller"
	}
	or := func(s, other string) string {
		if s == "" {
			return other
		}
		return s
	}
	date := strftime(dateFormat, l.local(msg.At), l.box.Locale)
	return map[string]string{
		"VM_NAME": l.box.FullName, "VM_DUR": fmt.Sprintf("%d:%02d", int(msg.Duration.Minutes()), int(msg.Duration.Seconds())%60), "VM_MSGNUM": strconv.Itoa(l.number + 1),
		"VM_CALLERID": callerID, "VM_CIDNAME": or(name, "an unknown caller"), "VM_CIDNUM": or(num, "an unknown caller"), "VM_MAILBOX": l.box.Name,
		"VM_CONTEXT": l.box.Context, "VM_DATE": date, "VM_CATEGORY": or(msg.Category, "no category"), "VM_FLAG": msg.Flag,
		"VM_MESSAGEFILE": l.attachment, "VM_MESSAGEID": msg.ID,
		"ORIG_VM_CALLERID": callerID, "ORIG_VM_CIDNAME": name, "ORIG_VM_CIDNUM": num, "ORIG_VM_DATE": date,
	}
}

// local is a time in the mailbox's zone.
func (l *letter) local(t time.Time) time.Time { return t.In(l.box.location) }

// fill fills a text in; texts of callers are data in it, never headers of their own ([header]).
func (l *letter) fill(text string, vars map[string]string) string {
	if text == "" || l.expand == nil {
		return text
	}
	return l.expand(text, vars)
}

func (l *letter) subject(vars map[string]string) string {
	s := "New message " + vars["VM_MSGNUM"] + " in mailbox " + l.box.Name
	if l.forwardedBy != "" {
		s = "Fwd: " + s
	}
	if l.message.Flag != "" {
		s += " (" + l.message.Flag + ")"
	}
	if !l.general.PBXSkip {
		s = "[PBX]: " + s
	}
	return s
}

func (l *letter) body(vars map[string]string) string {
	what := "left"
	if l.forwardedBy != "" {
		what = "forwarded"
	}
	return fmt.Sprintf("Dear %s:\n\n\tJust wanted to let you know you were just %s a %s long message (number %s)\nin mailbox %s from %s, on %s,\nso you might want to check it when you get a chance.  Thanks!\n\n\t\t\t\t--Asterisk\n\n",
		l.box.FullName, what, vars["VM_DUR"], vars["VM_MSGNUM"], l.box.Name, vars["VM_CALLERID"], vars["VM_DATE"])
}

// head writes the first headers and returns the sender's address.
func (l *letter) head(b *bytes.Buffer, from string, to []string, vars map[string]string) string {
	address := clean(l.box.ServerEmail)
	if !strings.Contains(address, "@") {
		address += "@" + l.host
	}
	name := l.fill(from, vars)
	if name == "" {
		name = "Asterisk PBX"
	}
	header(b, "Date", l.now.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	header(b, "From", phrase(name, l.general.Charset)+" <"+address+">")
	var all []string
	for _, a := range to {
		all = append(all, phrase(l.box.FullName, l.general.Charset)+" <"+a+">")
	}
	header(b, "To", strings.Join(all, ", "))
	header(b, "Message-ID", fmt.Sprintf("<Asterisk-%d-%d-%s-%d@%s>", l.number+1, rand.Uint32(), clean(l.box.Name), os.Getpid(), clean(l.host)))
	return address
}

// facts writes the headers that programs read.
func (l *letter) facts(b *bytes.Buffer) {
	msg := l.message
	name, num := splitCaller(msg.CallerID)
	kind := "Message"
	if l.forwardedBy != "" {
		kind = "Forwarded"
	}
	for _, h := range [][2]string{
		{"X-Asterisk-VM-Message-Num", strconv.Itoa(l.number + 1)}, {"X-Asterisk-VM-Server-Name", l.host}, {"X-Asterisk-VM-Context", msg.Context},
		{"X-Asterisk-VM-Extension", msg.Exten}, {"X-Asterisk-VM-Priority", strconv.Itoa(msg.Priority)}, {"X-Asterisk-VM-Caller-channel", msg.CallerChan},
		{"X-Asterisk-VM-Caller-ID-Num", num}, {"X-Asterisk-VM-Caller-ID-Name", name}, {"X-Asterisk-VM-Duration", strconv.Itoa(int(msg.Duration / time.Second))},
		{"X-Asterisk-VM-Category", msg.Category}, {"X-Asterisk-VM-Orig-date", OrigDate(msg.At)}, {"X-Asterisk-VM-Orig-time", strconv.FormatInt(msg.At.Unix(), 10)},
		{"X-Asterisk-VM-Message-ID", msg.ID}, {"X-Asterisk-VM-Message-Type", kind}, {"X-Asterisk-VM-Flag", msg.Flag},
	} {
		if h[1] != "" {
			header(b, h[0], encode(h[1], l.general.Charset))
		}
	}
}

// write ends the headers and writes the parts.
func (l *letter) write(b *bytes.Buffer, m *Mail, body string) error {
	header(b, "MIME-Version", "1.0")
	text := "text/plain; charset=" + clean(charset(l.general.Charset, body))
	if l.attachment == "" {
		header(b, "Content-Type", text)
		header(b, "Content-Transfer-Encoding", "8bit")
		b.WriteString("\n" + lines(body))
		m.Text = b.Bytes()
		return nil
	}
	bound := fmt.Sprintf("----voicemail_%d%016x", l.number+1, rand.Uint64())
	header(b, "Content-Type", `multipart/mixed; boundary="`+bound+`"`)
	b.WriteString("\n\nThis is a multi-part message in MIME format.\n\n--" + bound + "\n")
	header(b, "Content-Type", text)
	header(b, "Content-Transfer-Encoding", "8bit")
	b.WriteString("\n" + lines(body) + "\n--" + bound + "\n")
	ext := Ending(l.format)
	name := fmt.Sprintf("msg%04d%s", l.number+1, ext)
	header(b, "Content-Type", fmt.Sprintf(`%s; name="%s"`, contentType(l.format), name))
	header(b, "Content-Transfer-Encoding", "base64")
	header(b, "Content-Description", "Voicemail sound attachment.")
	header(b, "Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, name))
	b.WriteString("\n")
	if err := encodeFile(b, l.attachment+ext, l.box.VolGain); err != nil {
		return err
	}
	b.WriteString("\n--" + bound + "--\n")
	m.Text = b.Bytes()
	return nil
}

func contentType(format string) string {
	switch format {
	case "wav", "wav49", "wav16", "WAV":
		return "audio/x-wav"
	case "gsm":
		return "audio/x-gsm"
	}
	return "audio/x-" + clean(format)
}

// Ending is how the name of a file of that format ends.
func Ending(format string) string {
	if format == "wav49" {
		return ".WAV"
	}
	return "." + format
}

// encodeFile writes a file in base64, in lines of 76.
func encodeFile(b *bytes.Buffer, path string, gain float64) error {
	data, err := os.ReadFile(path)
	if gain != 0 && err == nil {
		data, err = louder(path, gain)
	}
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(data)
	for len(text) > 0 {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	return nil
}

// header writes a header. Nothing in its value can begin another: control characters are taken out of it.
func header(b *bytes.Buffer, name, value string) { b.WriteString(name + ": " + clean(value) + "\n") }

// clean takes out what can end a header or a quoted word.
func clean(s string) string { return oneLine(s) }

// lines takes CR out of a text, which some programs take for an end of line. sendmail wants lines to end with LF alone; for SMTP net/smtp adds the CR.
func lines(s string) string { return strings.ReplaceAll(s, "\r", "") }

// charset is the one that the text is in: the one of voicemail.conf, but UTF-8 where the text is and that is not said.
func charset(named, text string) string {
	if utf8.ValidString(text) && !ascii(text) {
		return "UTF-8"
	}
	return named
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// encode writes a text of a header: as it is, or in encoded words (RFC 2047) where it is not ASCII.
func encode(s, named string) string {
	s = clean(s)
	if ascii(s) {
		return s
	}
	return mime.QEncoding.Encode(charset(named, s), s)
}

// phrase is a name before an address.
func phrase(s, named string) string {
	s = clean(s)
	if !ascii(s) {
		return mime.QEncoding.Encode(charset(named, s), s)
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// addresses takes the addresses of a mailbox apart: they are separated by |. What can be none is left out.
func addresses(s string) []string {
	var out []string
	for a := range strings.SplitSeq(s, "|") {
		if a = strings.TrimSpace(clean(a)); a != "" && !strings.ContainsAny(a, " <>,;\"") {
			out = append(out, a)
		}
	}
	return out
}

// splitCaller takes "Name" <number> apart. What has no brackets is a number, where it can be one, and a name otherwise; Unknown is neither.
func splitCaller(s string) (name, number string) {
	s = strings.TrimSpace(s)
	if s == "Unknown" {
		return "", ""
	}
	if open := strings.LastIndexByte(s, '<'); open >= 0 && strings.HasSuffix(s, ">") {
		return strings.Trim(strings.TrimSpace(s[:open]), `"`), s[open+1 : len(s)-1]
	}
	if s != "" && strings.Trim(s, "0123456789*#+-() .") == "" {
		return "", strings.Map(func(r rune) rune {
			if strings.ContainsRune("-() .", r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.Trim(s, `"`), ""
}

// SplitCaller takes the caller of a message apart.
func (m *Message) SplitCaller() (name, number string) { return splitCaller(m.CallerID) }
