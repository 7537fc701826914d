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
		Name:     "DBdel",
		Synopsis: "Delete a key from the database.",
		Syntax:   "DBdel(family/key)",
		Description: `Deprecated in the original: Set(DB_DELETE(family/key)=) does the same. A key
that is not there is no error.`,
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
		Name:     "DBdeltree",
		Synopsis: "Delete a family or a part of one from the database.",
		Syntax:   "DBdeltree(family[/keytree])",
		Description: `Deletes every key of the family, or those at keytree and below it. What is not
there is no error.`,
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
