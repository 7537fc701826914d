package main

import (
	"bytes"
	"strconv"
	"strings"
)

// message is a SIP message as it came, with just as much reading as a
// generator needs: what it drives is under test, not this.
type message []byte

// status returns the code of a response, 0 for a request.
func (m message) status() int {
	rest, ok := bytes.CutPrefix(m, []byte("SIP/2.0 "))
	if !ok || len(rest) < 3 {
		return 0
	}
	n, err := strconv.Atoi(string(rest[:3]))
	if err != nil {
		return 0
	}
	return n
}

// method returns the method of a request, or the one a response answers.
func (m message) method() string {
	if m.status() != 0 {
		_, method, _ := strings.Cut(m.header("CSeq"), " ")
		return strings.TrimSpace(method)
	}
	method, _, _ := bytes.Cut(m, []byte(" "))
	return string(method)
}

// headers returns the values of a header, in order.
func (m message) headers(name string) (values []string) {
	head, _, _ := bytes.Cut(m, []byte("\r\n\r\n"))
	_, rest, _ := bytes.Cut(head, []byte("\r\n"))
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if len(line) > len(name) && line[len(name)] == ':' && strings.EqualFold(string(line[:len(name)]), name) {
			values = append(values, string(bytes.TrimSpace(line[len(name)+1:])))
		}
	}
	return values
}

// header returns the first value of a header, "" without one.
func (m message) header(name string) string {
	if all := m.headers(name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// branch returns what follows the magic cookie in the topmost Via
// (RFC 3261 section 8.1.1.7).
func (m message) branch() string {
	_, after, ok := bytes.Cut(m, []byte("branch=z9hG4bK"))
	if !ok {
		return ""
	}
	if end := bytes.IndexAny(after, ";, \r\n"); end >= 0 {
		after = after[:end]
	}
	return string(after)
}

// challenge reads what a 401 or 407 asks and the header that answers it.
func (m message) challenge() (c challenge, header string, err error) {
	value, header := m.header("WWW-Authenticate"), "Authorization"
	if m.status() == 407 {
		value, header = m.header("Proxy-Authenticate"), "Proxy-Authorization"
	}
	c, err = parseChallenge(value)
	return c, header, err
}

// target returns the URI in the Contact header.
func (m message) target() string {
	value := m.header("Contact")
	if _, after, ok := strings.Cut(value, "<"); ok {
		uri, _, _ := strings.Cut(after, ">")
		return uri
	}
	uri, _, _ := strings.Cut(value, ";")
	return uri
}

// firstLine is for error texts.
func (m message) firstLine() string {
	line, _, _ := bytes.Cut(m, []byte("\r\n"))
	return string(line)
}
