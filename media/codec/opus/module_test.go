package opus

import (
	"os"
	"testing"
)

// What the made-up module does with the first sample of a frame.
const (
	failing  = 1 // answers with an error
	trapping = 2 // breaks down
)

// sections of a WebAssembly module.
const (
	sectionType, sectionImport, sectionFunction, sectionMemory = 1, 2, 3, 5
	sectionGlobal, sectionExport, sectionCode                  = 6, 7, 10
)

type function struct {
	name   string
	params int
	result bool
	body   []byte
}

// pretended are functions that look like the real module's from outside: memory
// that only grows, and an encoder whose packet is the frame's length and first
// sample.
func pretended() []function {
	return []function{
		{"malloc", 1, true, []byte{0x23, 0, 0x23, 0, 0x20, 0, 0x6a, 0x24, 0}}, // returns the mark, moves it up
		{"free", 1, false, nil},
		{"opus_encoder_get_size", 1, true, []byte{0x41, 16}},
		{"opus_encoder_init", 4, true, []byte{0x41, 0}},
		{"opus_encoder_ctl_set", 3, true, []byte{0x41, 0}},
		{"opus_encode", 5, true, []byte{
			0x20, 1, 0x2f, 1, 0, 0x41, trapping, 0x46, 0x04, 0x40, 0x00, 0x0b, // if sample = 2: unreachable
			0x20, 1, 0x2f, 1, 0, 0x41, failing, 0x46, 0x04, 0x40, 0x41, 0x7f, 0x0f, 0x0b, // if sample = 1: return -1
			0x20, 3, 0x20, 2, 0x3b, 1, 0, // out[0:2] = n
			0x20, 3, 0x20, 1, 0x2f, 1, 0, 0x3b, 1, 2, // out[2:4] = sample
			0x41, 4,
		}},
	}
}

func sized(b []byte) []byte { return append(leb(len(b)), b...) }

func leb(n int) []byte {
	var out []byte
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return append(out, byte(n))
}

func section(id byte, items ...[]byte) []byte {
	body := leb(len(items))
	for _, i := range items {
		body = append(body, i...)
	}
	return append([]byte{id}, sized(body)...)
}

// pretend assembles a module out of functions, with one import as the real one
// has.
func pretend(fs []function) []byte {
	var types, funcs, exports, codes [][]byte
	types = append(types, []byte{0x60, 1, 0x7f, 0}) // of the import
	for i, f := range fs {
		t := append([]byte{0x60}, leb(f.params)...)
		for range f.params {
			t = append(t, 0x7f)
		}
		if f.result {
			t = append(t, 1, 0x7f)
		} else {
			t = append(t, 0)
		}
		types = append(types, t)
		funcs = append(funcs, leb(i+1))
		exports = append(exports, append(append(sized([]byte(f.name)), 0), leb(i+1)...))
		codes = append(codes, sized(append(append([]byte{0}, f.body...), 0x0b)))
	}
	exports = append(exports, append(sized([]byte("memory")), 2, 0))
	imported := append(append(sized([]byte("env")), sized([]byte("emscripten_notify_memory_growth"))...), 0, 0)
	mark := append([]byte{0x7f, 1, 0x41}, 0x80, 0x08, 0x0b) // a number that changes, 1024 at first
	out := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range [][]byte{
		section(sectionType, types...), section(sectionImport, imported), section(sectionFunction, funcs...),
		section(sectionMemory, []byte{0, 2}), section(sectionGlobal, mark), section(sectionExport, exports...), section(sectionCode, codes...),
	} {
		out = append(out, s...)
	}
	return out
}

// realModule is the path of opus.wasm: OBELUS_OPUS, which make test sets, or
// beside the sources where make opus put it; "" without.
func realModule(t testing.TB) string {
	t.Helper()
	if p := os.Getenv("OBELUS_OPUS"); p != "" {
		if _, err := os.Stat(p); err != nil {
			t.Fatalf("OBELUS_OPUS: %v (make opus fetches it)", err)
		}
		return p
	}
	return Find("../../..", "/usr/share/obelus")
}
