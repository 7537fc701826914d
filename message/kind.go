package message

import "strings"

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
