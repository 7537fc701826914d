package say

// grammars is the table of languages, by the names that the original gives them.
func grammars(language string) (grammar, bool) {
	en := dates{
		format: "ABdY 'digits/at' IMp", day: englishOrdinal, year: englishYear, number: english,
		noon: [2]string{"digits/a-m", "digits/p-m"}, oh: true, oclock: "digits/oclock",
	}
	switch language {
	case "en":
		return grammar{english, englishOrdinal, en}, true
	case "en_gb":
		en.format = "AdBY 'digits/at' IMp"
		en.number = british
		return grammar{british, englishOrdinal, en}, true
	}
	return grammar{}, false
}
