package call

// WatchKeys has f told of every key that the channel's party presses, whoever else
// listens to it, until it is called again; nil ends it. f is called by the driver, in
// order, and returns at once.
func (c *Channel) WatchKeys(f func(key byte)) {
	c.mu.Lock()
	c.keys = f
	c.mu.Unlock()
}
