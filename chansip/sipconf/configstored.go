package sipconf

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// parseSpan reads message_expiry=: seconds, or a number of minutes, hours or days: 90,
// 15m, 12h, 30d.
func parseSpan(v string) (time.Duration, error) {
	n, unit, err := counted(v, map[string]int64{
		"": int64(time.Second), "s": int64(time.Second), "m": int64(time.Minute), "h": int64(time.Hour), "d": int64(24 * time.Hour),
	})
	if err != nil || n < 1 {
		return 0, errors.New("it is no time: seconds, or a number with s, m, h or d behind it")
	}
	return time.Duration(n * unit), nil
}

// parseBytes reads max_stored_bytes=: bytes, or a number of KB, MB or GB: 256M.
func parseBytes(v string) (int64, error) {
	n, unit, err := counted(v, map[string]int64{"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30})
	if err != nil {
		return 0, errors.New("it is no size: bytes, or a number with K, M or G behind it")
	}
	return n * unit, nil
}

// counted reads a whole number and its unit.
func counted(v string, units map[string]int64) (n, unit int64, err error) {
	v = strings.ToLower(strings.TrimSpace(v))
	digits := strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz")
	unit, ok := units[strings.TrimSpace(v[len(digits):])]
	n, err = strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
	switch {
	case err != nil:
		return 0, 0, err
	case !ok || n < 0 || n > math.MaxInt64/unit:
		return 0, 0, strconv.ErrRange
	}
	return n, unit, nil
}
