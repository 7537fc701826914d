package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"obelus/store"
)

// TestExplain tells errors that go away by themselves from those that somebody has to do something about.
func TestExplain(t *testing.T) {
	e := &Engine{where: "db:5432/obelus"}
	for _, tt := range []struct {
		err  error
		want error // nil: none of store's
	}{
		{&pgconn.PgError{Code: "57P01"}, store.ErrUnavailable}, // it stops
		{&pgconn.PgError{Code: "57P03"}, store.ErrUnavailable}, // it starts
		{&pgconn.PgError{Code: "57014"}, store.ErrUnavailable}, // it took too long
		{&pgconn.PgError{Code: "25006"}, store.ErrUnavailable}, // a standby
		{&pgconn.PgError{Code: "53300"}, store.ErrUnavailable}, // too many connections
		{&pgconn.PgError{Code: "53100"}, store.ErrFull},
		{&pgconn.PgError{Code: "28P01"}, nil},
		{&pgconn.PgError{Code: "42501"}, nil},
		{io.ErrUnexpectedEOF, store.ErrUnavailable},
		{context.DeadlineExceeded, store.ErrUnavailable},
		{pgconn.ErrConnClosed, store.ErrUnavailable},
		{fmt.Errorf("x: %w", store.ErrNewer), store.ErrNewer},
		{errors.New("a value of the wrong type"), nil},
	} {
		got := e.explain(fmt.Errorf("wrapped: %w", tt.err))
		for _, kind := range []error{store.ErrUnavailable, store.ErrFull, store.ErrNewer} {
			if errors.Is(got, kind) != (kind == tt.want) {
				t.Errorf("%v is explained as %v", tt.err, got)
			}
		}
	}
}
