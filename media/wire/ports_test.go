package wire

import (
	"testing"
	"testing/synctest"
	"time"
)

// all takes what there is.
func (p *Range) all(now time.Time) (n int, ports map[int]bool) {
	ports = make(map[int]bool)
	for {
		port, ok := p.Take(now)
		if !ok {
			return n, ports
		}
		n++
		ports[port] = true
	}
}

func TestRangeGivesEvenPortsOnce(t *testing.T) {
	for _, c := range []struct{ start, end, pairs int }{
		{20000, 20001, 1}, {20001, 20009, 4}, {20000, 20004, 2}, {65534, 65535, 1}, {1, 65535, 32767},
	} {
		var p Range
		p.Init(c.start, c.end)
		n, ports := p.all(time.Now())
		if p.Pairs() != c.pairs || n != c.pairs || len(ports) != n {
			t.Errorf("%d to %d: %d pairs, %d taken, %d different", c.start, c.end, p.Pairs(), n, len(ports))
		}
		for port := range ports {
			if port%2 != 0 || port < c.start || port+1 > c.end {
				t.Errorf("%d to %d: port %d", c.start, c.end, port)
			}
		}
	}
}

func TestRangeRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Range
		p.Init(20000, 20005)
		p.all(time.Now())
		for _, port := range []int{20002, 19998, 20006} { // the others are not of this range
			p.Give(port)
		}
		if n, _ := p.all(time.Now()); n != 0 {
			t.Errorf("%d ports were given out that rest", n)
		}
		time.Sleep(Rest)
		if n, ports := p.all(time.Now()); n != 1 || !ports[20002] {
			t.Errorf("%v after the rest", ports)
		}
	})
}

func TestRangeMoves(t *testing.T) {
	now := time.Now()
	var p Range
	p.Init(20000, 20003)
	p.all(now)
	p.Move(20002, 20007)
	if n, ports := p.all(now); n != 2 || ports[20002] {
		t.Errorf("%v: 20002 stays taken", ports)
	}
	p.Move(20000, 20003)
	if n, ports := p.all(now); n != 1 || !ports[20000] {
		t.Errorf("%v: 20000 was forgotten", ports)
	}
}
