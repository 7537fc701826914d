package texts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"obelus/console"
	"obelus/message"
	"obelus/message/waiting"
	"obelus/store"
	"obelus/store/memory"
)

// nobody is a house whose phones are all away.
type nobody struct{}

func (nobody) Send(context.Context, *message.Message) error { return message.ErrFailed }
func (nobody) Account(to string) (waiting.Account, bool) {
	return waiting.Account{Name: strings.TrimPrefix(to, "sip:"), Store: true, Expiry: time.Hour, Most: 10}, true
}
func (n nobody) Named(name string) (waiting.Account, bool) { return n.Account(name) }
func (nobody) Waits(string) bool                           { return false }
func (nobody) Phones(string) []waiting.Phone               { return nil }
func (nobody) Deliver(context.Context, string, string, *message.Message) error {
	return message.ErrFailed
}

// away is an engine that can't be read.
type away struct {
	memory.Engine
	is bool
}

func (a *away) Accounts(ctx context.Context, yield func(store.MessageCount) error) error {
	if a.is {
		return store.ErrUnavailable
	}
	return a.Engine.Accounts(ctx, yield)
}

func (a *away) Claim(ctx context.Context, c store.Claim) ([]store.Message, error) {
	if a.is {
		return nil, store.ErrUnavailable
	}
	return a.Engine.Claim(ctx, c)
}

func TestCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := &away{}
		shelf, err := waiting.Open(t.Context(), waiting.Config{
			Store: engine, Driver: nobody{}, Limits: func() waiting.Limits { return waiting.Limits{Messages: 10, Bytes: 1000} },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := errors.Join(shelf.Close(context.Background())); err != nil {
				t.Error(err)
			}
		}()
		for n := range 3 {
			m := &message.Message{From: "<sip:1001@h>\x1b[2J", To: "sip:100" + fmt.Sprint(2+n%2), ContentType: "text/plain", Body: []byte("xx")}
			if err := shelf.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		table := &console.Table{}
		table.Add(Commands(shelf)...)
		say := func(line string) string {
			var out bytes.Buffer
			table.Run(t.Context(), &console.Session{Writer: &out}, line)
			return out.String()
		}
		const row = `(?m)^1002 +2 +4  2000-01-01 \d\d:\d\d:\d\d  when a phone is there$`
		if got := say("message show waiting"); !regexp.MustCompile(row).MatchString(got) || !strings.HasSuffix(got, "3 messages waiting for 2 accounts\n") {
			t.Errorf("it shows\n%s", got)
		}
		got := say("message show waiting 1002")
		if strings.Contains(got, "\x1b") || strings.Count(got, "<sip:1001@h>?[2J") != 2 || !strings.HasSuffix(got, "2 messages waiting for 1002\n") {
			t.Errorf("it shows\n%s", got)
		}
		id := regexp.MustCompile(`(?m)^[0-9a-f]{24}`).FindString(got)
		for _, c := range []struct{ line, want string }{
			{"message delete " + id, "1 messages deleted\n"},
			{"message delete " + id, "Nothing that waits has the account or the ID '" + id + "', or it is just being delivered.\n"},
			{"message delete 1003", "1 messages deleted\n"},
			{"message show waiting 1003", "0 messages waiting for 1003\n"},
		} {
			if got := say(c.line); !strings.HasSuffix(got, c.want) {
				t.Errorf("%s: %q", c.line, got)
			}
		}
		engine.is = true
		for _, line := range []string{"message show waiting", "message show waiting 1002", "message delete 1002"} {
			if got := say(line); !strings.Contains(got, store.ErrUnavailable.Error()) {
				t.Errorf("%s: %q", line, got)
			}
		}
	})
}
