package main

import (
	"context"
	"log/slog"

	"obelus/media/codec"
	"obelus/media/codec/opus"
)

// openCodecs makes the set of codecs. Without the module, or with one that can't
// be used, there is all but an encoder of Opus; the encoders are nil then.
func openCodecs(ctx context.Context, path string, log *slog.Logger) (*codec.Set, *opus.Encoders) {
	if path == "" {
		return codec.NewSet(codec.Options{}), nil
	}
	e, err := opus.Open(ctx, path, log)
	if err != nil {
		log.Warn("Opus is decoded and passed through, not made", "why", err)
		return codec.NewSet(codec.Options{}), nil
	}
	log.Debug("Opus is made", "module", path)
	return codec.NewSet(codec.Options{Opus: e}), e
}
