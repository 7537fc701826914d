package record

import "time"

// DefaultThreshold is how loud sound must be on the average of a frame not to count
// as silence, where dsp.conf says nothing.
const DefaultThreshold = 256

// Loudness is the average of the samples without their signs: what the original
// holds against its threshold of silence.
func Loudness(frame []int16) int {
	if len(frame) == 0 {
		return 0
	}
	sum := 0
	for _, s := range frame {
		if s < 0 {
			sum -= int(s)
		} else {
			sum += int(s)
		}
	}
	return sum / len(frame)
}

// Meter follows somebody's talk.
type Meter struct {
	Threshold int           // 0: DefaultThreshold
	Silent    time.Duration // how long it has been silent; 0 while he talks
	Talks     time.Duration // how long he has talked; 0 while it is silent
	Talked    time.Duration // how long he has in all
}

// Hear takes a frame that lasts d.
func (m *Meter) Hear(frame []int16, d time.Duration) (silent bool) {
	most := m.Threshold
	if most <= 0 {
		most = DefaultThreshold
	}
	if Loudness(frame) < most {
		m.Silent += d
		m.Talks = 0
		return true
	}
	m.Silent = 0
	m.Talks += d
	m.Talked += d
	return false
}
