package rtp

import (
	"encoding/binary"

	"obelus/media"
	"obelus/media/codec"
	"obelus/media/dtmf"
	"obelus/media/packet"
)

// twin is the format that a packet of f can be turned into where it lies.
func twin(f media.Format) media.Format {
	switch f {
	case media.Ulaw:
		return media.Alaw
	case media.Alaw:
		return media.Ulaw
	}
	return media.None
}

// translate makes the packet one that the phone takes and returns its payload
// type there; false where that can't be done.
func (o *sender) translate(b []byte, h *packet.Header, p payload) (uint8, bool) {
	if p.format == media.TelephoneEvent {
		return o.translateEvent(h.Payload(b), p.clock)
	}
	pt := o.number(h.PT, p.format)
	if pt != noPayload {
		return pt, p.format != media.Red || o.renumber(h.Payload(b))
	}
	switch p.format {
	case media.Ulaw:
		if pt = o.numbers[media.Alaw]; pt != noPayload {
			codec.UlawToAlaw(h.Payload(b))
		}
	case media.Alaw:
		if pt = o.numbers[media.Ulaw]; pt != noPayload {
			codec.AlawToUlaw(h.Payload(b))
		}
	}
	return pt, pt != noPayload
}

// number is the phone's payload type for a format. Where it has several (two
// profiles of H.264) the number that both sides share is meant.
func (o *sender) number(pt uint8, f media.Format) uint8 {
	if o.types[pt] == f {
		return pt
	}
	return o.numbers[f]
}

// translateEvent counts a key's duration by the phone's clock.
func (o *sender) translateEvent(b []byte, clock uint32) (uint8, bool) {
	if o.events == noPayload || !o.passesEvents || len(b) < dtmf.EventLen {
		return 0, false
	}
	if clock != o.eventClock && clock != 0 {
		d := uint64(binary.BigEndian.Uint16(b[2:])) * uint64(o.eventClock) / uint64(clock)
		binary.BigEndian.PutUint16(b[2:], uint16(min(d, 0xffff)))
	}
	return o.events, true
}

// renumber puts the phone's payload type of T.140 into the block headers of
// redundant text (RFC 2198 §3), false where they are broken or mean something
// else. With one text format on either side every block is T.140.
func (o *sender) renumber(b []byte) bool {
	inner := o.numbers[media.T140]
	if inner == noPayload {
		return false
	}
	blocks, data := 0, 0
	for ; blocks < len(b) && b[blocks]&0x80 != 0; blocks += 4 {
		if blocks+4 > len(b) {
			return false
		}
		data += int(binary.BigEndian.Uint16(b[blocks+2:]) & 0x3ff)
	}
	if blocks+1+data > len(b) {
		return false
	}
	for i := 0; i < blocks; i += 4 {
		b[i] = 0x80 | inner
	}
	b[blocks] = inner
	return true
}

// canTurn says whether sound of a format can be sent to the phone as another;
// o.mu is held.
func (o *sender) canTurn(set *codec.Set, f media.Format) bool {
	if f.Kind() != media.Audio || !set.CanDecode(f) {
		return false
	}
	for _, p := range o.payloads {
		if p.Format.IsCodec() && p.Format.Kind() == media.Audio && set.CanEncode(p.Format) {
			return true
		}
	}
	return false
}
