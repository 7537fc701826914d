package call

// Behind sets what plays to the channel while it does other things, as PlayTones
// has it: stop ends it, and is called once, when something else takes its place,
// when the channel joins a bridge or ends. nil ends what there is. The channel's
// goroutine calls it.
func (c *Channel) Behind(stop func()) {
	c.mu.Lock()
	before := c.behind
	c.behind = stop
	c.mu.Unlock()
	if before != nil {
		before()
	}
}
