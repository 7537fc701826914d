package sip

import (
	"bytes"
	"strings"
)

// Part returns the body where it is of that type or of none that is named, or the
// part of a multipart body that is (RFC 2046); false where there is none. Parts
// within parts are not looked into.
func (m *Message) Part(contentType string) ([]byte, bool) {
	kind, params, _ := strings.Cut(m.Value(HeaderContentType), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	switch {
	case kind == contentType, kind == "":
		return m.Body(), true
	case !strings.HasPrefix(kind, "multipart/"):
		return nil, false
	}
	boundary, ok := Params(params).Get("boundary")
	if !ok {
		return nil, false
	}
	return partOf(m.Body(), strings.Trim(boundary, `"`), contentType)
}

// partOf is the part of a multipart body that has the wanted type.
func partOf(body []byte, boundary, want string) ([]byte, bool) {
	if boundary == "" || len(boundary) > 70 {
		return nil, false
	}
	mark := []byte("--" + boundary)
	for _, part := range bytes.Split(body, mark)[1:] {
		head, content, ok := bytes.Cut(part, []byte("\r\n\r\n"))
		if !ok {
			continue
		}
		for _, line := range strings.Split(string(head), "\r\n") {
			name, value, ok := strings.Cut(line, ":")
			if !ok || !strings.EqualFold(strings.TrimSpace(name), "Content-Type") {
				continue
			}
			kind, _, _ := strings.Cut(value, ";")
			if strings.EqualFold(strings.TrimSpace(kind), want) {
				return bytes.TrimSuffix(content, []byte("\r\n")), true
			}
		}
	}
	return nil, false
}
