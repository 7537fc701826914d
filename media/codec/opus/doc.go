// Package opus makes encoders of Opus (RFC 6716) out of libopus as WebAssembly,
// which a file brings: opus.wasm of the npm package @evan/wasm, fetched by `make
// opus`. So the program stays pure Go, and is whole without the file: Opus is
// then decoded and passed through, and not made.
package opus
