package mailbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"obelus/conf"
)

// original is a message file as the original writes it.
const original = ";\n; Message Information file\n;\n[message]\norigmailbox=100\ncontext=phones\nmacrocontext=\nexten=100\nrdnis=unknown\npriority=2\ncallerchan=SIP/200-00000001\ncallerid=\"Carl\" <200>\norigdate=Tue Nov 14 10:13:20 PM UTC 2023\norigtime=1700000000\ncategory=\nmsg_id=1700000000-00000000\nflag=\nduration=7\n"

// TestMessageFile reads what the original writes, and writes the same.
func TestMessageFile(t *testing.T) {
	m, err := ParseMessage([]byte(original))
	if err != nil || m.Duration != 7*time.Second || m.Priority != 2 || m.At.Unix() != 1700000000 || m.ID != "1700000000-00000000" {
		t.Fatal(m, err)
	}
	if got := string(m.Bytes()); got != original {
		t.Errorf("written:\n%s", got)
	}
	if name, num := m.SplitCaller(); name != "Carl" || num != "200" {
		t.Error(name, num)
	}
	old, err := ParseMessage([]byte("[message]\r\norigmailbox = 100\r\ncallerid = 5551234\r\nextra = kept\r\n"))
	if err != nil || old.OrigMailbox != "100" || !strings.HasSuffix(string(old.Bytes()), "\nextra=kept\n") {
		t.Error(old, err)
	}
	for _, bad := range []string{"", "[message]\n", "x=1\n"} {
		if _, err := ParseMessage([]byte(bad)); err == nil {
			t.Errorf("%q is none", bad)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(original))
	f.Add([]byte("[message]\norigtime=99999999999999999999\nduration=-1\npriority=x\ncallerid=>\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseMessage(b)
		if err != nil {
			return
		}
		again, err := ParseMessage(m.Bytes())
		if err != nil && m.OrigMailbox+m.CallerID != "" {
			t.Fatalf("%v: %q", err, m.Bytes())
		}
		if err == nil && (again.CallerID != strings.TrimSpace(oneLine(m.CallerID)) && again.CallerID != strings.TrimSpace(strings.TrimPrefix(oneLine(m.CallerID), ">"))) {
			t.Fatalf("%q became %q", m.CallerID, again.CallerID)
		}
		m.SplitCaller()
	})
}

// TestPassword changes one password in a file and nothing else.
func TestPassword(t *testing.T) {
	const text = "; my mailboxes\n[general]\nformat=wav ; or gsm\n[default]\n;100 => 4711,Old\n100 => 4711,Ann Example,ann@example.org ; the boss\n\t101=>  4711 , Bob\n102 = 1\r\n[other]\n100 => 4711,Not Ann\n"
	for box, want := range map[string]string{
		"100":       strings.Replace(text, "\n100 => 4711,Ann", "\n100 => 99,Ann", 1),
		"101":       strings.Replace(text, "101=>  4711 ,", "101=>  99 ,", 1),
		"102":       strings.Replace(text, "102 = 1\r", "102 = 99\r", 1),
		"100@other": strings.Replace(text, "100 => 4711,Not", "100 => 99,Not", 1),
	} {
		o := open(t, text)
		path := filepath.Join(o.c.Etc, "voicemail.conf")
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		b := o.Find(box)
		if err := o.ChangePassword(context.Background(), b, "99"); err != nil {
			t.Fatal(box, err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != want {
			t.Errorf("%s: %v\n%s", box, err, got)
		}
		if s, err := os.Stat(path); err != nil || s.Mode().Perm() != 0o600 {
			t.Error(s, err)
		}
		if o.Secret(b) != "99" {
			t.Error(o.Secret(b))
		}
	}
}

// TestPasswordElsewhere: files that were moved on, are included, or are gone; programs that keep passwords.
func TestPasswordElsewhere(t *testing.T) {
	o := open(t, "[default]\n100 => 1,Ann\n")
	path := filepath.Join(o.c.Etc, "voicemail.conf")
	if err := os.WriteFile(path, []byte("; new\n; lines\n[default]\n101 => 1,Bob\n100 => 1,Ann\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := o.ChangePassword(context.Background(), o.Find("100"), "2"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "; new\n; lines\n[default]\n101 => 1,Bob\n100 => 2,Ann\n" {
		t.Errorf("%s", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := o.ChangePassword(context.Background(), o.Find("100"), "3"); !errors.Is(err, os.ErrNotExist) || o.Secret(o.Find("100")) != "3" {
		t.Error(err)
	}

	p := open(t, "[general]\nexternpass=/bin/keep it\nexternpasscheck=/bin/good\nminpassword=2\n[default]\n100 => 1,Ann\n")
	for _, c := range []struct {
		password, says string
		good           bool
	}{{"99", "VALID", true}, {"99", "INVALID too simple", false}, {"9", "VALID", false}, {"*9", "VALID", false}, {"9;x", "VALID", false}, {"99", "FAILURE", true}} {
		p.says = c.says
		if got := p.GoodPassword(context.Background(), p.Find("100"), c.password); got != c.good {
			t.Errorf("%s, %s: %v", c.password, c.says, got)
		}
	}
	p.ran = nil
	if err := p.ChangePassword(context.Background(), p.Find("100"), "99"); err != nil || fmt.Sprint(p.ran) != "[{/bin/keep it [default 100 99] []}]" {
		t.Error(p.ran, err)
	}
}

// TestShell: what callers have a say in is a word to the shell, whatever it holds.
func TestShell(t *testing.T) {
	out, err := shell(context.Background(), Command{Line: "printf '%s|' fixed", Args: []string{"a b", "$(id)", "';x", "*"}})
	if err != nil || string(out) != "fixed|a b|$(id)|';x|*|" {
		t.Errorf("%s %v", out, err)
	}
}

// TestTogether has many leave messages in one mailbox, while its owner deletes some and others are moved: none is lost, and none is there twice.
func TestTogether(t *testing.T) {
	o := open(t, "[default]\n100 => 1,Ann,,,moveheard=no\n")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for k := range 10 {
				o.leave("100", fmt.Sprintf("%d%02d", i, k), 1)
			}
		})
	}
	deleted := 0
	for range 20 {
		f, err := o.Open(o.Find("100"), Inbox)
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range f.Entries {
			if i%3 == 0 {
				e.Deleted = true
				deleted++
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
	f, err := o.Open(o.Find("100"), Inbox)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for i, e := range f.Entries {
		if seen[e.Message.ID] || e.n != i {
			t.Errorf("message %d has number %d", i, e.n)
		}
		seen[e.Message.ID] = true
	}
	if len(f.Entries)+deleted != 80 {
		t.Errorf("%d are left and %d were deleted, of 80", len(f.Entries), deleted)
	}
	if c, _ := o.Counts("100"); c.New != len(f.Entries) {
		t.Error(c)
	}
}

// TestFull: each folder has room for maxmsg messages, also for several callers at once.
func TestFull(t *testing.T) {
	o := open(t, "[default]\n100 => 1,,,,maxmsg=2|backupdeleted=1\n")
	b := o.Find("100")
	first, err := o.Begin(b, Message{CallerID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := o.Begin(b, Message{CallerID: "2"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Begin(b, Message{CallerID: "3"}); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	if err := errors.Join(first.Drop(), second.Deliver()); err != nil {
		t.Fatal(err)
	}
	o.leave("100", "4", 1)
	if _, err := o.Begin(b, Message{CallerID: "5"}); !errors.Is(err, ErrFull) {
		t.Error(err)
	}
	for range 2 {
		f, err := o.Open(b, Inbox)
		if err != nil {
			t.Fatal(err)
		}
		f.Entries[0].Deleted = true
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.files("100"); got != "Deleted/msg0000.txt Deleted/msg0000.wav" { // of the message that was deleted last
		t.Error(got)
	}
}

// TestUndelivered keeps what can't be delivered, until it can, and the room that it would have taken.
func TestUndelivered(t *testing.T) {
	o := open(t, "[default]\n100 => 1,,,,maxmsg=1\n")
	b := o.Find("100")
	inbox := o.folder(b, Inbox)
	d, err := o.Begin(b, Message{CallerID: "1", OrigMailbox: "100"})
	if err != nil {
		t.Fatal(err)
	}
	writeWAV(t, d.Stem+".wav", 2)
	if err := os.WriteFile(inbox, nil, 0o600); err != nil { // no folder can be made there
		t.Fatal(err)
	}
	if err := d.Deliver(); err == nil {
		t.Error("it can't be delivered")
	}
	if err := os.Remove(inbox); err != nil {
		t.Fatal(err)
	}
	second, err := o.Begin(b, Message{CallerID: "2"})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Drop(); err != nil {
		t.Fatal(err)
	}
	o.Recover()
	if got := o.files("100"); got != "INBOX/msg0000.txt INBOX/msg0000.wav" {
		t.Error(got)
	}
}

// TestRecover delivers what a crash has cut off, once.
func TestRecover(t *testing.T) {
	o := open(t, two)
	b := o.Find("100")
	for _, seconds := range []int{3, 0} {
		d, err := o.Begin(b, Message{CallerID: "200", OrigMailbox: "100"})
		if err != nil {
			t.Fatal(err)
		}
		writeWAV(t, d.Stem+".wav", seconds)
	}
	done, err := o.Begin(b, Message{CallerID: "201", OrigMailbox: "100"})
	if err != nil {
		t.Fatal(err)
	}
	writeWAV(t, done.Stem+".wav", 2)
	if _, err := o.put(b, done.Stem, &done.Message, "", true); err != nil { // the crash came before the draft was removed
		t.Fatal(err)
	}
	other := filepath.Join(o.Dir("default", "100"), "tmp", "0000000000000000")
	writeWAV(t, other+".wav", 9)
	if err := os.WriteFile(other+".txt", []byte(original), 0o660); err != nil {
		t.Fatal(err)
	}
	o.Recover()
	o.Recover()
	if err := drop(other); err != nil {
		t.Fatal(err)
	}
	o.settle()
	if got := o.files("100"); got != "INBOX/msg0000.txt INBOX/msg0000.wav INBOX/msg0001.txt INBOX/msg0001.wav" {
		t.Error(got, o.log.String())
	}
	if m, err := readMessage(base(o.folder(b, Inbox), 1)); err != nil || m.Duration != 3*time.Second || m.CallerID != "200" {
		t.Error(m, err)
	}
}

// TestLostText: a message whose text is lost, or whose sound is, does not keep others from being read.
func TestLostText(t *testing.T) {
	o := open(t, two)
	for i := range 3 {
		o.leave("100", fmt.Sprint(i), 1)
	}
	dir := o.folder(o.Find("100"), Inbox)
	if err := errors.Join(os.Remove(base(dir, 0)+".txt"), os.WriteFile(base(dir, 1)+".txt", []byte("\x00"), 0o600)); err != nil {
		t.Fatal(err)
	}
	f, err := o.Open(o.Find("100"), Inbox)
	if err != nil || len(f.Entries) != 2 || f.Entries[1].Message.CallerID != "2" || f.Stem(f.Entries[0]) == "" {
		t.Fatal(f, err)
	}
	f.Entries[0].Deleted = true
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := o.files("100"); got != "INBOX/msg0000.txt INBOX/msg0000.wav" {
		t.Error(got)
	}
}

// TestPoll sees what others have done in the spool.
func TestPoll(t *testing.T) {
	o := open(t, two)
	dir := o.folder(o.Find("101"), Inbox)
	if err := errors.Join(os.MkdirAll(dir, 0o770), os.WriteFile(base(dir, 0)+".txt", []byte(original), 0o660)); err != nil {
		t.Fatal(err)
	}
	if c, ok := o.Counts("101"); !ok || c.New != 0 {
		t.Error("it looks at the disk each time", c, ok)
	}
	o.look()
	if c, _ := o.Counts("101"); c.New != 1 || strings.Join(o.told, " ") != "101@default 1/0/0" {
		t.Error(c, o.told)
	}
	for _, name := range []string{"999", "../../etc", "a/b@c", "@", ""} {
		if c, ok := o.Counts(name); ok {
			t.Error(name, c)
		}
	}
}

// TestPager sends the short mail, and a mailbox that keeps nothing forgets the message when it is out.
func TestPager(t *testing.T) {
	const text = "[general]\nemailsubject=From ${VM_CIDNAME}\npagersubject=VM\npagerfromstring=Häuptling\nlocale=de_DE\nemaildateformat=%A, %d. %B\nemailbody=${VM_DATE}\n[default]\n100 => 1,Ann,ann@example.org,a@pager.example|b@pager.example,delete=yes|attach=no\n"
	o := open(t, text)
	o.leave("100", "\"Jürgen\" <5>", 61)
	o.settle()
	if got := o.files("100"); got != "" {
		t.Error(got)
	}
	var all string
	for _, c := range o.ran {
		all += string(c.Input)
	}
	for _, want := range []string{"\nSubject: =?UTF-8?q?From_J=C3=BCrgen?=\n", "\n\nDienstag, 14. November", "\nFrom: =?UTF-8?q?H=C3=A4uptling?= <asterisk@pbx.example>\n", "<a@pager.example>", "<b@pager.example>", "New 1:01 long message in mailbox 100"} {
		if !strings.Contains(all, want) {
			t.Errorf("lacks %q:\n%s", want, all)
		}
	}
	o.fail = errors.New("no such program")
	o.leave("100", "1", 1)
	o.settle()
	if got := o.files("100"); got != "INBOX/msg0000.txt INBOX/msg0000.wav" || !strings.Contains(o.log.String(), "did not go out") {
		t.Error(got, o.log.String())
	}
}

// TestStrftime: dates as the C library writes them.
func TestStrftime(t *testing.T) {
	at := time.Date(2024, 2, 3, 16, 5, 9, 0, time.UTC)
	for format, want := range map[string]string{
		"%A, %B %d, %Y at %r": "Saturday, February 03, 2024 at 04:05:09 PM", "%a %e %b %y %H:%M": "Sat  3 Feb 24 16:05", "%-d.%-m.": "3.2.", "%%%j%": "%034%", "%I%p %l%P %k": "04PM  4pm 16",
		"%U %W %V %u %w": "04 05 05 6 6", "%s": "1706976309", "%c": "Sat Feb  3 16:05:09 2024", "%Q": "%Q",
	} {
		if got := strftime(format, at, ""); got != want {
			t.Errorf("%s: %q, want %q", format, got, want)
		}
	}
	if got := strftime("%a %A %b %B", at, "de_DE.UTF-8"); got != "Sa Samstag Feb Februar" {
		t.Error(got)
	}
}

func FuzzSettings(f *testing.F) {
	f.Add("[general]\nformat=wav\n[default]\n100 => 1,Ann,a@b,p@b,attach=yes|tz=x\n[zonemessages]\nx=UTC|Q\n")
	f.Add("[general]\naliasescontext=a\nmaxmsg=x\nvolgain=1e99\nlisten-control-stop-key=abc\n[a]\n1=>2\n[b]\n*=>*,,,,||=\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := (&conf.Loader{ReadFile: func(string) ([]byte, error) { return nil, os.ErrNotExist }}).Parse("voicemail.conf", []byte(text))
		if err != nil {
			return
		}
		s, _ := Read(file)
		for _, b := range s.Boxes {
			if s.Find(b.ID()) != b && !strings.Contains(b.Name, "@") && !strings.Contains(b.Context, "@") {
				t.Fatalf("%q can't be found", b.ID())
			}
		}
		if len(s.General.Formats) == 0 {
			t.Fatal("no format")
		}
	})
}

func FuzzWithPassword(f *testing.F) {
	f.Add("100 => 4711,Ann ; x\n", "100", "4711", "99")
	f.Fuzz(func(t *testing.T, line, name, old, password string) {
		got, ok := withPassword(line, name, old, password)
		if !ok && got != line {
			t.Fatalf("%q became %q", line, got)
		}
		if ok && len(got) != len(line)-len(old)+len(password) {
			t.Fatalf("%q became %q", line, got)
		}
	})
}
