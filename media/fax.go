package media

// FaxParameter is one of the capabilities that two fax machines tell each other
// before they talk T.38, by its name in ITU-T T.38 table D.1: T38FaxVersion,
// T38MaxBitRate. One that is there or not has no value.
type FaxParameter struct{ Name, Value string }
