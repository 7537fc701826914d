package codec

// ulaw and alaw are the two laws as codecs; they keep no state.
type (
	ulaw struct{}
	alaw struct{}
)

func (ulaw) Encode(dst []byte, pcm []int16) []byte {
	for _, s := range pcm {
		dst = append(dst, EncodeUlaw(s))
	}
	return dst
}

func (ulaw) Decode(dst []int16, b []byte) []int16 {
	for _, x := range b {
		dst = append(dst, fromUlaw[x])
	}
	return dst
}

func (alaw) Encode(dst []byte, pcm []int16) []byte {
	for _, s := range pcm {
		dst = append(dst, EncodeAlaw(s))
	}
	return dst
}

func (alaw) Decode(dst []int16, b []byte) []int16 {
	for _, x := range b {
		dst = append(dst, fromAlaw[x])
	}
	return dst
}
