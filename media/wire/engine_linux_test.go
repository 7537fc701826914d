package wire

import (
	"log/slog"
	"runtime"
	"testing"
	"time"
)

// An engine that is closed while its shards are about to park closes.
func TestEpollClosesAtOnce(t *testing.T) {
	for range 300 {
		e, err := New(&Options{Engine: Epoll, Coalesce: time.Millisecond, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		e.Close()
	}
}

// A few legs share a shard, many are spread evenly.
func TestShardsFillUp(t *testing.T) {
	e := &epollEngine{shards: []*shard{new(shard), new(shard), new(shard)}}
	for range shardPorts {
		e.pick().ports.Add(1)
	}
	if n := e.shards[0].ports.Load(); n != shardPorts {
		t.Errorf("%d of %d ports are in the first shard", n, shardPorts)
	}
	for range 10 * shardPorts {
		e.pick().ports.Add(1)
	}
	for i, s := range e.shards {
		if n := s.ports.Load(); n < 3*shardPorts || n > 4*shardPorts {
			t.Errorf("shard %d has %d of %d ports", i, n, 11*shardPorts)
		}
	}
}

// The processor that napping shards need is there while one naps, and only then.
func TestSpare(t *testing.T) {
	before := runtime.GOMAXPROCS(runtime.NumCPU())
	defer runtime.GOMAXPROCS(before)
	var p spare
	for _, step := range []struct {
		do   func()
		want int
	}{{p.take, 1}, {p.take, 1}, {p.give, 1}, {p.give, 0}, {p.take, 1}, {p.give, 0}} {
		step.do()
		if more := runtime.GOMAXPROCS(0) - runtime.NumCPU(); more != step.want {
			t.Fatalf("%d more processors than cores, want %d", more, step.want)
		}
	}
	// Whoever set GOMAXPROCS otherwise knows why.
	runtime.GOMAXPROCS(runtime.NumCPU() + 2)
	p.take()
	p.give()
	if n := runtime.GOMAXPROCS(0); n != runtime.NumCPU()+2 {
		t.Errorf("%d processors, not those that were set", n)
	}
}

// A shard that naps gives the processor back with its last port.
func TestNapEndsWithTheLastPort(t *testing.T) {
	s := &shard{spare: new(spare)}
	s.ports.Store(1)
	s.settle()
	s.settle()
	if s.spare.napping != 1 {
		t.Fatalf("%d shards nap", s.spare.napping)
	}
	s.ports.Store(0)
	s.rest()
	s.rest()
	s.settle()
	if s.spare.napping != 0 || s.naps.Load() {
		t.Errorf("%d shards nap without a port", s.spare.napping)
	}
}
