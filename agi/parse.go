package agi

// parseArgs splits a command into words as the original does: at blanks and tabs
// outside of double quotes, a backslash taking the meaning away from whatever
// follows. A quote that begins a word keeps it even where nothing is in it. Words
// beyond max are left out, and ok says so.
func parseArgs(s string, max int) (words []string, ok bool) {
	var word []byte
	quoted, escaped, between := false, false, true
	begin := func() bool {
		if !between {
			return true
		}
		if len(words) >= max {
			return false
		}
		words = append(words, "")
		word, between = nil, false
		return true
	}
	end := func() {
		if !between {
			words[len(words)-1] = string(word)
			between = true
		}
	}
	ok = true
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"' && !escaped:
			if quoted = !quoted; quoted && !begin() {
				return words, false
			}
			continue
		case (c == ' ' || c == '\t') && !quoted && !escaped:
			end()
			continue
		case c == '\\' && !escaped:
			escaped = true
			continue
		}
		if !begin() {
			return words, false
		}
		word = append(word, c)
		escaped = false
	}
	end()
	return words, ok
}
