package identity

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"obelus/call"
	"obelus/sip"
)

// TestAdd: what SIPAddHeader has asked for, in the order of its numbers.
func TestAdd(t *testing.T) {
	var log bytes.Buffer
	ch := call.NewRegistry(slog.New(slog.NewTextHandler(&log, nil)), nil).New(call.Spec{Name: "SIP/x-1"})
	for name, value := range map[string]string{
		"SIPADDHEADER02": "X-Two: second", "SIPADDHEADER01": "Alert-Info: <http://a>;info=x", "SIPADDHEADER03": "X-Bad: a\r\nVia: evil", "SIPADDHEADER04": "Via: SIP/2.0/UDP evil",
		"SIPADDHEADER05": "content-length: 0", "SIPADDHEADER06": "no header", "SIPADDHEADER07": "a b: c", "SIPADDHEADER08": " X-Blank :  trimmed ", "SIPADDHEADER09": "X-None:", "OTHER": "X: y", "SIPADDHEADER10": "",
	} {
		ch.Vars.Set(name, value)
	}
	b := sip.NewBuilder(nil)
	b.Request(sip.INVITE, "sip:a@b")
	Add(&b, ch)
	got := string(b.End("", nil))
	want := "Alert-Info: <http://a>;info=x\r\nX-Two: second\r\nX-Blank: trimmed\r\nX-None: \r\n"
	if !strings.Contains(got, want) || strings.Contains(got, "evil") || strings.Count(got, "ontent-") > 1 {
		t.Errorf("%s\nlacks\n%s", got, want)
	}
	if n := strings.Count(log.String(), "level=WARN"); n != 5 {
		t.Errorf("%d warnings:\n%s", n, log.String())
	}
}
