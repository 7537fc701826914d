package call

import "slices"

// watcher is told of every event of a channel.
type watcher struct{ f func(Event) }

// Watch has f told of everything that happens on the channel, whoever listens to it,
// until stop is called. f returns at once and calls nothing of the channel that tells
// of an event.
func (c *Channel) Watch(f func(Event)) (stop func()) {
	w := &watcher{f}
	c.mu.Lock()
	c.watchers = append(slices.Clone(c.watchers), w)
	c.mu.Unlock()
	return func() {
		c.mu.Lock()
		c.watchers = slices.DeleteFunc(slices.Clone(c.watchers), func(x *watcher) bool { return x == w })
		c.mu.Unlock()
	}
}
