package texts

import (
	"context"
	"errors"
	"strings"
	"time"

	"obelus/console"
	"obelus/message"
)

// sendTime is how long the console waits for a phone that says nothing.
const sendTime = 10 * time.Second

// send sends a text from the server itself: to the phones of an account, or to somebody
// at a host. It goes past the dialplan, which has texts of phones.
func (c commands) send(ctx context.Context, s *console.Session, args []string) error {
	if len(args) < 2 {
		return console.ErrUsage
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	m := &message.Message{
		To: args[0], ContentType: message.PlainText, Body: []byte(strings.Join(args[1:], " ")), At: time.Now(),
	}
	err := message.Senders{"sip": c.shelf, "": c.shelf}.Send(ctx, m)
	switch {
	case err == nil:
		s.Printf("The message to '%s' is sent, or waits for its phone.\n", plain(args[0]))
	case errors.Is(err, context.DeadlineExceeded):
		s.Printf("The message to '%s' was not answered within %v.\n", plain(args[0]), sendTime)
	default:
		s.Printf("The message to '%s' was not sent: %s: %s\n", plain(args[0]), message.Status(err), plain(err.Error()))
	}
	return nil
}
