package main

import (
	"obelus/cmd/obelus/settings"
	"obelus/media/codec"
	"obelus/media/rtp"
)

// newPlane makes the media plane.
func (s *server) newPlane(c *settings.Files, codecs *codec.Set) (*rtp.Plane, error) {
	o := c.RTP.Options()
	o.Engine, o.Coalesce, o.Codecs, o.Log = c.Own.Media.Engine, c.Own.Media.Coalesce, codecs, s.log
	return rtp.New(o)
}
