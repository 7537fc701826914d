package agi

import (
	"encoding/binary"
	"errors"
	"os"
	"time"

	"obelus/call"
	"obelus/pbx"
)

// format is the sound that EAGI's script reads.
type format struct{ rate int }

// audioFormat is what EAGI_AUDIO_FORMAT says: raw samples of 16 bits, lowest byte
// first, at some rate.
func audioFormat(x *pbx.Exec) format {
	name := x.Get("EAGI_AUDIO_FORMAT")
	rates := map[string]int{"": 8000, "slin": 8000, "slin12": 12000, "slin16": 16000, "slin24": 24000, "slin32": 32000, "slin44": 44100, "slin48": 48000}
	rate, ok := rates[name]
	if !ok {
		x.Channel().Log().Error("Could not find requested format: " + name)
		return format{8000}
	}
	if name != "" {
		x.Verbose(3, "<"+x.Channel().Name()+"> Setting EAGI audio pipe format to "+name)
	}
	return format{rate}
}

// audioBacklog is how much sound waits for a script that reads slowly: a second.
// What is more is dropped.
const audioBacklog = 50

// hear writes what the phone says to w until stop is called.
func hear(ch *call.Channel, w *os.File, f format) (stop func(), err error) {
	h, ok := ch.Media().(call.Hearing)
	if !ok {
		return nil, errors.New("the channel can't be listened to")
	}
	frames := make(chan []byte, audioBacklog)
	deaf, err := h.Hear(f.rate, func(in, _ []int16) {
		b := make([]byte, 2*len(in))
		for i, v := range in {
			binary.LittleEndian.PutUint16(b[2*i:], uint16(v))
		}
		select {
		case frames <- b:
		default: // the script does not keep up
		}
	})
	if err != nil {
		return nil, err
	}
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		writeFrames(w, frames, over)
	}()
	return func() {
		deaf()
		close(over)
		// A write under way ends now; where that can't be said it ends with the pipe.
		if w.SetWriteDeadline(time.Unix(1, 0)) == nil {
			<-ended
		}
	}, nil
}

// writeFrames writes frames until over is closed, or nobody reads them.
func writeFrames(w *os.File, frames <-chan []byte, over <-chan struct{}) {
	for {
		select {
		case <-over:
			return
		case b := <-frames:
			if _, err := w.Write(b); err != nil {
				return
			}
		}
	}
}
