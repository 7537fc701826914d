package message

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
)

// What a message is may show in its type alone, or in the type of what a CPIM
// message (RFC 3862) carries.

// Composing says whether a message tells that somebody is typing (RFC 3994): it
// is worth something now or never.
func Composing(contentType string, body []byte) bool {
	return carried(contentType, body) == "application/im-iscomposing+xml"
}

// Notification says whether a message tells what became of another one (IMDN,
// RFC 5438): what becomes of it is told to nobody.
func Notification(contentType string, body []byte) bool {
	return carried(contentType, body) == "message/imdn+xml"
}

// Quiet says whether a message is none that anybody has written: somebody is typing, or
// another message has become something. That it came to nothing is told to nobody, or
// two phones and a dialplan would tell each other for ever.
func (m *Message) Quiet() bool {
	body := m.head()
	return Composing(m.ContentType, body) || Notification(m.ContentType, body)
}

// Typing says whether a message tells that somebody is typing.
func (m *Message) Typing() bool { return Composing(m.ContentType, m.head()) }

// head is the beginning of the body as its writer meant it: a body that is compressed is
// looked into as far as longestHead, whatever it would become.
func (m *Message) head() []byte {
	if bare(m.ContentType) != "message/cpim" {
		return m.Body // nothing in there says more than its type
	}
	encoding, _ := m.Data("Content-Encoding")
	var r io.Reader
	var err error
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "deflate":
		in := bufio.NewReader(bytes.NewReader(m.Body))
		if first, _ := in.Peek(1); len(first) == 1 && first[0]&0x0f == 8 {
			r, err = zlib.NewReader(in) // RFC 1950, as HTTP means it
		} else {
			r = flate.NewReader(in) // RFC 1951, as some mean it
		}
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(m.Body))
	default:
		return m.Body
	}
	if err != nil {
		return nil
	}
	head := make([]byte, longestHead)
	n, _ := io.ReadFull(r, head) // what is broken farther on has a head all the same
	return head[:n]
}

// carried is the type of the content, in lower case and without parameters.
func carried(contentType string, body []byte) string {
	kind := bare(contentType)
	if kind != "message/cpim" {
		return kind
	}
	// The headers of the message, and behind an empty line those of what it
	// carries (RFC 3862 section 2).
	rest := string(body[:min(len(body), longestHead)])
	blank := false
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			if blank {
				return ""
			}
			blank = true
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if ok && blank && strings.EqualFold(strings.TrimSpace(name), "Content-Type") {
			return bare(value)
		}
	}
	return ""
}

// longestHead is how far into a CPIM message its headers are looked for, in bytes.
const longestHead = 8192

func bare(contentType string) string {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(kind))
}
