package crash

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // reads cdr.db as anybody may
)

// A call does not wait for the disk: its record follows, in a moment or, where the disk
// stands still, later. Records are written in the order of their calls.
const (
	// overlap is how much later a call must have been answered to be sure that its record
	// is later as well.
	overlap = 200 * time.Millisecond
	// begun is how long before the server acknowledged anything for the last time a call
	// must have been answered for its record to be there whatever became of others.
	begun = time.Second
)

// promised says of a call, by when it was answered, whether its record must be there:
// there is that of a later call, or there is none at all although there was time.
func (l *ledger) promised(calls map[string]time.Time, kept map[string]int) func(answered time.Time) bool {
	var latest time.Time
	for number, at := range calls {
		if kept[number] > 0 && at.After(latest) {
			latest = at
		}
	}
	l.mu.Lock()
	last := l.last
	l.mu.Unlock()
	return func(answered time.Time) bool {
		if latest.IsZero() {
			return last.Sub(answered) > begun
		}
		return latest.Sub(answered) > overlap
	}
}

// checkRecords looks for the record of each call that was answered: once in cdr.db, once
// in Master.csv. A call that was up when the server died has one as well.
func (c *crowd) checkRecords(ctx context.Context, s *server) (lost []string, err error) {
	calls := c.l.answers()
	for until := time.Now().Add(patience); ; pause(ctx, 50*time.Millisecond) {
		kept, err := s.kept(ctx)
		if err != nil {
			return nil, err
		}
		written, err := s.written()
		if err != nil {
			return nil, err
		}
		lost = lost[:0]
		promised := c.l.promised(calls, kept)
		for number, at := range calls {
			n, m := kept[number], written[number]
			if n == 1 && m == 1 || n == 0 && m == 0 && !promised(at) {
				continue
			}
			lost = append(lost, fmt.Sprintf("record: the call to %s, answered %v before the kill, is %d times in cdr.db and %d times in Master.csv", number, s.killed.Sub(at), n, m))
		}
		// What is in cdr.db is on its way to Master.csv.
		if len(lost) == 0 || !s.promises || time.Now().After(until) {
			return lost, nil
		}
	}
}

// kept is how often each number is in cdr.db.
func (s *server) kept(ctx context.Context) (map[string]int, error) {
	out := make(map[string]int)
	name := filepath.Join(s.data(), "cdr.db")
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return out, nil // nothing is kept
	}
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(name)+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "SELECT dst, count(*) FROM cdr GROUP BY dst")
	if err != nil {
		return nil, fmt.Errorf("read call records: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var dst string
		var n int
		if err := rows.Scan(&dst, &n); err != nil {
			return nil, err
		}
		out[dst] = n
	}
	return out, rows.Err()
}

// written is how often each number is in Master.csv.
func (s *server) written() (map[string]int, error) {
	out := make(map[string]int)
	f, err := os.Open(filepath.Join(s.data(), "cdr-csv", "Master.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil // no call has ended yet
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for r := csv.NewReader(f); ; {
		line, err := r.Read()
		if err != nil {
			break // the end, or a line that is being written
		}
		if len(line) > 2 {
			out[line[2]]++
		}
	}
	return out, nil
}
