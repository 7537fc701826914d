package sip

import (
	"bytes"
	"errors"
	"unsafe"
)

// What Frame refuses: after these a stream can't be read on.
var (
	ErrContentLength = errors.New("sip: bad or conflicting Content-Length")
	ErrNoLength      = errors.New("sip: no Content-Length on a stream")
)

// Frame tells how many bytes at the head of a stream's buffer belong together
// (RFC 3261 section 18.3). It returns
//
//   - 0 and no error when more bytes are needed;
//   - the length of a run of CR and LF between messages: KeepAlive tells
//     whether it asks for a pong (RFC 5626 section 3.5.1);
//   - else the length of one message, for Parse.
//
// Two Content-Lengths, even equal ones, a bad one, or none end the stream: two
// readers could differ on where the next message begins. limit bounds the whole
// message; no more than MaxHead bytes are looked through for its headers.
func Frame(buf []byte, limit int) (int, error) {
	if n := lineEnds(buf); n > 0 {
		if n == len(buf) && buf[n-1] == '\r' {
			n-- // its LF is still to come
		}
		return n, nil
	}
	head, err := headEnd(buf)
	if head == 0 || err != nil {
		return 0, err
	}
	n, err := streamLength(buf[:head])
	switch {
	case err != nil:
		return 0, err
	case n > limit-head:
		return 0, ErrTooLarge
	case len(buf) < head+n:
		return 0, nil
	default:
		return head + n, nil
	}
}

// KeepAlive tells whether what Frame cut is a keep-alive: line ends only. A
// double CRLF is a ping and asks for one CRLF back; a single one is a pong.
func KeepAlive(b []byte) (ping, ok bool) {
	return bytes.Contains(b, []byte("\r\n\r\n")), len(b) > 0 && lineEnds(b) == len(b)
}

// lineEnds counts the CRs and LFs that buf begins with.
func lineEnds(buf []byte) int {
	n := 0
	for n < len(buf) && (buf[n] == '\r' || buf[n] == '\n') {
		n++
	}
	return n
}

// headEnd returns the index after the empty line, 0 when it is not there yet.
func headEnd(buf []byte) (int, error) {
	for i := 0; i < len(buf) && i < MaxHead; {
		n := bytes.IndexByte(buf[i:], '\n')
		if n < 0 {
			break
		}
		if line := buf[i : i+n]; len(line) == 0 || len(line) == 1 && line[0] == '\r' {
			return i + n + 1, nil
		}
		i += n + 1
	}
	if len(buf) >= MaxHead {
		return 0, ErrHeadTooLong
	}
	return 0, nil
}

// streamLength finds Content-Length with the very code that Parse uses, so
// that both always agree on it.
func streamLength(head []byte) (int, error) {
	var m Message
	_, s, err := m.cutLine(unsafe.String(unsafe.SliceData(head), len(head)))
	length, found := 0, false
	for err == nil && s != "" {
		var line string
		if line, s, err = m.headerLine(s); err != nil || line == "" {
			break
		}
		h, ok := splitHeader(line)
		if !ok || h.ID != HeaderContentLength {
			continue
		}
		if found {
			return 0, ErrContentLength
		}
		if length, found = parseLength(h.Value); !found {
			return 0, ErrContentLength
		}
	}
	if err == nil && !found {
		err = ErrNoLength
	}
	return length, err
}
