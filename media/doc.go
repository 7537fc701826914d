// Package media says what sound, picture and live text are: the formats that
// legs agree on, and the sources that are played to them. How they travel is
// the business of media/rtp, how they are coded of media/codec, and where
// they come from of media/sound.
package media
