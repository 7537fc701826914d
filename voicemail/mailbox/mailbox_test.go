package mailbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"obelus/conf"
	"obelus/media/sound"
)

// read reads a voicemail.conf, and says what it found.
func read(t testing.TB, text string) (*Settings, string) {
	t.Helper()
	f, _, err := new(conf.Loader).Parse("voicemail.conf", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, found := Read(f)
	var out []string
	for _, d := range found {
		out = append(out, d.String())
	}
	return s, strings.Join(out, "\n")
}

// office is a server's mailboxes in a folder of the test.
type office struct {
	*Boxes
	t *testing.T

	mu   sync.Mutex
	ran  []Command
	told []string
	log  bytes.Buffer
	says string // what commands say
	fail error
}

func open(t *testing.T, text string) *office {
	t.Helper()
	o := &office{t: t}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "voicemail.conf"), []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	s, _ := read(t, text)
	o.Boxes = New(Config{Spool: filepath.Join(dir, "spool"), Etc: dir, Host: "pbx.example", Log: slog.New(slog.NewTextHandler(&o.log, nil)), Run: o.run}, s)
	o.Watch(func(context, box string, c Counts) {
		o.told = append(o.told, fmt.Sprintf("%s@%s %d/%d/%d", box, context, c.New, c.Old, c.Urgent))
	})
	return o
}

func (o *office) run(_ context.Context, c Command) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ran = append(o.ran, c)
	return []byte(o.says), o.fail
}

// settle waits for mails and commands.
func (o *office) settle() { o.mail.wg.Wait() }

// leave leaves a message of some seconds, from a caller.
func (o *office) leave(box string, from string, seconds int, others ...*Box) {
	o.t.Helper()
	b := o.Find(box)
	d, err := o.Begin(b, Message{OrigMailbox: b.Name, Context: "phones", Exten: b.Name, RDNIS: "unknown", Priority: 2, CallerChan: "SIP/1-1", CallerID: from, At: time.Unix(1700000000, 0)})
	if err != nil {
		o.t.Fatal(err)
	}
	writeWAV(o.t, d.Stem+".wav", seconds)
	d.Message.Duration = time.Duration(seconds) * time.Second
	if err := d.Deliver(others...); err != nil {
		o.t.Fatal(err)
	}
}

// files lists what a mailbox has.
func (o *office) files(box string) string {
	b := o.Find(box)
	root := o.Dir(b.Context, b.Name)
	var out []string
	err := filepath.WalkDir(root, func(p string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(root, p)
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return strings.Join(out, " ")
}

const two = "[general]\nexternnotify=/bin/told me\n[default]\n100 => 4711,Ann Example,ann@example.org\n101 => 1234,Bob\n"

// TestDeliver leaves messages, and has them listened to, deleted and moved.
func TestDeliver(t *testing.T) {
	o := open(t, two)
	o.leave("100", `"Carl" <200>`, 3)
	o.leave("100", `"Dora" <201>`, 4, o.Find("101@default"))
	o.settle()
	if got := o.files("100"); got != "INBOX/msg0000.txt INBOX/msg0000.wav INBOX/msg0001.txt INBOX/msg0001.wav" {
		t.Error(got)
	}
	text, err := os.ReadFile(filepath.Join(o.Dir("default", "100"), "INBOX", "msg0000.txt"))
	want := ";\n; Message Information file\n;\n[message]\norigmailbox=100\ncontext=phones\nmacrocontext=\nexten=100\nrdnis=unknown\npriority=2\ncallerchan=SIP/1-1\ncallerid=\"Carl\" <200>\norigdate=Tue Nov 14 10:13:20 PM UTC 2023\norigtime=1700000000\ncategory=\nmsg_id="
	if err != nil || !strings.HasPrefix(string(text), want) || !strings.HasSuffix(string(text), "\nflag=\nduration=3\n") {
		t.Errorf("%s %v", text, err)
	}
	if c, ok := o.Counts("100"); !ok || c != (Counts{New: 2}) {
		t.Error(c, ok)
	}
	if c, ok := o.Counts("101@default"); !ok || c != (Counts{New: 1}) {
		t.Error(c, ok)
	}
	f, err := o.Open(o.Find("100"), Inbox)
	if err != nil || len(f.Entries) != 2 {
		t.Fatal(f, err)
	}
	f.Entries[0].Deleted, f.Entries[1].Heard = true, true
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := o.files("100"); got != "Old/msg0000.txt Old/msg0000.wav" {
		t.Error(got)
	}
	f, err = o.Open(o.Find("100"), Old)
	if err != nil || len(f.Entries) != 1 || f.Entries[0].Message.CallerID != `"Dora" <201>` {
		t.Fatal(f, err)
	}
	if err := f.Move(f.Entries[0], 2); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	o.settle()
	o.Left(o.Find("100"))
	o.settle()
	if got := o.files("100"); got != "Work/msg0000.txt Work/msg0000.wav" {
		t.Error(got)
	}
	if got := strings.Join(o.told, " "); got != "100@default 1/0/0 100@default 2/0/0 101@default 1/0/0 100@default 0/1/0 100@default 0/0/0" {
		t.Error(got)
	}
	var notes []string
	for _, c := range o.ran {
		if c.Line == "/bin/told me" {
			notes = append(notes, strings.Join(c.Args, " "))
		}
	}
	if got := strings.Join(notes, ","); !strings.Contains(got, "default 100 2 0 0") || !strings.Contains(got, "default 101 1 0 0") || !strings.Contains(got, "default 100 0 0 0") {
		t.Error(got)
	}
}

// TestMail reads the mail about a message as a mail program does.
func TestMail(t *testing.T) {
	o := open(t, two)
	o.leave("100", "\"Eve\r\nBcc: all@example.org\n\" <66\r\n6>", 2)
	o.settle()
	var text []byte
	for _, c := range o.ran {
		if c.Line == "/usr/sbin/sendmail -t" {
			text = c.Input
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err, string(text))
	}
	if m.Header.Get("Bcc") != "" || bytes.Contains(text, []byte("\nBcc")) {
		t.Errorf("a caller's name wrote a header:\n%s", text[:800])
	}
	for name, want := range map[string]string{
		"From": `"Asterisk PBX" <asterisk@pbx.example>`, "To": `"Ann Example" <ann@example.org>`, "Subject": "[PBX]: New message 1 in mailbox 100",
		"X-Asterisk-VM-Caller-ID-Num": "666", "X-Asterisk-VM-Duration": "2", "X-Asterisk-VM-Message-Type": "Message",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	p, err := r.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(p)
	if !strings.Contains(string(body), "Dear Ann Example:\n\n\tJust wanted to let you know you were just left a 0:02 long message (number 1)\nin mailbox 100 from ") {
		t.Errorf("%q", body)
	}
	p, err = r.NextPart()
	if err != nil || p.FileName() != "msg0001.wav" || p.Header.Get("Content-Type") != `audio/x-wav; name="msg0001.wav"` {
		t.Fatal(p, err)
	}
}

// TestSettings reads a voicemail.conf of many options.
func TestSettings(t *testing.T) {
	s, found := read(t, `[general]
format=wav49|gsm|wav
serveremail=pbx@example.org
maxsecs=180
minsecs=3
maxlogins=5
aliasescontext=also
imapserver=mail
frobnicate=1
review=yes
tz=central
emailbody=Dear ${VM_NAME}:\n\n\tx
cidinternalcontexts=phones, house
[zonemessages]
central=America/Chicago|'vm-received' Q 'digits/at' IMp
bad=x
[also]
1@phones => 100@default
[default]
100 => 4711,Ann,ann@x.org|b@x.org,pager@x.org,attach=no|tz=central|delete=1|nosuch=1|imapuser=a
102 => 102
101=>-1,Bob , , ,review=no|maxmsg=5|tz=nowhere
a/b => 1
`)
	b := s.Find("100")
	if b == nil || b.Password != "4711" || b.FullName != "Ann" || b.Email != "ann@x.org|b@x.org" || b.Pager != "pager@x.org" || b.Attach || !b.Delete || !b.Review || b.Longest != 3*time.Minute {
		t.Errorf("%+v", b)
	}
	if b.Location().String() != "America/Chicago" {
		t.Error(b.Location())
	}
	if c := s.Find("101@default"); c == nil || c.Review || c.MaxMsg != 5 || c.FullName != "Bob" || c.Email != "" {
		t.Errorf("%+v", c)
	}
	if s.Find("1@phones") != b || s.Find("100@phones") != nil || s.Find("103") != nil || s.Find("") != nil {
		t.Error("aliases, contexts")
	}
	if g := s.General; strings.Join(g.Formats, " ") != "wav49 gsm wav" || g.MaxLogins != 5 || strings.Join(g.Internal, " ") != "phones house" || g.EmailBody != "Dear ${VM_NAME}:\n\n\tx" {
		t.Errorf("%+v", g)
	}
	for _, want := range []string{"imapserver is not supported", "no option 'frobnicate'", "Invalid timezone definition at line 16", "no option 'nosuch'", "imapuser of mailbox 100 is not supported", "no zone 'nowhere'", "their own number: 102@default (whoever", "'a/b@default' can't be the name"} {
		if !strings.Contains(found, want) {
			t.Errorf("not said: %s; said:\n%s", want, found)
		}
	}
}

// writeWAV writes a WAV file of so many seconds of silence.
func writeWAV(t *testing.T, path string, seconds int) {
	t.Helper()
	k, _ := sound.KindOf("wav")
	w, err := sound.Create(path, k)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Write(make([]int16, 8000*seconds)), w.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestAdd copies a recording that is there into a mailbox.
func TestAdd(t *testing.T) {
	o := open(t, two)
	file := filepath.Join(t.TempDir(), "call.wav")
	writeWAV(t, file, 3)
	m := Message{OrigMailbox: "101", CallerID: "200"}
	if err := o.Add("101@default", file, m); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"199@default": file, "101": file + ".gone"} {
		if err := o.Add(name, file, m); err == nil {
			t.Errorf("%s was put into %s", file, name)
		}
	}
	o.settle()
	if got := o.files("101"); got != "INBOX/msg0000.txt INBOX/msg0000.wav" {
		t.Error(got)
	}
	text, err := os.ReadFile(filepath.Join(o.Dir("default", "101"), "INBOX", "msg0000.txt"))
	if err != nil || !strings.Contains(string(text), "\nduration=3\n") {
		t.Errorf("%s %v", text, err)
	}
}
