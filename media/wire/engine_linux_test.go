package wire

import (
	"log/slog"
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
