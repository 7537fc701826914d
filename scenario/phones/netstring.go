package phones

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// longestNetstring is more than any event of baresip takes.
const longestNetstring = 1 << 20

// readNetstrings copies each netstring ("5:hello,") from in to out as a line,
// until in ends or is none.
func readNetstrings(in io.Reader, out io.Writer) {
	reader := bufio.NewReader(in)
	for {
		text, err := readNetstring(reader)
		if err != nil {
			if err != io.EOF && !errors.Is(err, net.ErrClosed) {
				_, _ = fmt.Fprintf(out, "control connection: %v\n", err)
			}
			return
		}
		_, _ = fmt.Fprintf(out, "%s\n", text)
	}
}

// readNetstring reads one; io.EOF when there is none left.
func readNetstring(in *bufio.Reader) (string, error) {
	digits, err := in.ReadString(':')
	if err == io.EOF && digits == "" {
		return "", io.EOF
	}
	if err != nil {
		return "", fmt.Errorf("read the length of a netstring: %w", err)
	}
	length, err := strconv.ParseUint(strings.TrimSuffix(digits, ":"), 10, 32)
	if err != nil || length > longestNetstring {
		return "", fmt.Errorf("netstring of length %q", digits)
	}
	text := make([]byte, length+1)
	if _, err := io.ReadFull(in, text); err != nil {
		return "", fmt.Errorf("read a netstring: %w", err)
	}
	if text[length] != ',' {
		return "", fmt.Errorf("netstring ends in %q, not a comma", text[length])
	}
	return string(text[:length]), nil
}
