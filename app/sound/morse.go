package sound

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"obelus/pbx"
)

func morsecode() pbx.Application {
	return pbx.Application{
		Name: "Morsecode",
		Run: func(ctx context.Context, x *pbx.Exec, data string) error {
			if data == "" {
				x.Warn("Syntax: Morsecode(<string>) - no argument found")
				return nil
			}
			m := morse{dit: number(x, "MORSEDITLEN", 80, 10), tone: number(x, "MORSETONE", 800, 0), american: strings.EqualFold(x.Get("MORSETYPE"), "AMERICAN")}
			if m.tone >= 4000 {
				m.tone = 800
			}
			if err := opened(x); err != nil {
				return err
			}
			for i := range len(data) {
				spec := m.letter(data[i])
				if spec == "" {
					continue
				}
				if _, err := playTone(ctx, x.Channel(), spec, ""); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// number reads a variable that holds a number; other where it holds none.
func number(x *pbx.Exec, name string, other, least int) int {
	if n, err := strconv.Atoi(strings.TrimSpace(x.Get(name))); err == nil && n >= least && n <= 10_000 {
		return n
	}
	return other
}

// morse is how fast and how high it is sent: milliseconds and hertz.
type morse struct {
	dit, tone int
	american  bool
}

// letter is the tone of one character with the pause behind it, "" for one that
// has none.
func (m morse) letter(c byte) string {
	if c == ' ' {
		return fmt.Sprintf("!0/%d", 4*m.dit)
	}
	code := morseCodes()[strings.ToUpper(string(c))]
	if m.american {
		if other, ok := americanCodes()[strings.ToUpper(string(c))]; ok {
			code = other
		}
	}
	if code == "" {
		return ""
	}
	var parts []string
	for _, sign := range code {
		if n := map[rune]int{'.': 1, '-': 3, '=': 6}[sign]; n > 0 {
			parts = append(parts, fmt.Sprintf("!%d/%d,!0/%d", m.tone, n*m.dit, m.dit))
		} else { // a pause within a letter
			parts = append(parts, fmt.Sprintf("!0/%d", m.dit))
		}
	}
	return strings.Join(parts, ",") + fmt.Sprintf(",!0/%d", 2*m.dit)
}

// morseCodes is the international code (ITU-R M.1677).
func morseCodes() map[string]string {
	return map[string]string{
		"A": ".-", "B": "-...", "C": "-.-.", "D": "-..", "E": ".", "F": "..-.", "G": "--.", "H": "....", "I": "..", "J": ".---", "K": "-.-",
		"L": ".-..", "M": "--", "N": "-.", "O": "---", "P": ".--.", "Q": "--.-", "R": ".-.", "S": "...", "T": "-", "U": "..-", "V": "...-",
		"W": ".--", "X": "-..-", "Y": "-.--", "Z": "--..", "0": "-----", "1": ".----", "2": "..---", "3": "...--", "4": "....-", "5": ".....",
		"6": "-....", "7": "--...", "8": "---..", "9": "----.", ".": ".-.-.-", ",": "--..--", "?": "..--..", "'": ".----.", "!": "-.-.--",
		"/": "-..-.", "(": "-.--.", ")": "-.--.-", "&": ".-...", ":": "---...", ";": "-.-.-.", "=": "-...-", "+": ".-.-.", "-": "-....-",
		"_": "..--.-", "\"": ".-..-.", "$": "...-..-", "@": ".--.-.", "*": "-..-",
	}
}

// americanCodes is the letters in which the American code differs; a space is a
// pause within the letter, = a long dash.
func americanCodes() map[string]string {
	return map[string]string{
		"C": ".. .", "F": ".-.", "J": "-.-.", "L": "=", "O": ". .", "P": ".....", "Q": "..-.", "R": ". ..", "X": ".-..", "Y": ".. ..", "Z": "... .",
		"0": "=", "1": ".--.", "2": "..-..", "3": "...-.", "4": "....-", "5": "---", "6": "......", "7": "--..", "8": "-....", "9": "-..-",
		".": "..--..", ",": ".-.-", "?": "-..-.", "!": "---.", "&": ". ...",
	}
}
