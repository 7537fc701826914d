package mailbox

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Message is what the .txt beside a recording says of it.
type Message struct {
	OrigMailbox  string // the extension that was called
	Context      string // of the dialplan
	MacroContext string
	Exten        string
	RDNIS        string // who forwarded the call; "unknown" for nobody
	Priority     int
	CallerChan   string
	CallerID     string    // "Name" <number>, or Unknown
	At           time.Time // whole seconds
	Category     string
	ID           string
	Flag         string // Urgent, PRIORITY or nothing
	Duration     time.Duration

	more [][2]string // lines of others, kept
}

// Urgent says whether the message is marked as urgent.
func (m *Message) Urgent() bool { return m.Flag == "Urgent" }

// ParseMessage reads a message file. What is missing is empty: files of old versions lack some lines.
func ParseMessage(b []byte) (*Message, error) {
	m := &Message{}
	in := false
	for line := range bytes.SplitSeq(b, []byte("\n")) {
		s := strings.TrimSpace(string(line))
		switch {
		case s == "" || s[0] == ';':
		case s[0] == '[':
			in = strings.EqualFold(strings.TrimSuffix(s[1:], "]"), "message")
		case in:
			if key, v, ok := strings.Cut(s, "="); ok {
				m.set(strings.TrimSpace(key), strings.TrimSpace(oneLine(strings.TrimPrefix(v, ">"))))
			}
		}
	}
	if m.At.IsZero() && m.CallerID == "" && m.OrigMailbox == "" {
		return nil, fmt.Errorf("it has no [message]")
	}
	return m, nil
}

func (m *Message) set(key, v string) {
	if at := m.text(key); at != nil {
		*at = v
		return
	}
	n, err := strconv.ParseInt(v, 10, 64)
	switch key {
	case "priority":
		if err == nil && n >= 0 && n < 1<<31 {
			m.Priority = int(n)
		}
	case "origtime":
		if err == nil && n > 0 && n < 1<<40 {
			m.At = time.Unix(n, 0)
		}
	case "duration":
		if err == nil && n >= 0 && n < 1<<31 {
			m.Duration = time.Duration(n) * time.Second
		}
	case "origdate": // it is said by origtime
	default:
		m.more = append(m.more, [2]string{key, v})
	}
}

// text is the field of that line.
func (m *Message) text(key string) *string {
	switch key {
	case "origmailbox":
		return &m.OrigMailbox
	case "context":
		return &m.Context
	case "macrocontext":
		return &m.MacroContext
	case "exten":
		return &m.Exten
	case "rdnis":
		return &m.RDNIS
	case "callerchan":
		return &m.CallerChan
	case "callerid":
		return &m.CallerID
	case "category":
		return &m.Category
	case "msg_id":
		return &m.ID
	case "flag":
		return &m.Flag
	}
	return nil
}

// Bytes is the file, in the original's order of lines. No value can begin a line of its own, whatever a caller's name holds.
func (m *Message) Bytes() []byte {
	var b bytes.Buffer
	b.WriteString(";\n; Message Information file\n;\n[message]\n")
	line := func(key, v string) { fmt.Fprintf(&b, "%s=%s\n", key, oneLine(v)) }
	line("origmailbox", m.OrigMailbox)
	line("context", m.Context)
	line("macrocontext", m.MacroContext)
	line("exten", m.Exten)
	line("rdnis", m.RDNIS)
	line("priority", strconv.Itoa(m.Priority))
	line("callerchan", m.CallerChan)
	line("callerid", m.CallerID)
	line("origdate", OrigDate(m.At))
	line("origtime", strconv.FormatInt(m.At.Unix(), 10))
	line("category", m.Category)
	line("msg_id", m.ID)
	line("flag", m.Flag)
	line("duration", strconv.FormatInt(int64(m.Duration/time.Second), 10))
	for _, p := range m.more {
		line(p[0], p[1])
	}
	return b.Bytes()
}

// OrigDate is a time as origdate has it, in UTC.
func OrigDate(t time.Time) string { return t.UTC().Format("Mon Jan _2 03:04:05 PM UTC 2006") }

// oneLine takes control characters out of a text that others have a say in.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// same says whether two files tell of the same message.
func (m *Message) same(o *Message) bool {
	if m.ID != "" || o.ID != "" {
		return m.ID == o.ID
	}
	return m.At.Equal(o.At) && m.CallerID == o.CallerID && m.CallerChan == o.CallerChan && m.Duration == o.Duration
}
