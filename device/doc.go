// Package device is what lamps show: the states of devices (SIP/100, Custom:night),
// of the extensions that stand for them (the hints of the dialplan), and the
// presence of people (CustomPresence:ann).
//
// A [Board] is asked for a state and finds it where it is: with the driver, in the
// database. Whoever changes one says so ([Board.Changed]), which never blocks; one
// worker looks at what has changed, works out the extensions that it concerns, and
// tells those who watch them. Many changes of one device may come out as one, but
// never without the last: the worker looks after it was told.
//
// [Hints] are those of the dialplan. A pattern (_1XX) gives a hint for each
// extension that is asked about.
package device
