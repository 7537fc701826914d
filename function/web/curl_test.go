package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"obelus/call"
	"obelus/function/functiontest"
)

// answers is a web server for tests.
func answers(t *testing.T) *http.ServeMux {
	t.Helper()
	m := http.NewServeMux()
	m.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		user, password, _ := r.BasicAuth()
		fmt.Fprintf(w, "%s %s|%s|%s|%s|%s:%s|%s|%s|%s\n\n ", r.Method, r.URL.RequestURI(), body, r.Header.Get("Content-Type"), r.UserAgent(), user, password,
			r.Header["X-Two"], r.Referer(), r.Header.Get("Cookie"))
	})
	m.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/there", http.StatusFound) })
	m.HandleFunc("/there", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "one\ntwo\n") })
	m.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	m.HandleFunc("/form", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "name=Ann+Lee%2C+of+sales&num=100&empty=")
	})
	m.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 70000)) })
	return m
}

func TestCURL(t *testing.T) {
	server := httptest.NewServer(answers(t))
	defer server.Close()
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(nil))
	x.Set("u", server.URL)
	const form = "application/x-www-form-urlencoded"
	functiontest.Cases{
		{"${CURL(${u}/echo?a=1)}", "GET /echo?a=1|||" + agent + "|:|[]||", ""},
		{"${CURL(${u:7}/echo?a=b c)}", "GET /echo?a=b%20c|||" + agent + "|:|[]||", ""},
		{"${CURL(${u}/echo,a=1&b=x,y)}", "POST /echo|a=1&b=x,y|" + form + "|" + agent + "|:|[]||", ""},
		{"${CURL(http://me:secret@${u:7}/echo)}", "GET /echo|||" + agent + "|me:secret|[]||", ""},
		{"${CURL(${u}/there)}", "one\ntwo", ""},
		{"${CURL(${u}/moved)}", `<a href="/there">Found</a>.`, ""},
		{"${CURL(${u}/nosuch)}", "404 page not found", ""},
		{"${CURL(${u}/large)}", "", "CURL '" + server.URL + "/large': the answer has more than 65536 bytes"},
		{"${CURL()}", "", "CURL requires an argument (URL)"},
		{"${CURL(ftp://x/y)}", "", `Protocol "ftp" not supported: http and https are ('ftp://x/y')`},
		{"${CURL(file:///etc/passwd)}", "", `Protocol "file" not supported: http and https are ('file:///etc/passwd')`},
		{"${CURL(http://)}", "", "URL using bad/illegal format or missing URL ('http://')"},
	}.Run(t, x, w)
	x.Set("evil", server.URL+"/there HTTP/1.1\r\nHost: x")
	functiontest.Cases{{"${CURL(${evil})}", "", "URL '" + server.URL + "/there HTTP/1.1??Host: x' is vulnerable to HTTP injection attacks. Aborting CURL() call."}}.Run(t, x, w)

	functiontest.Must(t, x, "CURLOPT(useragent)=Desk", "CURLOPT(userpwd)=a:b:c", "CURLOPT(httpheader)=X-Two: 1", "CURLOPT(httpheader)=X-Two: 2", "CURLOPT(referer)=r", "CURLOPT(cookie)=c=1",
		"CURLOPT(followlocation)=1", "CURLOPT(maxredirs)=3", "CURLOPT(failurecodes)=404,500", "CURLOPT(hashcompat)=no")
	functiontest.Cases{
		{"${CURL(${u}/echo,x)}", "POST /echo|x|" + form + "|Desk|a:b:c|[1 2]|r|c=1", ""},
		{"${CURL(${u}/moved)}", "one\ntwo", ""},
		{"${CURL(${u}/loop)}", "", "Maximum (3) redirects followed ('" + server.URL + "/loop')"},
		{"${CURL(${u}/nosuch)}", "", "CURL '" + server.URL + "/nosuch' returned response code (404)."},
		{"${CURLOPT(useragent)}|${CURLOPT(FollowLocation)}|${CURLOPT(maxredirs)}|${CURLOPT(proxy)}|${CURLOPT(hashcompat)}", "Desk|1|3||no", ""},
		{"${CURLOPT(nosuch)}", "", "Unrecognized option: nosuch"},
	}.Run(t, x, w)
	functiontest.Must(t, x, "CURLOPT(httpheader)=Content-Type: text/xml", "CURLOPT(httpheader)=User-Agent:", "CURLOPT(header)=yes")
	if got := x.Expand("${CURL(${u}/echo,<a/>)}"); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") || !strings.HasSuffix(got, "\r\n\r\nPOST /echo|<a/>|text/xml||a:b:c|[1 2]|r|c=1") {
		t.Errorf("with its head: %q", got)
	}
}

// TestHash: an answer like a form is for HASH().
func TestHash(t *testing.T) {
	server := httptest.NewServer(answers(t))
	defer server.Close()
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(nil))
	x.Set("u", server.URL)
	functiontest.Must(t, x, "CURLOPT(hashcompat)=yes")
	functiontest.Cases{{"${CURL(${u}/form)}|${~ODBCFIELDS~}", `Ann+Lee\,+of+sales,100,|name,num,empty`, ""}}.Run(t, x, w)
	functiontest.Must(t, x, "CURLOPT(hashcompat)=legacy")
	functiontest.Cases{{"${CURL(${u}/form)}", `Ann Lee\, of sales,100,`, ""}}.Run(t, x, w)
}

func TestSave(t *testing.T) {
	server := httptest.NewServer(answers(t))
	defer server.Close()
	x, _ := functiontest.New(t, &functiontest.Leg{}, Table(nil))
	name := filepath.Join(t.TempDir(), "f")
	functiontest.Must(t, x, "CURL("+server.URL+"/there)="+name)
	if b, err := os.ReadFile(name); string(b) != "one\ntwo\n" {
		t.Errorf("%q, %v", b, err)
	}
	for _, file := range []string{"", name + "/no/such"} {
		if x.Assign("CURL("+server.URL+"/there)", file) == nil {
			t.Errorf("saved to %q", file)
		}
	}
	outside := x.PBX().Look(x.Channel())
	if err := outside.Assign("CURL("+server.URL+"/there)", name); err == nil || err.Error() != "Dangerous function CURL write blocked" {
		t.Errorf("from outside: %v", err)
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewTLSServer(answers(t))
	server.Config.ErrorLog = nil
	defer server.Close()
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(nil))
	x.Set("u", server.URL)
	if got := x.Expand("${CURL(${u}/there)}"); got != "" || len(w.Take()) != 1 {
		t.Errorf("a certificate that nobody has signed was taken: %q", got)
	}
	functiontest.Must(t, x, "CURLOPT(ssl_verifypeer)=0")
	functiontest.Cases{{"${CURL(${u}/there)}", "one\ntwo", ""}}.Run(t, x, w)
	functiontest.Must(t, x, "CURLOPT(ssl_verifypeer)=1", "CURLOPT(ssl_verifyhost)=0")
	if got := x.Expand("${CURL(${u}/there)}"); got != "" || len(w.Take()) != 1 {
		t.Errorf("ssl_verifyhost=0 takes what nobody has signed: %q", got)
	}
	functiontest.Must(t, x, "CURLOPT(ssl_cainfo)=/no/such/file")
	if got := x.Expand("${CURL(${u}/there)}"); got != "" || len(w.Take()) != 1 {
		t.Errorf("authorities that there are not: %q", got)
	}
}

func TestProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "proxy: %s %s", r.URL, r.Header.Get("Proxy-Authorization"))
	}))
	defer proxy.Close()
	host, port, _ := strings.Cut(proxy.URL[len("http://"):], ":")
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(nil))
	functiontest.Must(t, x, "CURLOPT(proxy)="+host, "CURLOPT(proxyport)="+port, "CURLOPT(proxyuserpwd)=a:b", "CURLOPT(proxytype)=http")
	functiontest.Cases{{"${CURL(http://example.invalid/x)}", "proxy: http://example.invalid/x Basic YTpi", ""}}.Run(t, x, w)
	for _, bad := range []string{"CURLOPT(proxytype)=socks4", "CURLOPT(nosuch)=1", "CURLOPT(maxredirs)=x", "CURLOPT(ssl_certtype)=DER"} {
		name, value, _ := strings.Cut(bad, "=")
		if x.Assign(name, value) == nil {
			t.Errorf("%s was taken", bad)
		}
	}
	functiontest.Must(t, x, "CURLOPT(ftptext)=1")
	if len(w.Take()) != 1 {
		t.Error("ftptext says nothing")
	}
}

// TestEnd: nobody waits for an answer when the call has ended, or time is over.
func TestEnd(t *testing.T) {
	began, end := make(chan struct{}, 1), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/waited-for" {
			began <- struct{}{}
		}
		<-end
	}))
	defer server.Close()
	defer close(end)
	x, w := functiontest.New(t, &functiontest.Leg{}, Table(nil))
	functiontest.Must(t, x, "CURLOPT(httptimeout)=0.01")
	functiontest.Cases{{"${CURL(" + server.URL + ")}", "", "Operation timed out ('" + server.URL + "')"}}.Run(t, x, w)
	functiontest.Must(t, x, "CURLOPT(httptimeout)=0")
	go func() {
		<-began
		x.Channel().Hangup(call.CauseNormalClearing)
	}()
	if got := x.Expand("${CURL(" + server.URL + "/waited-for)}"); got != "" || len(w.Take()) != 1 {
		t.Errorf("%q", got)
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"http://a/b?c=d", "a b", "http://[::1]:80/", "https://u:p@h/%41", "ftp://x", "\r\n", "http://%zz"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if u, err := address(s); err == nil && (u.Host == "" || strings.ContainsAny(u.String(), "\r\n ")) {
			t.Errorf("%q is %q", s, u)
		}
	})
}
