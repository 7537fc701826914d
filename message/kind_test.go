package message

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"testing"
)

// cpim wraps content as linphone does.
func cpim(contentType string) string {
	return "From: <sip:1001@h>\r\nTo: <sip:1002@h>\r\nDateTime: 2026-11-24T10:00:00Z\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: x\r\n\r\n" +
		"Content-Type: " + contentType + "\r\nContent-Length: 2\r\n\r\nhi"
}

func TestKinds(t *testing.T) {
	for _, c := range []struct {
		kind, body              string
		composing, notification bool
	}{
		{"text/plain", "application/im-iscomposing+xml", false, false},
		{"application/im-iscomposing+xml", "<x/>", true, false},
		{"Application/IM-isComposing+XML; charset=UTF-8", "<x/>", true, false},
		{"message/imdn+xml", "<x/>", false, true},
		{"message/cpim", cpim("text/plain; charset=UTF-8"), false, false},
		{"Message/CPIM", cpim("message/imdn+xml"), false, true},
		{"message/cpim", cpim("application/im-iscomposing+xml"), true, false},
		{"message/cpim", "Content-Type: message/imdn+xml\n\nContent-Type: text/plain\n\nhi", false, false},
		{"message/cpim", "From: <x>\n\ncontent-type : message/imdn+xml;x=y\n\n", false, true},
		{"message/cpim", "From: <x>\n\n\nContent-Type: message/imdn+xml", false, false},
		{"message/cpim", "", false, false},
		{"", "", false, false},
	} {
		if got := Composing(c.kind, []byte(c.body)); got != c.composing {
			t.Errorf("%s %q: composing %v", c.kind, c.body, got)
		}
		if got := Notification(c.kind, []byte(c.body)); got != c.notification {
			t.Errorf("%s %q: notification %v", c.kind, c.body, got)
		}
	}
}

// TestQuiet looks into bodies that are compressed, and no farther than it must.
func TestQuiet(t *testing.T) {
	deflated := func(wrap func(w io.Writer) io.WriteCloser, text string) []byte {
		var b bytes.Buffer
		w := wrap(&b)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	asZlib := func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
	asGzip := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	asFlate := func(w io.Writer) io.WriteCloser {
		f, err := flate.NewWriter(w, 9)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	notice := cpim("message/imdn+xml")
	bomb := notice + strings.Repeat("0", 4<<20)
	for name, c := range map[string]struct {
		encoding string
		body     []byte
		want     bool
	}{
		"plain":       {"", []byte(notice), true},
		"zlib":        {"deflate", deflated(asZlib, notice), true},
		"raw":         {"Deflate", deflated(asFlate, notice), true},
		"gzip":        {"gzip", deflated(asGzip, notice), true},
		"a text":      {"gzip", deflated(asGzip, cpim("text/plain")), false},
		"a bomb":      {"deflate", deflated(asZlib, bomb), true},
		"cut off":     {"gzip", deflated(asGzip, notice)[:90], false},
		"none at all": {"deflate", nil, false},
		"nonsense":    {"gzip", []byte("nonsense"), false},
		"unknown":     {"br", deflated(asGzip, notice), false},
	} {
		m := &Message{ContentType: "message/cpim", Body: c.body}
		m.SetData("Content-Encoding", c.encoding, true)
		if got := m.Quiet(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
		if n := len(m.head()); name == "a bomb" && n > longestHead {
			t.Errorf("%d bytes were made of a bomb", n)
		}
	}
	if !(&Message{ContentType: "application/im-iscomposing+xml", Body: []byte("<x/>")}).Quiet() {
		t.Error("somebody who is typing is not quiet")
	}
}

// FuzzQuiet: no compressed body brings it down.
func FuzzQuiet(f *testing.F) {
	f.Add("deflate", []byte("x\x9c\xcbH\xcd\xc9\xc9\x07\x00\x06,\x02\x15"))
	f.Add("gzip", []byte("\x1f\x8b\x08\x00"))
	f.Fuzz(func(t *testing.T, encoding string, body []byte) {
		m := &Message{ContentType: "message/cpim", Body: body}
		m.SetData("Content-Encoding", encoding, true)
		if m.Quiet() && len(body) == 0 {
			t.Error("nothing is a notification")
		}
	})
}

// FuzzKinds: no body brings it down, or is both.
func FuzzKinds(f *testing.F) {
	f.Add("message/cpim", []byte(cpim("message/imdn+xml")))
	f.Add("message/cpim", []byte("\r\n\r\n:\r\nContent-Type"))
	f.Add("application/im-iscomposing+xml", []byte(nil))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		if Composing(kind, body) && Notification(kind, body) {
			t.Errorf("%q %q is both", kind, body)
		}
	})
}
