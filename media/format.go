package media

import (
	"strings"
	"time"
)

// Kind is what a stream carries.
type Kind uint8

// The kinds of streams.
const (
	Audio Kind = iota
	Video
	Image
	Text
)

// String returns the word of an SDP m= line: audio, video, image, text.
func (k Kind) String() string {
	switch k {
	case Audio:
		return "audio"
	case Video:
		return "video"
	case Image:
		return "image"
	}
	return "text"
}

// Format names one way of coding sound, picture or text. It is a number with a
// row in a fixed table; the zero value is no format.
type Format uint8

// The formats, in the order of the original's table.
const (
	None Format = iota
	Codec2
	G723
	Ulaw
	Alaw
	GSM
	G726
	G726AAL2
	ADPCM
	Slin
	Slin12
	Slin16
	Slin24
	Slin32
	Slin44
	Slin48
	Slin96
	Slin192
	LPC10
	G729
	Speex
	Speex16
	Speex32
	ILBC
	G722
	Siren7
	Siren14
	Testlaw
	G719
	Opus
	JPEG
	PNG
	H261
	H263
	H263P
	H264
	H265
	MPEG4
	VP8
	VP9
	AV1
	Red
	T140
	T38
	Silk8
	Silk12
	Silk16
	Silk24
	// TelephoneEvent is pressed keys (RFC 4733). It travels in a payload type
	// of its own beside a codec, and is not one.
	TelephoneEvent
	// ComfortNoise is the hiss between words (RFC 3389), likewise no codec.
	ComfortNoise
	formats // how many there are
)

// NoPayload is the static payload type of a format that has none.
const NoPayload = -1

// info is a row of the table. Its strings never change.
type info struct {
	name        string // as in allow=
	text        string // as in core show codecs
	kind        Kind
	encoding    string // name in SDP, "" when it has none
	clock, rate int    // RTP clock and sampling rate, hertz; rate 0 for pictures
	static      int8   // RFC 3551 payload type or NoPayload
	channels    int8
	ptime       int16 // milliseconds a packet by default
	fmtp        string
}

// The rows, by format. Where the clock of a row is not its sampling rate the
// RFC says so: G.722 keeps 8000 by an old mistake (RFC 3551 §4.5.2), Opus and
// nobody else counts in 48000 whatever it carries (RFC 7587 §4.1).
var table = [formats]info{
	None:           {name: "none", text: "<Null> codec", clock: 8000, rate: 8000, static: NoPayload, channels: 1, ptime: 20},
	Codec2:         audio("codec2", "Codec 2", "", 8000, NoPayload, 20, ""),
	G723:           audio("g723", "G.723.1", "G723", 8000, 4, 30, "annexa=no"),
	Ulaw:           audio("ulaw", "G.711 u-law", "PCMU", 8000, 0, 20, ""),
	Alaw:           audio("alaw", "G.711 A-law", "PCMA", 8000, 8, 20, ""),
	GSM:            audio("gsm", "GSM", "GSM", 8000, 3, 20, ""),
	G726:           audio("g726", "G.726 RFC3551", "G726-32", 8000, NoPayload, 20, ""),
	G726AAL2:       audio("g726aal2", "G.726 AAL2", "AAL2-G726-32", 8000, NoPayload, 20, ""),
	ADPCM:          audio("adpcm", "Dialogic ADPCM", "DVI4", 8000, 5, 20, ""),
	Slin:           audio("slin", "16 bit Signed Linear PCM", "L16", 8000, NoPayload, 20, ""),
	Slin12:         audio("slin12", "16 bit Signed Linear PCM (12kHz)", "L16", 12000, NoPayload, 20, ""),
	Slin16:         audio("slin16", "16 bit Signed Linear PCM (16kHz)", "L16", 16000, NoPayload, 20, ""),
	Slin24:         audio("slin24", "16 bit Signed Linear PCM (24kHz)", "L16", 24000, NoPayload, 20, ""),
	Slin32:         audio("slin32", "16 bit Signed Linear PCM (32kHz)", "L16", 32000, NoPayload, 20, ""),
	Slin44:         audio("slin44", "16 bit Signed Linear PCM (44kHz)", "L16", 44100, 11, 20, ""),
	Slin48:         audio("slin48", "16 bit Signed Linear PCM (48kHz)", "L16", 48000, NoPayload, 20, ""),
	Slin96:         audio("slin96", "16 bit Signed Linear PCM (96kHz)", "L16", 96000, NoPayload, 20, ""),
	Slin192:        audio("slin192", "16 bit Signed Linear PCM (192kHz)", "L16", 192000, NoPayload, 20, ""),
	LPC10:          audio("lpc10", "LPC10", "LPC", 8000, 7, 20, ""),
	G729:           audio("g729", "G.729A", "G729", 8000, 18, 20, "annexb=no"),
	Speex:          audio("speex", "SpeeX", "speex", 8000, NoPayload, 20, ""),
	Speex16:        audio("speex16", "SpeeX 16khz", "speex", 16000, NoPayload, 20, ""),
	Speex32:        audio("speex32", "SpeeX 32khz", "speex", 32000, NoPayload, 20, ""),
	ILBC:           audio("ilbc", "iLBC", "iLBC", 8000, NoPayload, 30, "mode=30"),
	G722:           {name: "g722", text: "G722", encoding: "G722", clock: 8000, rate: 16000, static: 9, channels: 1, ptime: 20},
	Siren7:         audio("siren7", "ITU G.722.1 (Siren7, licensed from Polycom)", "G7221", 16000, NoPayload, 20, "bitrate=32000"),
	Siren14:        audio("siren14", "ITU G.722.1 Annex C, (Siren14, licensed from Polycom)", "G7221", 32000, NoPayload, 20, "bitrate=48000"),
	Testlaw:        audio("testlaw", "G.711 test-law", "", 8000, NoPayload, 20, ""),
	G719:           audio("g719", "ITU G.719", "G719", 48000, NoPayload, 20, ""),
	Opus:           {name: "opus", text: "Opus Codec", encoding: "opus", clock: 48000, rate: 48000, static: NoPayload, channels: 2, ptime: 20},
	JPEG:           {name: "jpeg", text: "JPEG image", kind: Image, encoding: "JPEG", clock: 90000, static: 26, channels: 1},
	PNG:            {name: "png", text: "PNG image", kind: Image, static: NoPayload, channels: 1},
	H261:           video("h261", "H.261 video", "H261", 31),
	H263:           video("h263", "H.263 video", "H263", 34),
	H263P:          video("h263p", "H.263+ video", "H263-1998", NoPayload),
	H264:           video("h264", "H.264 video", "H264", NoPayload),
	H265:           video("h265", "H.265 video", "H265", NoPayload),
	MPEG4:          video("mpeg4", "MPEG4 video", "MP4V-ES", NoPayload),
	VP8:            video("vp8", "VP8 video", "VP8", NoPayload),
	VP9:            video("vp9", "VP9 video", "VP9", NoPayload),
	AV1:            video("av1", "AV1 video", "AV1", NoPayload),
	Red:            {name: "red", text: "T.140 Realtime Text with redundancy", kind: Text, encoding: "RED", clock: 1000, static: NoPayload, channels: 1, ptime: 300},
	T140:           {name: "t140", text: "Passthrough T.140 Realtime Text", kind: Text, encoding: "T140", clock: 1000, static: NoPayload, channels: 1, ptime: 300},
	T38:            {name: "t38", text: "T.38 UDPTL Fax", kind: Image, static: NoPayload, channels: 1},
	Silk8:          audio("silk8", "SILK Codec (8kHz)", "SILK", 8000, NoPayload, 20, ""),
	Silk12:         audio("silk12", "SILK Codec (12kHz)", "SILK", 12000, NoPayload, 20, ""),
	Silk16:         audio("silk16", "SILK Codec (16kHz)", "SILK", 16000, NoPayload, 20, ""),
	Silk24:         audio("silk24", "SILK Codec (24kHz)", "SILK", 24000, NoPayload, 20, ""),
	TelephoneEvent: audio("telephone-event", "RFC 4733 telephone events", "telephone-event", 8000, NoPayload, 20, "0-16"),
	ComfortNoise:   audio("cn", "RFC 3389 comfort noise", "CN", 8000, 13, 20, ""),
}

func audio(name, text, encoding string, rate, static, ptime int, fmtp string) info {
	return info{
		name: name, text: text, encoding: encoding, clock: rate, rate: rate,
		static: int8(static), channels: 1, ptime: int16(ptime), fmtp: fmtp,
	}
}

func video(name, text, encoding string, static int) info {
	return info{name: name, text: text, kind: Video, encoding: encoding, clock: 90000, static: int8(static), channels: 1}
}

func (f Format) row() *info {
	if f >= formats {
		f = None
	}
	return &table[f]
}

// String returns the format's name in configuration files: "ulaw".
func (f Format) String() string { return f.row().name }

// Description is the text of the last column of `core show codecs`.
func (f Format) Description() string { return f.row().text }

// Kind is what the format carries.
func (f Format) Kind() Kind { return f.row().kind }

// Encoding is the format's name in SDP, "PCMU", or "" when it can't travel in
// RTP under a registered name.
func (f Format) Encoding() string { return f.row().encoding }

// Clock is the rate of RTP timestamps, in hertz: the number after the slash of
// an rtpmap.
func (f Format) Clock() int { return f.row().clock }

// Rate is how many samples a second the decoded sound has; 0 for what is not
// sound.
func (f Format) Rate() int { return f.row().rate }

// Channels is the number that an rtpmap gives after the clock, 1 where it
// gives none. Opus is always written with 2 (RFC 7587 §7).
func (f Format) Channels() int { return int(f.row().channels) }

// Payload is the static payload type of RFC 3551 §6, NoPayload where the
// format needs a dynamic one.
func (f Format) Payload() int { return int(f.row().static) }

// Ptime is how much sound goes into a packet when nobody says otherwise; 0 for
// pictures.
func (f Format) Ptime() time.Duration { return time.Duration(f.row().ptime) * time.Millisecond }

// Fmtp is what an fmtp line says of the format in an offer of ours, "" when
// such a line is not needed.
func (f Format) Fmtp() string { return f.row().fmtp }

// Family is the third column of `core show codecs`: signed linear of any rate
// is one family, as are Speex and SILK under their own names.
func (f Format) Family() string {
	switch {
	case f >= Slin && f <= Slin192:
		return "slin"
	case f >= Speex && f <= Speex32:
		return "speex"
	case f >= Silk8 && f <= Silk24:
		return "silk"
	}
	return f.String()
}

// IsCodec says whether the format is a coding of sound, picture or text by
// itself: not so telephone events and comfort noise.
func (f Format) IsCodec() bool { return f > None && f < TelephoneEvent }

// All returns every codec in the order of the table.
func All() []Format {
	out := make([]Format, 0, TelephoneEvent-1)
	for f := None + 1; f < TelephoneEvent; f++ {
		out = append(out, f)
	}
	return out
}

// ByName finds a codec by its name in a configuration file. Case does not
// count. A few names of other times and files are understood: pcmu, pcma,
// g711u, g711a, g729a, g723.1, g726-32, h263+, slin8, t140red.
func ByName(name string) (Format, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	for f := None + 1; f < TelephoneEvent; f++ {
		if table[f].name == name {
			return f, true
		}
	}
	switch name {
	case "pcmu", "g711u", "mulaw":
		return Ulaw, true
	case "pcma", "g711a":
		return Alaw, true
	case "g729a":
		return G729, true
	case "g723.1":
		return G723, true
	case "g726-32":
		return G726, true
	case "h263+":
		return H263P, true
	case "slin8":
		return Slin, true
	case "t140red":
		return Red, true
	}
	return None, false
}

// BySDP finds a format by the encoding name and clock rate of an rtpmap. Case
// does not count (RFC 4855 §3), and a clock of 0 is any. Telephone events are
// found at every clock, G.722 also at its true rate, which some phones send.
func BySDP(encoding string, clock int) (Format, bool) {
	for f := None + 1; f < formats; f++ {
		if table[f].encoding != "" && strings.EqualFold(table[f].encoding, encoding) {
			if clock == 0 || clock == table[f].clock || f == TelephoneEvent {
				return f, true
			}
		}
	}
	switch {
	case strings.EqualFold(encoding, "G722") && clock == 16000:
		return G722, true
	case strings.EqualFold(encoding, "H263-2000") && clock == 90000:
		return H263P, true
	case strings.EqualFold(encoding, "G729A") && clock == 8000:
		return G729, true
	}
	return None, false
}

// ByPayload finds the format of a static payload type (RFC 3551 §6). 19 is the
// old number of comfort noise.
func ByPayload(pt uint8) (Format, bool) {
	for f := None + 1; f < formats; f++ {
		if table[f].static == int8(pt) && pt < 128 {
			return f, true
		}
	}
	if pt == 19 {
		return ComfortNoise, true
	}
	return None, false
}
