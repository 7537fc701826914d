package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"obelus/dialplan/expand"
	"obelus/function/argument"
	"obelus/pbx"
)

// Bounds of a request.
const (
	waitTime    = 180 * time.Second // for all of it; httptimeout says otherwise
	connectTime = 30 * time.Second  // for a connection; conntimeout and dnstimeout say otherwise
	maxRedirect = 30                // maxredirs says otherwise
	maxSaved    = 1 << 30           // of what is saved, in bytes
)

// agent is how the original introduces itself.
const agent = "asterisk-libcurl-agent/1.0"

// client makes the requests.
type client struct{ dial Dialer }

// read is ${CURL(url[,post-data])}: what the server answers, without blanks at the end.
func (c client) read(x *pbx.Exec, args string) (string, error) {
	var out strings.Builder
	if err := c.ask(x, args, &out, argument.MaxText); err != nil {
		return "", err
	}
	body := strings.TrimRight(out.String(), argument.Blanks)
	if how := (settings{x}).text("hashcompat"); how == "yes" || how == "legacy" {
		return columns(x, body, how == "legacy"), nil
	}
	return body, nil
}

// save is Set(CURL(url)=file).
func (c client) save(x *pbx.Exec, args, file string) (err error) {
	if file == "" {
		return argument.Complain("CURL requires a file to save to: Set(CURL(<url>)=<filename>)")
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("CURL: Failed to open file '%s' for writing: %w", file, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return c.ask(x, args, f, maxSaved)
}

// ask makes the request and writes the answer to out, most bytes of it at most.
func (c client) ask(x *pbx.Exec, args string, out io.Writer, most int64) error {
	a := expand.Args(args, 2)
	if expand.Arg(a, 0) == "" {
		return argument.Complain("CURL requires an argument (URL)")
	}
	target, err := address(a[0])
	if err != nil {
		return err
	}
	s := settings{x}
	ctx, cancel := context.WithTimeout(x.Context(), s.duration("httptimeout", waitTime))
	defer cancel()
	request, err := s.request(ctx, target, expand.Arg(a, 1))
	if err != nil {
		return err
	}
	carrier, err := s.transport(c.dial)
	if err != nil {
		return err
	}
	defer carrier.CloseIdleConnections()
	answer, err := (&http.Client{Transport: carrier, CheckRedirect: s.redirect}).Do(request)
	if err != nil {
		return failed(err, a[0])
	}
	defer answer.Body.Close()
	if s.fails(answer.StatusCode) {
		return argument.Complain("CURL '%s' returned response code (%d).", a[0], answer.StatusCode)
	}
	if s.is("header", false) {
		if err := writeHead(out, answer); err != nil {
			return fmt.Errorf("CURL: %w", err)
		}
	}
	n, err := io.Copy(out, io.LimitReader(answer.Body, most+1))
	if err != nil {
		return failed(err, a[0])
	}
	if n > most {
		return argument.Complain("CURL '%s': the answer has more than %d bytes", a[0], most)
	}
	return nil
}

// address reads the URL; without a scheme it is http.
func address(s string) (*url.URL, error) {
	if strings.ContainsAny(s, "\r\n\x00") {
		return nil, argument.Complain("URL '%s' is vulnerable to HTTP injection attacks. Aborting CURL() call.", strings.Map(seen, s))
	}
	whole := strings.Trim(s, argument.Blanks)
	if !strings.Contains(whole, "://") {
		whole = "http://" + whole
	}
	u, err := url.Parse(strings.ReplaceAll(whole, " ", "%20"))
	switch {
	case err != nil:
		return nil, argument.Complain("URL using bad/illegal format or missing URL ('%s')", s)
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, argument.Complain(`Protocol "%s" not supported: http and https are ('%s')`, u.Scheme, s)
	case u.Host == "":
		return nil, argument.Complain("URL using bad/illegal format or missing URL ('%s')", s)
	}
	return u, nil
}

// seen makes the ends of lines visible.
func seen(r rune) rune {
	if r < ' ' {
		return '?'
	}
	return r
}

// failed is what went wrong, with the URL, as the original says it.
func failed(err error, target string) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return argument.Complain("Operation timed out ('%s')", target)
	}
	return fmt.Errorf("%w ('%s')", err, target)
}

// request is what goes out: a GET, or a POST where there is something to send.
func (s settings) request(ctx context.Context, target *url.URL, data string) (*http.Request, error) {
	method := http.MethodGet
	var body io.Reader
	if data != "" {
		method, body = http.MethodPost, strings.NewReader(data)
	}
	user := target.User
	target.User = nil
	r, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return nil, fmt.Errorf("CURL: %w", err)
	}
	r.Header.Set("User-Agent", cmp.Or(s.text("useragent"), agent))
	r.Header.Set("Accept", "*/*")
	if data != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for option, header := range map[string]string{"referer": "Referer", "cookie": "Cookie"} {
		if v := s.text(option); v != "" {
			r.Header.Set(header, v)
		}
	}
	if name, password, has := strings.Cut(s.text("userpwd"), ":"); has || name != "" {
		r.SetBasicAuth(name, password)
	} else if user != nil {
		password, _ = user.Password()
		r.SetBasicAuth(user.Username(), password)
	}
	return r, s.addHeaders(r)
}

// addHeaders adds those of httpheader. As with curl, Name: alone takes a header away, and Name; sends it empty.
func (s settings) addHeaders(r *http.Request) error {
	all := s.text("httpheader")
	if all == "" {
		return nil
	}
	replaced := make(map[string]bool)
	for line := range strings.SplitSeq(all, "\n") {
		name, value, has := strings.Cut(strings.TrimRight(line, "\r"), ":")
		value = strings.TrimSpace(value)
		if bare, empty := strings.CutSuffix(name, ";"); empty && !has {
			name, has = bare, true
		} else if has && value == "" {
			r.Header.Del(name)
			if strings.EqualFold(name, "User-Agent") {
				r.Header.Set(name, "") // or one is made up
			}
			continue
		}
		if name = http.CanonicalHeaderKey(strings.TrimSpace(name)); !has || strings.ContainsAny(name, " \t") || name == "" {
			return argument.Complain("CURLOPT(httpheader): '%s' is not of the form Name: value", line)
		}
		if name == "Host" {
			r.Host = value
			continue
		}
		if !replaced[name] {
			r.Header.Del(name)
		}
		replaced[name] = true
		r.Header.Add(name, value)
	}
	return nil
}

// redirect says whether to go where the server points: by followlocation.
func (s settings) redirect(_ *http.Request, via []*http.Request) error {
	if !s.is("followlocation", false) {
		return http.ErrUseLastResponse
	}
	most := s.number("maxredirs", maxRedirect)
	if most < 0 {
		most = maxRedirect
	}
	if len(via) > most {
		return argument.Complain("Maximum (%d) redirects followed", most)
	}
	return nil
}

// fails says whether a code of the server counts as a failure: failurecodes.
func (s settings) fails(code int) bool {
	for one := range strings.SplitSeq(s.text("failurecodes"), ",") {
		if strings.TrimSpace(one) == strconv.Itoa(code) {
			return true
		}
	}
	return false
}

// writeHead writes the head of an answer as it was sent.
func writeHead(out io.Writer, a *http.Response) error {
	if _, err := fmt.Fprintf(out, "%s %s\r\n", a.Proto, a.Status); err != nil {
		return err
	}
	if err := a.Header.Write(out); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\r\n")
	return err
}

// columns turns a=1&b=2 into the values for Set(HASH(x)=...), and keeps their names for it.
func columns(x *pbx.Exec, body string, legacy bool) string {
	decode := func(s string) string {
		if legacy {
			s = strings.ReplaceAll(s, "+", " ")
		}
		return strings.ReplaceAll(percent(s), ",", `\,`)
	}
	var names, values []string
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		names, values = append(names, decode(name)), append(values, decode(value))
	}
	x.Channel().Vars.Set("~ODBCFIELDS~", strings.Join(names, ","))
	return strings.Join(values, ",")
}

// percent undoes the escapes of a URI; what is none stays.
func percent(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}
