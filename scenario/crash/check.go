package crash

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"obelus/sip"
)

// check asks the server of everything that it has promised, and returns what it did not
// keep.
func (c *crowd) check(ctx context.Context, s *server) (lost []string, err error) {
	lost, err = c.checkMovers(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.home(ctx, func(int) bool { return true }); err != nil {
		return nil, err
	}
	for until := time.Now().Add(patience); len(c.l.unread()) > 0 && time.Now().Before(until) && s.promises; {
		pause(ctx, 20*time.Millisecond)
	}
	for _, body := range c.l.unread() {
		lost = append(lost, "text: "+body)
	}
	keys, err := s.console(ctx, "database show crash")
	if err != nil {
		return nil, err
	}
	for _, number := range c.l.numbers() {
		if !strings.Contains(keys, "/crash/"+number+" ") {
			lost = append(lost, "key: of the call to "+number)
		}
	}
	records, err := c.checkRecords(ctx, s)
	if err != nil {
		return nil, err
	}
	c.l.forget()
	return append(lost, records...), nil
}

// checkMovers has each account ask where it is registered.
func (c *crowd) checkMovers(ctx context.Context) (lost []string, err error) {
	for i := range movers {
		user := strconv.Itoa(firstMover + i)
		got, err := c.movers[i/accountsPerMoverSocket].ask(ctx, request{method: sip.REGISTER, user: user})
		if err != nil {
			return nil, err
		}
		at, err := placeOf(got.answer)
		if err != nil {
			return nil, fmt.Errorf("the registration of %s: %w", user, err)
		}
		if err := c.l.found(user, at); err != nil {
			lost = append(lost, err.Error())
		}
	}
	return lost, nil
}

// placeOf reads where an account is registered.
func placeOf(m *sip.Message) (place, error) {
	if m.StatusCode() != 200 {
		return place{}, fmt.Errorf("asked for, it is answered %d", m.StatusCode())
	}
	var at []place
	for contact, err := range m.Contacts() {
		if err != nil {
			return place{}, err
		}
		seconds, _ := contact.Expires()
		at = append(at, place{strings.Clone(contact.Addr), time.Now().Add(time.Duration(seconds) * time.Second)})
	}
	switch len(at) {
	case 0:
		return place{}, nil
	case 1:
		return at[0], nil
	}
	return place{}, fmt.Errorf("it is in %d places", len(at))
}

// home has the readers register that are to be there, and the others go away.
func (c *crowd) home(ctx context.Context, there func(i int) bool) error {
	for i, p := range c.readers {
		user := strconv.Itoa(firstReader + i)
		headers := "Contact: *\r\nExpires: 0\r\n"
		if there(i) {
			headers = fmt.Sprintf("Contact: <sip:%s@%s>\r\nExpires: 3600\r\n", user, p.local)
		}
		got, err := p.ask(ctx, request{method: sip.REGISTER, user: user, headers: headers})
		if err != nil {
			return err
		}
		if got.answer.StatusCode() != 200 {
			return fmt.Errorf("%s registers, and is answered %d", user, got.answer.StatusCode())
		}
	}
	return nil
}

// shown asks the console about the same, as a person would.
func (c *crowd) shown(ctx context.Context, s *server) error {
	peers, err := s.console(ctx, "sip show peers")
	if err != nil {
		return err
	}
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	for user, m := range c.l.moves {
		line, has := "", false
		for line = range strings.Lines(peers) {
			if has = strings.HasPrefix(line, user+"/") || strings.HasPrefix(line, user+" "); has {
				break
			}
		}
		if is := strings.Contains(line, "127.0.0.1"); !has || is != (m.promised.contact != "") {
			return fmt.Errorf("sip show peers has %q of %s, which is at %s", line, user, m.promised)
		}
	}
	waiting, err := s.console(ctx, "message show waiting")
	if err != nil {
		return err
	}
	if !strings.Contains(waiting, " messages waiting for ") {
		return fmt.Errorf("message show waiting prints\n%s", waiting)
	}
	records, err := s.console(ctx, "cdr show status")
	if err != nil {
		return err
	}
	if !strings.Contains(records, "Call Detail Record (CDR) settings") || !strings.Contains(records, "csv") {
		return fmt.Errorf("cdr show status prints\n%s", records)
	}
	return nil
}
