package transport

import "errors"

// set refuses: Windows marks packets by its own policies only.
func (m Mark) set(uintptr, bool) error {
	if m.TOS == 0 {
		return nil
	}
	return errors.New("Windows marks packets by its QoS policies, not by tos_sip")
}
