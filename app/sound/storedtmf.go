package sound

import (
	"context"
	"strconv"
	"strings"
	"sync"

	"obelus/dialplan/expand"
	"obelus/pbx"
)

func storeDTMF() pbx.Application {
	return pbx.Application{
		Name: "StoreDTMF",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			args := expand.Args(data, 2)
			name, ch := strings.TrimSpace(expand.Arg(args, 0)), x.Channel()
			if name == "" {
				ch.WatchKeys(nil)
				return nil
			}
			most, err := strconv.Atoi(strings.TrimSpace(expand.Arg(args, 1)))
			if s := expand.Arg(args, 1); s != "" && (err != nil || most < 0) {
				x.Warnf("Invalid number of digits: %s", s)
				return nil
			}
			var mu sync.Mutex
			stored := ""
			ch.Vars.Set(name, "")
			ch.WatchKeys(func(key byte) {
				mu.Lock()
				defer mu.Unlock()
				if most > 0 && len(stored) >= most || len(stored) >= maxRead {
					return
				}
				stored += string(key)
				ch.Vars.Set(name, stored)
			})
			return nil
		},
	}
}
