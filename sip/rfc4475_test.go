package sip

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// torture is one message of RFC 4475 or RFC 5118 and what becomes of it.
type torture struct {
	name   string
	status int // what Validate answers; unreadable: Parse refuses
	check  func(t *testing.T, m *Message)
}

const unreadable = -1

// rfc4475 follows the sections of the RFC. Where it leaves the choice between
// refusing and being liberal, the comment says what was chosen.
var rfc4475 = []torture{
	// 3.1.1 valid messages
	{"wsinv", 0, checkWsinv},
	{"intmeth", 0, checkIntmeth},
	{"esc01", 0, checkEsc01},
	{"escnull", 0, checkEscnull},
	{"esc02", 0, checkEsc02},
	{"lwsdisp", 0, checkLwsdisp},
	{"longreq", 0, checkLongreq},
	{"dblreq", 0, checkDblreq},
	{"semiuri", 0, checkSemiuri},
	{"transports", 0, checkTransports},
	{"mpart01", 0, checkMpart01},
	{"unreason", 0, checkUnreason},
	{"noreason", 0, checkNoreason},
	// 3.1.2 invalid messages
	{"badinv01", 400, nil},
	{"clerr", 400, nil},
	{"ncl", 400, nil},
	{"scalar02", 400, checkScalar02},
	{"scalarlg", 400, checkScalarlg}, // a response: dropped
	{"quotbal", 400, nil},
	{"ltgtruri", 400, nil},
	{"lwsruri", 400, nil},
	{"lwsstart", 400, nil},
	{"trws", 400, nil},
	{"escruri", 0, checkEscruri}, // liberal: headers of a Request-URI are ignored
	{"baddate", 0, nil},          // liberal: nobody acts on Date
	{"regbadct", 400, nil},
	{"badaspec", 0, checkBadaspec}, // liberal
	{"baddn", 0, checkBaddn},       // liberal: From and To are no lists
	{"badvers", 505, nil},
	{"mismatch01", 400, nil},
	{"mismatch02", 400, nil}, // 501 would do as well
	{"bigcode", unreadable, nil},
	// 3.2 transaction layer
	{"badbranch", 0, checkBadbranch},
	// 3.3 application layer
	{"insuf", 400, nil},
	{"unkscm", 416, nil},
	{"novelsc", 416, nil},
	{"unksm2", 0, nil},
	{"bext01", 0, checkBext01}, // 420 is due by Unsupported
	{"invut", 0, checkInvut},   // 415 is due by who reads the body
	{"regaut01", 0, checkRegaut01},
	{"multi01", 400, nil},
	{"mcl01", 400, nil},
	{"bcast", 0, checkBcast}, // no transaction of ours has this second Via
	{"zeromf", 0, checkZeromf},
	{"cparam01", 0, checkCparam01},
	{"cparam02", 0, checkCparam02},
	{"regescrt", 0, checkRegescrt},
	{"sdp01", 0, checkSdp01}, // 406 is due by who would answer with SDP
	// 3.4 backward compatibility
	{"inv2543", 0, checkInv2543},
}

func TestRFC4475(t *testing.T) { runTorture(t, "rfc4475", rfc4475, 49) }

func runTorture(t *testing.T, dir string, table []torture, want int) {
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.dat"))
	if err != nil || len(files) != want || len(table) != want {
		t.Fatalf("%d files and %d rows, want %d of each: %v", len(files), len(table), want, err)
	}
	for _, test := range table {
		t.Run(test.name, func(t *testing.T) {
			data := readTorture(t, dir, test.name)
			m, err := Parse(data)
			if err != nil || test.status == unreadable {
				if err == nil || test.status != unreadable {
					t.Fatalf("Parse: %v", err)
				}
				return
			}
			if !bytes.Equal(m.Bytes(), data) {
				t.Error("the bytes changed")
			}
			if status, reason := Validate(m); status != test.status || (status == 0) != (reason == "") {
				t.Errorf("Validate: %d %s, want %d", status, reason, test.status)
			}
			if test.check != nil {
				test.check(t, m)
			}
			checkReprint(t, m)
		})
	}
}

func readTorture(t testing.TB, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", dir, name+".dat"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// expect compares what a check found with what it wants, in pairs.
func expect(t *testing.T, pairs ...any) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] != pairs[i+1] {
			t.Errorf("value %d: got %#v, want %#v", i/2, pairs[i], pairs[i+1])
		}
	}
}

func mustAddr(t *testing.T, m *Message, id HeaderID) (NameAddr, URI) {
	t.Helper()
	a, _, err := m.Addr(id)
	if err != nil {
		t.Fatal(err)
	}
	u, err := a.URI()
	if err != nil {
		t.Fatal(err)
	}
	return a, u
}

func checkWsinv(t *testing.T, m *Message) {
	to, toURI := mustAddr(t, m, HeaderTo)
	from, _ := mustAddr(t, m, HeaderFrom)
	contact, contactURI := mustAddr(t, m, HeaderContact)
	route, _ := mustAddr(t, m, HeaderRoute)
	cseq, _ := m.CSeq()
	hops, _ := m.MaxForwards()
	newparam, _ := contact.Params.Get("newparam")
	q, _ := contact.Params.Get("q")
	fangled, _ := m.Header("newfangledheader")
	expect(t, toURI.User, "vivekg", to.Tag(), "1918181833n", from.Display, `J Rosenberg \"`, from.Tag(), "98asjd8",
		cseq, CSeq{9, INVITE}, hops, uint32(68), contact.Display, `Quoted string ""`, contactURI.Host, "example.com",
		newparam, "newvalue", contact.Params.Has("secondparam"), true, q, "0.33", fangled, "newfangled value continued newfangled value",
		route.Addr, "sip:services.example.com;lr;unknownwith=value;unknown-no-value", m.Has(HeaderSubject), true,
		m.Leniencies()&FoldedHeader, FoldedHeader)
	var hosts []string
	for v, err := range m.Vias() {
		if err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, v.Version+" "+v.Transport+" "+v.Host+" "+v.Branch())
	}
	want := []string{"2.0 UDP 192.0.2.2 390skdjuw", "2.0 TCP spindle.example.com z9hG4bK9ikj8", "2.0 UDP 192.168.255.111 z9hG4bK30239"}
	if !slices.Equal(hosts, want) {
		t.Errorf("Via: %q", hosts)
	}
}

func checkIntmeth(t *testing.T, m *Message) {
	to, _ := mustAddr(t, m, HeaderTo)
	from, _ := mustAddr(t, m, HeaderFrom)
	u, err := m.RequestURI()
	value, _ := from.Params.Get("fromParam''~+*_!.-%")
	other, _ := m.Header("extensionHeader-!.%*+_`'~")
	expect(t, err, nil, m.Method(), Method("!interesting-Method0123456789_*+`.%indeed'~"),
		u.User, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", u.Password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)", u.Host, "example.com",
		to.Display, "BEL:  NUL:  DEL: ", from.Tag(), "_token~1'+`*%!-.", value, "работающий", other, "\ufeff大停電")
}

func checkEsc01(t *testing.T, m *Message) {
	u, err := m.RequestURI()
	_, to := mustAddr(t, m, HeaderTo)
	_, from := mustAddr(t, m, HeaderFrom)
	_, contact := mustAddr(t, m, HeaderContact)
	expect(t, err, nil, u.UserName(), "sips:user@example.com", u.Host, "example.net", to.UserName(), "user",
		from.UserName(), "I have spaces", contact.UserName(), "caller", m.CallID(), "esc01.239409asdfakjkn23onasd0-3234")
	lr, _ := ParseURI("sip:caller@host5.example.net;lr;name=value%25%34%31")
	if !contact.Equal(lr) {
		t.Errorf("%s and %s differ", contact, lr)
	}
}

func checkEscnull(t *testing.T, m *Message) {
	_, to := mustAddr(t, m, HeaderTo)
	expect(t, to.UserName(), "null-\x00-null", m.Count(HeaderContact), 2)
	var users []string
	for a, err := range m.Contacts() {
		u, err2 := a.URI()
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		users = append(users, u.UserName())
	}
	if !slices.Equal(users, []string{"\x00", "\x00\x00"}) {
		t.Errorf("contacts %q", users)
	}
}

func checkEsc02(t *testing.T, m *Message) {
	from, _ := mustAddr(t, m, HeaderFrom)
	v, err := m.Via()
	expect(t, err, nil, m.Method(), Method("RE%47IST%45R"), from.Display, "%Z%45", v.Branch(), "z9hG4bK209%fzsnel234", m.Count(HeaderContact), 2)
}

func checkLwsdisp(t *testing.T, m *Message) {
	from, u := mustAddr(t, m, HeaderFrom)
	expect(t, from.Display, "caller", u.User, "caller", from.Tag(), "323")
}

func checkLongreq(t *testing.T, m *Message) {
	to, u := mustAddr(t, m, HeaderTo)
	from, _ := mustAddr(t, m, HeaderFrom)
	expect(t, m.Count(HeaderVia), 34, strings.HasPrefix(to.Display, "I have a user name of longlong"), true, u.Port, uint16(6000),
		from.Tag(), "12"+strings.Repeat("982424", 51), m.ContentType(), "application/sdp")
}

func checkDblreq(t *testing.T, m *Message) {
	expect(t, m.Method(), REGISTER, len(m.Body()), 0, m.Count(HeaderVia), 1)
}

func checkSemiuri(t *testing.T, m *Message) {
	u, err := m.RequestURI()
	expect(t, err, nil, u.UserName(), "user;par=u@example.net", u.Params, Params(""), m.HasToken(HeaderAccept, "message/sipfrag"), true)
}

func checkTransports(t *testing.T, m *Message) {
	var got []string
	for v := range m.Vias() {
		got = append(got, v.Transport)
	}
	if !slices.Equal(got, []string{"UDP", "SCTP", "TLS", "UNKNOWN", "TCP"}) {
		t.Errorf("transports %q", got)
	}
}

func checkMpart01(t *testing.T, m *Message) {
	boundary, _ := m.Valued(HeaderContentType).Params.Get("boundary")
	v, _ := m.Via()
	_, rport := v.RPort()
	expect(t, m.ContentType(), "multipart/mixed", boundary, "7a9cbec02ceef655", rport, true,
		bytes.Count(m.Body(), []byte("--"+boundary)), 3, bytes.IndexByte(m.Body(), 0) > 0, true)
}

func checkUnreason(t *testing.T, m *Message) {
	expect(t, m.StatusCode(), 200, m.Reason(), "= 2**3 * 5**2 но сто девяносто девять - простое", m.Method(), INVITE)
}

func checkNoreason(t *testing.T, m *Message) { expect(t, m.StatusCode(), 100, m.Reason(), "") }

func checkScalar02(t *testing.T, m *Message) {
	expires, ok := m.Expires()
	contact, _ := mustAddr(t, m, HeaderContact)
	own, ok2 := contact.Expires()
	_, err := m.CSeq()
	expect(t, expires, ^uint32(0), ok, true, own, ^uint32(0), ok2, true, err != nil, true)
}

func checkScalarlg(t *testing.T, m *Message) {
	after, ok := m.Number(HeaderRetryAfter)
	expect(t, after, ^uint32(0), ok, true, m.Method(), Method(""))
}

func checkEscruri(t *testing.T, m *Message) {
	u, err := m.RequestURI()
	expect(t, err, nil, u.Host, "example.com", u.Headers, "Route=%3Csip:example.com%3E", m.Has(HeaderRoute), false)
}

func checkBadaspec(t *testing.T, m *Message) {
	to, u := mustAddr(t, m, HeaderTo)
	expect(t, to.Display, "Watson, Thomas", u.User, "t.watson")
}

func checkBaddn(t *testing.T, m *Message) {
	from, u := mustAddr(t, m, HeaderFrom)
	expect(t, from.Display, "Bell, Alexander", u.User, "a.g.bell", from.Tag(), "43")
}

func checkBadbranch(t *testing.T, m *Message) {
	v, err := m.Via()
	expect(t, err, nil, v.Branch(), BranchCookie)
}

func checkBext01(t *testing.T, m *Message) {
	if got := m.Unsupported("timer", "NOTHINGSUPPORTSTHIS"); !slices.Equal(got, []string{"nothingSupportsThisEither"}) {
		t.Errorf("unsupported %q", got)
	}
}

func checkInvut(t *testing.T, m *Message) {
	expect(t, m.ContentType(), "application/unknownformat", strings.HasPrefix(m.BodyString(), "<audio>"), true)
}

func checkRegaut01(t *testing.T, m *Message) {
	for a := range m.Auths(HeaderAuthorization) {
		expect(t, a.Scheme, "NoOneKnowsThisScheme", a.IsDigest(), false, a.Get("opaque-data"), "here")
	}
	expect(t, m.Count(HeaderAuthorization), 1)
}

func checkBcast(t *testing.T, m *Message) { expect(t, m.Count(HeaderVia), 2, m.StatusCode(), 200) }

func checkZeromf(t *testing.T, m *Message) {
	hops, ok := m.MaxForwards()
	expect(t, hops, uint32(0), ok, true)
}

func checkCparam01(t *testing.T, m *Message) {
	a, u := mustAddr(t, m, HeaderContact)
	expect(t, a.Params, Params(";unknownparam"), u.Params, Params(""), u.User, "+19725552222")
}

func checkCparam02(t *testing.T, m *Message) {
	a, u := mustAddr(t, m, HeaderContact)
	expect(t, a.Params, Params(""), u.Params, Params(";unknownparam"), u.User, "+19725552222")
}

func checkRegescrt(t *testing.T, m *Message) {
	_, u := mustAddr(t, m, HeaderContact)
	expect(t, Unescape(u.Headers), "Route=<sip:sip.example.com>")
}

func checkSdp01(t *testing.T, m *Message) {
	expect(t, m.HasToken(HeaderAccept, "application/sdp"), false, m.HasToken(HeaderAccept, "text/nobodyknowsthis"), true)
}

func checkInv2543(t *testing.T, m *Message) {
	v, _ := m.Via()
	expect(t, v.Branch(), "", m.FromTag(), "", len(m.Body()) > 100, true,
		m.Leniencies(), LenientNoContentLength|LenientNoMaxForwards)
}

// checkReprint writes a message anew from its parts and reads that: what was
// understood must be the same.
func checkReprint(t *testing.T, m *Message) {
	t.Helper()
	var b Builder
	if m.IsRequest() {
		b.text(string(m.Method()) + " " + m.RawURI() + " " + m.Version())
	} else {
		b.text(m.Version() + " " + string(appendCode(nil, m.StatusCode())) + " " + m.Reason())
	}
	b.crlf()
	for h := range m.Headers() {
		b.buf = append(append(append(b.buf, h.Name...), ": "...), h.Value...)
		b.crlf()
	}
	b.crlf()
	b.buf = append(b.buf, m.Body()...)
	again, err := Parse(b.Bytes())
	if err != nil {
		t.Fatalf("printed %q: %v", b.Bytes(), err)
	}
	if again.Method() != m.Method() || again.RawURI() != m.RawURI() || again.StatusCode() != m.StatusCode() ||
		again.Reason() != m.Reason() || again.BodyString() != m.BodyString() ||
		!slices.Equal(slices.Collect(again.Headers()), slices.Collect(m.Headers())) {
		t.Fatalf("printed %q: not the same", b.Bytes())
	}
}

func appendCode(b []byte, code int) []byte {
	return append(b, byte('0'+code/100), byte('0'+code/10%10), byte('0'+code%10))
}
