package pgtest

import (
	"strings"
	"testing"
)

// TestServer has a server keep what it was told when it is killed.
func TestServer(t *testing.T) {
	s := Start(t)
	db := s.Database(t)
	s.Run(t, db, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1), (2)")
	for range 3 {
		s.Kill()
		s.Again(t)
	}
	if got := strings.Fields(s.Run(t, db, "SELECT n FROM kept ORDER BY n")); len(got) != 2 || got[1] != "2" {
		t.Errorf("after a kill there is %q", got)
	}
	if db2 := s.Database(t); db2 == db || !strings.Contains(s.DSN(db2), db2) {
		t.Errorf("%s after %s", s.DSN(db2), db)
	}
}
