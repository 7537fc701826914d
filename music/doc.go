// Package music is what people hear who wait: the classes of musiconhold.conf, the
// player that gives it to a channel, and the applications that turn it on and off.
//
// Of a class of files each listener has his own place, which he comes back to; what a
// program plays, all listeners of its class hear at once, and the program runs only
// while somebody listens.
package music
