package qualify

import (
	"math/rand/v2"
	"runtime"
	"time"

	"obelus/chansip/sipconf"
)

// askAll has the phones asked that the settings want asked and that are not asked
// yet, spread over time: after a start thousands of phones are known at once, and
// what asks them all in one moment is a flood, again and again, as each is asked
// anew after the same pause.
//
// As in the original qualifypeers of them are asked, then after qualifygap the next;
// but each has had its turn when its qualifyfreq has passed. The original, whose
// turn of the last of 10,000 phones comes after a quarter of an hour, does not know of
// most phones after a start whether they are there.
func (q *Phones) askAll(set *sipconf.Settings) {
	begin, freq := q.unasked(set)
	gap := max(set.General.QualifyGap, time.Millisecond) / time.Duration(max(set.General.QualifyPeers, 1))
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, key := range begin {
		if q.phones[key] == nil {
			q.begin(key, turn(i, len(begin), time.Duration(len(begin))*gap, freq[i]))
		}
	}
}

// unasked lists the phones that are to be asked and are not asked yet, and how often
// each is to be.
func (q *Phones) unasked(set *sipconf.Settings) (phones []phoneKey, freq []time.Duration) {
	add := func(p *sipconf.Peer, contact string) {
		q.mu.Lock()
		known := q.phones[phoneKey{p.Name, contact}] != nil
		q.mu.Unlock()
		if !known {
			phones, freq = append(phones, phoneKey{p.Name, contact}), append(freq, Freq(p, set))
		}
	}
	for _, p := range set.Peers {
		if !asked(p) {
			continue
		}
		runtime.Gosched() // calls go first, where there is one processor
		registered := q.c.Reach.Registered(p)
		for i := range registered {
			add(p, registered[i].Contact)
		}
		if len(registered) == 0 {
			add(p, "")
		}
	}
	return phones, freq
}

// turn is when the i-th of n has its turn, if all have had theirs after all, or sooner
// where this one must not wait as long as that.
func turn(i, n int, all, most time.Duration) time.Duration {
	step := max(min(all, most)/time.Duration(n), 1)
	return time.Duration(i)*step + rand.N(step)
}
