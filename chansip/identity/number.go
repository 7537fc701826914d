package identity

import "strings"

// Shrunk is a caller's number as shrinkcallerid=yes, the default, has it: without the
// round brackets, blanks, dashes and dots that only part its digits. One that is no
// telephone number stays as it is.
func Shrunk(number string) string {
	if !Phone(number) || !strings.ContainsAny(number, " ()-.") {
		return number
	}
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(" ()-.", c) {
			return -1
		}
		return c
	}, number)
}

// Phone says whether a user part is a telephone number: digits, * # + and what parts
// them.
func Phone(user string) bool {
	return strings.Trim(user, "0123456789*#+ ()-.") == "" && strings.ContainsAny(user, "0123456789*#")
}
