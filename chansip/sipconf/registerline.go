package sipconf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/sip/transport"
)

// registerForm is what a register => line looks like.
const registerForm = "[peer?][transport://]user[@domain[:port]][:secret[:authuser]]@host[:port][/extension][~seconds]"

// parseRegister reads a register => line, see [registerForm]. The host is behind
// the last @, and a ? ends the name of a peer only before the user: a secret may
// end in one.
func parseRegister(v string) (Register, error) {
	var r Register
	v = strings.TrimSpace(v)
	if v == "" {
		return r, errors.New("it is empty")
	}
	at := strings.LastIndexByte(v, '@')
	if at < 0 {
		return r, errors.New("it names no user: there is no @")
	}
	if err := r.setServer(v[at+1:]); err != nil {
		return r, err
	}
	user := v[:at]
	if peer, rest, ok := strings.Cut(user, "?"); ok && !strings.ContainsAny(peer, ":@") && rest != "" {
		r.Peer, user = peer, rest
	}
	if t, rest, ok := strings.Cut(user, "://"); ok {
		known, is := transport.ParseTransport(t)
		if !is {
			return r, fmt.Errorf("%q is no transport", t)
		}
		r.Transport, user = known, rest
	}
	parts := strings.SplitN(user, ":", 3)
	r.User, r.Domain, _ = strings.Cut(parts[0], "@")
	if rest := strings.Split(user, ":"); len(rest) == 4 && r.Domain != "" && isPort(rest[1]) {
		r.Domain += ":" + rest[1]
		parts = append(rest[:1], rest[2:]...)
	}
	if r.User == "" {
		return r, errors.New("it names no user")
	}
	if len(parts) > 1 {
		r.Secret = parts[1]
	}
	if len(parts) > 2 {
		r.AuthUser = parts[2]
	}
	return r, nil
}

// isPort says whether a text is the number of a port.
func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// setServer reads host[:port][/extension][~seconds].
func (r *Register) setServer(v string) error {
	if i := strings.LastIndexByte(v, '~'); i >= 0 {
		n, err := strconv.Atoi(v[i+1:])
		if err != nil || n < 1 || n > 1<<31-1 {
			return fmt.Errorf("%q behind the ~ is no number of seconds", v[i+1:])
		}
		r.Expires, v = time.Duration(n)*time.Second, v[:i]
	}
	host, exten, _ := strings.Cut(v, "/")
	r.Exten = exten
	r.Host, r.Port = SplitHostPort(host)
	if r.Host == "" {
		return errors.New("it names no host")
	}
	if strings.Count(r.Host, ":") == 1 {
		return fmt.Errorf("%q names no port", r.Host)
	}
	return nil
}

// callback makes the registration that callbackextension= of an account asks
// for.
func (r *configReader) callback(p *Peer) {
	if p.Callback == "" {
		return
	}
	if p.Dynamic || p.Host == "" || p.Username == "" {
		r.warn(entry{Pos: posOf(p.Line)}, "nothing is registered: it needs a fixed host and a defaultuser",
			"callbackextension of '%s' can't be carried out", p.Name)
		return
	}
	secret := p.RemoteSecret
	if secret == "" {
		secret = p.Secret
	}
	r.set.Registers = append(r.set.Registers, Register{
		Peer: p.Name, Transport: p.Transport(), User: p.Username, Secret: secret, Host: p.Host, Port: p.Port, Exten: p.Callback, Line: p.Line,
	})
}
