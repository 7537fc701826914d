package features

import (
	"context"
	"strings"
	"time"

	"obelus/call"
)

// leave is what follows when who transfers has hung up before the target has answered: the transferee waits for that, in the bridge.
func (c *consult) leave(unhold *func()) {
	if c.c.DropCall || c.b.Vacate(c.ch) != nil {
		c.target.Hangup(call.CauseNormalClearing)
		c.b.Close()
		return
	}
	transferred(c.ch, c.other, "ATTENDEDTRANSFER")
	(*unhold)()
	*unhold = func() {}
	from := c.ch.Identity()
	go c.settle(from)
}

// settle sees to it that the transferee gets somebody to talk to: the target, else who has transferred it, who is called back, and so on. It ends
// with the bridge.
func (c *consult) settle(from call.Identity) {
	if c.over != nil {
		defer func() { c.over.Stop() }()
	}
	c.unring = func() {}
	defer func() { c.unring() }()
	if c.rings {
		c.unring = ring(c.other)
	}
	for try := 0; ; try++ {
		if try > 0 && !c.again(from) {
			break
		}
		if c.await() {
			return
		}
		if try >= c.c.CallbackRetries || !c.callBack() {
			break
		}
		if c.await() {
			return
		}
	}
	c.other.Log().Info("an attended transfer: neither the target nor who transferred is to be had", "to", c.exten)
	c.b.Close()
}

// again calls the target once more, after a while.
func (c *consult) again(from call.Identity) bool {
	if c.c.LoopDelay > 0 {
		t := time.NewTimer(c.c.LoopDelay)
		defer t.Stop()
		select {
		case <-c.b.Closed():
			return false
		case <-t.C:
		}
	}
	return c.dial(from) == nil
}

// callBack calls who has transferred.
func (c *consult) callBack() bool {
	to, _, ok := cutLast(c.ch.Name(), "-") // SIP/1001 of SIP/1001-0000002a
	if !ok || strings.HasPrefix(to, "Local/") {
		return false
	}
	channels, err := c.d.dialers.Dial(context.Background(), to, call.Request{
		From: c.other, Identity: call.Identity{Caller: c.other.Identity().Caller}, Inbox: c.box, Timeout: c.c.NoAnswer, Anchor: "an attended transfer",
	})
	if err != nil {
		c.other.Log().Info("an attended transfer: who transferred could not be called back", "who", to, "why", err)
		return false
	}
	for _, more := range channels[1:] {
		more.Hangup(call.CauseNormalClearing)
	}
	c.target, c.rings = channels[0], false
	c.wait()
	return true
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// await waits for whoever is called, and connects it with the transferee; false when that came to nothing.
func (c *consult) await() bool {
	for {
		select {
		case <-c.b.Closed():
			c.target.Hangup(call.CauseNormalClearing)
			return true
		case <-c.overdue():
			c.target.Hangup(call.CauseNoAnswer)
			return false
		case <-c.box.C:
		}
		for e, ok := c.box.Take(); ok; e, ok = c.box.Take() {
			answered, over := c.heard(e, c.other)
			if over {
				c.target.Hangup(call.CauseNormalClearing)
				return false
			}
			if answered {
				c.unring()
				c.unring = func() {}
				c.target.Vars.Set("ATTENDEDTRANSFER", c.ch.Name())
				call.Acquaint(c.other, c.target)
				return c.target.Do(c.b.Order()) == nil
			}
		}
	}
}
