package message

import "testing"

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
