package chansip

// RingsInband says whether the caller's phone is told that it rings, and whether it
// hears so: with progressinband=yes both, with no what it hears once sound of ours
// reaches it, with never what it is told.
func (l *leg) RingsInband() (told, heard bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.peer.ProgressInband == "yes":
		return true, true
	case l.peer.ProgressInband == "no" && l.early:
		return false, true
	}
	return true, false
}
