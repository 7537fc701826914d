// Package expand fills in the dialplan's ${...} and $[...].
//
// A [Template] is compiled once, when the dialplan is loaded; expanding it for
// a call looks up its variables and functions through an [Env] and evaluates
// its expressions with package expr. As in the original:
//
//   - ${name} is a variable, ${name:offset:length} a piece of it, and
//     ${NAME(arguments)} a dialplan function read; each may hold further ${...}
//     and $[...], which are filled in first, and the text that results decides
//     which of the three it is;
//   - $[...] is an expression; of dialplan functions it calls only those that
//     are written there, not such as come in with a value, where the original
//     calls both;
//   - anything else, a lone $ included, stays as it is;
//   - what was filled in is never looked at again. Only the function EVAL does that.
//
// # Bounds
//
// The original cuts in many places at 4096 bytes. Here a value is cut at
// [MaxValue] bytes and the whole result at [MaxResult], with a warning;
// ${...} and $[...] nest to [MaxDepth], and what is deeper is left empty with
// a warning.
package expand

import (
	"strconv"

	"obelus/dialplan/expr"
)

const (
	// MaxValue bounds what one variable, function or expression may fill in.
	MaxValue = 64 << 10
	// MaxResult bounds the text that one expansion may grow to.
	MaxResult = 256 << 10
	// MaxDepth bounds how deep ${...} and $[...] nest.
	MaxDepth = 64
)

// Env is what a template asks of the channel that it is expanded for. It is
// called only during the expansion, in the order of the text.
type Env interface {
	// Var is the value of a variable, false if there is none.
	Var(name string) (string, bool)
	// Call reads a dialplan function. The arguments arrive as they will be
	// used: any ${...} inside has been filled in. If it fails, nothing is
	// filled in and the error becomes a warning.
	Call(name, args string) (string, error)
	// Warn tells the operator what is wrong with the dialplan.
	Warn(msg string)
}

// Template is text with places to fill in. It never changes, so that any
// number of channels may expand it at once.
type Template struct {
	source string
	parts  []part // none: source is literal
}

// Compile prepares text. There is no bad text: what is wrong (a bracket that
// is never closed) is warned of at each expansion, as in the original.
func Compile(text string) *Template { return compile(text, 0) }

// Source is the text that the template was compiled from.
func (t *Template) Source() string { return t.source }

// Literal returns the text and true if there is nothing to fill in.
func (t *Template) Literal() (string, bool) { return t.source, t.parts == nil }

// Expand fills the template in.
func (t *Template) Expand(env Env) string {
	switch len(t.parts) {
	case 0:
		return t.source
	case 1:
		return t.parts[0].value(env)
	}
	var room [256]byte
	out := room[:0]
	for i := range t.parts {
		out = append(out, t.parts[i].value(env)...)
		if len(out) > MaxResult {
			return clip(string(out), MaxResult, env)
		}
	}
	return string(out)
}

// Expand fills in text that is used once.
func Expand(text string, env Env) string { return Compile(text).Expand(env) }

// An Env serves expressions too.
var _ expr.Env = Env(nil)

// clip cuts s to at most limit bytes.
func clip(s string, limit int, env Env) string {
	if len(s) <= limit {
		return s
	}
	env.Warn("a value of more than " + strconv.Itoa(limit) + " bytes was cut")
	return s[:limit]
}
