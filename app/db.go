package app

import (
	"context"
	"strings"

	"obelus/pbx"
)

// Database is the dialplan's database, as far as applications change it. They return when a change is durable.
type Database interface {
	Delete(family, key string) (found bool, err error)
	DeleteTree(family, keytree string) (removed int, err error)
}

func dbDel(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "DBdel",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			family, key, ok := strings.Cut(data, "/")
			if !ok {
				x.Warn("DBdel requires an argument (family/key)")
				return nil
			}
			x.Verbose(3, "DBdel: family="+family+", key="+key)
			if d.DB == nil {
				return nil
			}
			if _, err := d.DB.Delete(family, key); err != nil {
				x.Warnf("DBdel: Error deleting key from database: %v", err)
			}
			return nil
		},
	}
}

func dbDelTree(d *Deps) pbx.Application {
	return pbx.Application{
		Name: "DBdeltree",
		Run: func(_ context.Context, x *pbx.Exec, data string) error {
			family, keytree, has := strings.Cut(data, "/")
			if family == "" {
				x.Warn("DBdeltree requires an argument (family[/keytree])") // and never removes all
				return nil
			}
			if has {
				x.Verbose(3, "DBdeltree: family="+family+", keytree="+keytree)
			} else {
				x.Verbose(3, "DBdeltree: family="+family)
			}
			if d.DB == nil {
				return nil
			}
			if _, err := d.DB.DeleteTree(family, keytree); err != nil {
				x.Warnf("DBdeltree: Error deleting key from database: %v", err)
			}
			return nil
		},
	}
}
