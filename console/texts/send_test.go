package texts

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"obelus/console"
	"obelus/message"
	"obelus/message/waiting"
	"obelus/store/memory"
)

// phones is a house whose only phone is 1001's; that of "slow" says nothing.
type phones struct {
	nobody
	got []*message.Message
}

func (p *phones) Account(string) (waiting.Account, bool) { return waiting.Account{}, false }

func (p *phones) Waits(string) bool { return false }

func (p *phones) Send(ctx context.Context, m *message.Message) error {
	switch {
	case strings.HasSuffix(m.To, "1001"):
		p.got = append(p.got, m)
		return nil
	case strings.HasSuffix(m.To, "slow"):
		<-ctx.Done()
		return context.Cause(ctx)
	}
	return message.ErrFailed
}

func TestSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		house := &phones{}
		shelf, err := waiting.Open(t.Context(), waiting.Config{
			Store: &memory.Engine{}, Driver: house, Limits: func() waiting.Limits { return waiting.Limits{} },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := shelf.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		table := &console.Table{}
		table.Add(Commands(shelf)...)
		for _, c := range []struct{ line, says, body string }{
			{"message send sip:1001 Hello there", "The message to 'sip:1001' is sent", "Hello there"},
			{`message send 1001 "Hello,  there: ${EXTEN}"`, "The message to '1001' is sent", "Hello,  there: ${EXTEN}"},
			{"message send SIP/1001 Zażółć", "The message to 'SIP/1001' is sent", "Zażółć"},
			{"message send sip:1002 Hello", "was not sent: FAILURE: ", ""},
			{"message send xmpp:1001 Hello", "was not sent: INVALID_PROTOCOL: ", ""},
			{"message send sip:slow Hello", "was not answered within 10s", ""},
			{"message send sip:1001", "Usage: message send <destination> <text>", ""},
		} {
			house.got = nil
			var out bytes.Buffer
			table.Run(t.Context(), &console.Session{Writer: &out}, c.line)
			if !strings.Contains(out.String(), c.says) {
				t.Errorf("%s: %s", c.line, out.String())
			}
			if c.body == "" {
				continue
			}
			if len(house.got) != 1 {
				t.Fatalf("%s: %d texts", c.line, len(house.got))
			}
			if m := house.got[0]; string(m.Body) != c.body || m.ContentType != message.PlainText || m.From != "" {
				t.Errorf("%s: sent %q of type %s from %s", c.line, m.Body, m.ContentType, m.From)
			}
		}
	})
}
