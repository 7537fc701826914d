package agi

func databaseCommands() []command {
	return []command{
		{words: "DATABASE DEL", args: "<family> <key>", dead: true, synopsis: "Removes a key from the database.", about: "result=1, or 0 where it was not there.", run: dbDel},
		{words: "DATABASE DELTREE", args: "<family> [<keytree>]", dead: true, synopsis: "Removes a family, or a part of one, from the database.",
			about: "result=0, or 1 where nothing was there: so says the original.", run: dbDelTree},
		{words: "DATABASE GET", args: "<family> <key>", dead: true, synopsis: "Returns a value of the database.", about: "result=1 (value), or 0 where there is none.", run: dbGet},
		{words: "DATABASE PUT", args: "<family> <key> <value>", dead: true, synopsis: "Puts a value into the database.", about: "result=1, or 0 where it could not be written.", run: dbPut},
	}
}

// noDatabase is where there is none.
type noDatabase struct{}

func (noDatabase) Get(_, _ string) (string, bool)      { return "", false }
func (noDatabase) Put(_, _, _ string) error            { return errFailed }
func (noDatabase) Delete(_, _ string) (bool, error)    { return false, nil }
func (noDatabase) DeleteTree(_, _ string) (int, error) { return 0, nil }

func (s *session) db() Database {
	if s.d.DB == nil {
		return noDatabase{}
	}
	return s.d.DB
}

func dbGet(s *session, args []string) (string, error) {
	if len(args) != 2 {
		return "", errUsage
	}
	v, ok := s.db().Get(args[0], args[1])
	if !ok {
		return "result=0", nil
	}
	return value(v), nil
}

func dbPut(s *session, args []string) (string, error) {
	if len(args) != 3 {
		return "", errUsage
	}
	if err := s.db().Put(args[0], args[1], args[2]); err != nil {
		s.x.Warnf("DATABASE PUT: %v", err)
		return "result=0", nil
	}
	return "result=1", nil
}

func dbDel(s *session, args []string) (string, error) {
	if len(args) != 2 {
		return "", errUsage
	}
	found, err := s.db().Delete(args[0], args[1])
	if err != nil {
		s.x.Warnf("DATABASE DEL: %v", err)
	}
	if !found || err != nil {
		return "result=0", nil
	}
	return "result=1", nil
}

func dbDelTree(s *session, args []string) (string, error) {
	if len(args) < 1 || len(args) > 2 {
		return "", errUsage
	}
	tree := ""
	if len(args) == 2 {
		tree = args[1]
	}
	if args[0] == "" {
		return "", errUsage // and never all
	}
	n, err := s.db().DeleteTree(args[0], tree)
	if err != nil {
		s.x.Warnf("DATABASE DELTREE: %v", err)
	}
	if n > 0 {
		return "result=0", nil
	}
	return "result=1", nil
}
