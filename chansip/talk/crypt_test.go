package talk

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"

	"obelus/chansip/sipconf"
	"obelus/media"
	"obelus/media/srtp"
	"obelus/sip/sdp"
)

// Keys as phones write them: key30 and key28 are 30 and 28 bytes, key46 is 46.
const (
	key30 = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
	key28 = "inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHA=="
	key46 = "inline:AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLg=="
)

func encrypted(e sipconf.Encryption) func(p *sipconf.Peer) {
	return and(allow(media.Ulaw), func(p *sipconf.Peer) { p.Encryption = e })
}

// keyless writes keys as KEY.
func keyless(s *sdp.Session) string {
	return regexp.MustCompile(`inline:[A-Za-z0-9+/=]+`).ReplaceAllString(shown(s), "inline:KEY")
}

// keysOf are the keys of a description's sound.
func keysOf(t *testing.T, s *sdp.Session) map[string][]byte {
	t.Helper()
	out := make(map[string][]byte)
	m, ok := s.First("audio")
	if !ok {
		t.Fatal("no sound")
	}
	for _, c := range m.Cryptos() {
		key, _, err := c.Key()
		if err != nil {
			t.Fatal(err)
		}
		out[c.Tag] = key
	}
	return out
}

func TestEncryptedOffersAreAnswered(t *testing.T) {
	const tail = "a=rtpmap:0 PCMU/8000\na=maxptime:140\n"
	savp := "m=audio PORT RTP/SAVP 0\n" + tail
	for _, c := range []struct {
		name  string
		yes   sipconf.Encryption
		offer string
		want  string
		err   error
	}{
		{"SRTP, whatever the account says", sipconf.EncryptNo, "m=audio 4000 RTP/SAVP 0\na=crypto:7 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n",
			savp + "a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:KEY\na=sendrecv", nil},
		{"the first suite that is known", sipconf.EncryptYes, "m=audio 4000 RTP/SAVP 0\na=crypto:1 F8_128_HMAC_SHA1_80 " + key30 + "\na=crypto:2 AES_CM_128_HMAC_SHA1_80 " + key30 +
			" UNENCRYPTED_SRTP\na=crypto:3 AES_CM_128_HMAC_SHA1_80 " + key28 + "\na=crypto:4 AEAD_AES_128_GCM " + key28 + "|2^31\na=crypto:5 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n",
			savp + "a=crypto:4 AEAD_AES_128_GCM inline:KEY\na=sendrecv", nil},
		{"a draft's name", sipconf.EncryptYes, "m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_256_HMAC_SHA1_80 " + key46 + "\n",
			savp + "a=crypto:1 AES_CM_256_HMAC_SHA1_80 inline:KEY\na=sendrecv", nil},
		{"SAVPF", sipconf.EncryptNo, "m=audio 4000 RTP/SAVPF 0\na=crypto:1 AES_CM_128_HMAC_SHA1_32 " + key30 + "\n",
			strings.Replace(savp, "SAVP", "SAVPF", 1) + "a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:KEY\na=sendrecv", nil},
		{"a key with RTP/AVP", sipconf.EncryptNo, "m=audio 4000 RTP/AVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n",
			"m=audio PORT RTP/AVP 0\n" + tail + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY\na=sendrecv", nil},
		{"a useless key with RTP/AVP", sipconf.EncryptTry, "m=audio 4000 RTP/AVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\n", "m=audio PORT RTP/AVP 0\n" + tail + "a=sendrecv", nil},
		{"plain, and no more is asked for", sipconf.EncryptTry, "m=audio 4000 RTP/AVP 0\n", "m=audio PORT RTP/AVP 0\n" + tail + "a=sendrecv", nil},
		{"plain, and SRTP is insisted on", sipconf.EncryptYes, "m=audio 4000 RTP/AVP 0\n", "", errPlainOffer},
		{"a useless key, and SRTP is insisted on", sipconf.EncryptYes, "m=audio 4000 RTP/AVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\n", "", errPlainOffer},
		{"SRTP without a key", sipconf.EncryptNo, "m=audio 4000 RTP/SAVP 0\n", "", errNoSuite},
		{"DTLS", sipconf.EncryptNo, "m=audio 4000 UDP/TLS/RTP/SAVPF 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n", "", errNoSuite},
		{"one or the other", sipconf.EncryptYes, "m=audio 4000 RTP/AVP 0\nm=audio 4002 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n",
			"m=audio 0 RTP/AVP 0\n" + savp + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY\na=sendrecv", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := open(t, encrypted(c.yes))
			if err := k.TakeOffer(theirs(t, c.offer)); !errors.Is(err, c.err) {
				t.Fatalf("%v, want %v", err, c.err)
			}
			if c.err == nil {
				same(t, "answer", keyless(k.Answer()), c.want)
			}
		})
	}
}

func TestEncryptedOffers(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(p *sipconf.Peer)
		want string
	}{
		{"no", encrypted(sipconf.EncryptNo), "m=audio PORT RTP/AVP 0 101\nCODECSa=sendrecv"},
		{"try", encrypted(sipconf.EncryptTry), "m=audio PORT RTP/AVP 0 101\nCODECSa=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY\na=crypto:2 AEAD_AES_128_GCM inline:KEY\na=sendrecv"},
		{"yes", encrypted(sipconf.EncryptYes), "m=audio PORT RTP/SAVP 0 101\nCODECSa=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY\na=crypto:2 AEAD_AES_128_GCM inline:KEY\na=sendrecv"},
		{"with feedback and a short tag", and(encrypted(sipconf.EncryptYes), func(p *sipconf.Peer) { p.AVPF, p.ShortTag = true, true }),
			"m=audio PORT RTP/SAVPF 0 101\nCODECSa=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:KEY\na=crypto:2 AEAD_AES_128_GCM inline:KEY\na=sendrecv"},
	} {
		k := open(t, c.set)
		s, err := k.Offer(Far{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.name, keyless(s), strings.Replace(c.want, "CODECS", "a=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\n", 1))
		keys := keysOf(t, s)
		if bytes.Equal(keys["1"], keys["2"]) && keys["1"] != nil {
			t.Errorf("%s: one key twice", c.name)
		}
		other, err := open(t, c.set).Offer(Far{})
		if err != nil {
			t.Fatal(err)
		}
		if again := keysOf(t, other); len(keys) > 0 && bytes.Equal(again["1"], keys["1"]) {
			t.Errorf("%s: another leg has the same key", c.name)
		}
	}
}

func TestAnswersToEncryptedOffers(t *testing.T) {
	for _, c := range []struct {
		name   string
		yes    sipconf.Encryption
		answer string
		taken  bool
		suite  srtp.Suite // "" is plain
		next   string     // the next offer's keys
	}{
		{"SRTP", sipconf.EncryptYes, "m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n", true, srtp.AES128SHA80, "1"},
		{"the second", sipconf.EncryptYes, "m=audio 4000 RTP/SAVP 0\na=crypto:2 AEAD_AES_128_GCM " + key28 + "\n", true, srtp.AES128GCM, "2"},
		{"a suite that we did not offer", sipconf.EncryptYes, "m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_32 " + key30 + "\n", false, "", ""},
		{"a tag that we did not offer", sipconf.EncryptYes, "m=audio 4000 RTP/SAVP 0\na=crypto:9 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n", false, "", ""},
		{"plain", sipconf.EncryptYes, "m=audio 4000 RTP/AVP 0\n", false, "", ""},
		{"no key", sipconf.EncryptYes, "m=audio 4000 RTP/SAVP 0\n", false, "", ""},
		{"a bad key", sipconf.EncryptYes, "m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key28 + "\n", false, "", ""},
		{"SRTP that was tried", sipconf.EncryptTry, "m=audio 4000 RTP/AVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n", true, srtp.AES128SHA80, "1"},
		{"plain where SRTP was tried", sipconf.EncryptTry, "m=audio 4000 RTP/AVP 0\n", true, "", ""},
		{"a key that nobody asked for", sipconf.EncryptNo, "m=audio 4000 RTP/AVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n", true, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := open(t, encrypted(c.yes))
			offer, err := k.Offer(Far{})
			if err != nil {
				t.Fatal(err)
			}
			if taken := k.TakeAnswer(theirs(t, c.answer)); taken != c.taken {
				t.Fatalf("taken: %t", taken)
			}
			if !c.taken {
				return
			}
			crypto := k.lines[0].crypto
			if crypto == nil && c.suite != "" || crypto != nil && crypto.Suite != c.suite {
				t.Fatalf("in force: %v", crypto)
			}
			if p := k.Phone(); (p.Why == "it is encrypted") != (c.suite != "") {
				t.Errorf("another phone can be told: %q", p.Why)
			}
			again, err := k.Offer(Far{})
			if err != nil {
				t.Fatal(err)
			}
			keys := keysOf(t, again)
			if c.next == "" && len(keys) > 0 || c.next != "" && (len(keys) != 1 || !bytes.Equal(keys[c.next], keysOf(t, offer)[c.next])) {
				t.Errorf("the next offer has the keys %q of it", keyless(again))
			}
		})
	}
}

// TestEncryptedForkedAnswers has two phones behind one offer take different lines
// of it.
func TestEncryptedForkedAnswers(t *testing.T) {
	k := open(t, encrypted(sipconf.EncryptTry))
	if _, err := k.Offer(Far{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		answer string
		suite  srtp.Suite
	}{
		{"m=audio 4000 RTP/AVP 0\n", ""},
		{"m=audio 4000 RTP/AVP 0\na=crypto:2 AEAD_AES_128_GCM " + key28 + "\n", srtp.AES128GCM},
		{"m=audio 4000 RTP/AVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n", srtp.AES128SHA80},
	} {
		if !k.TakeAnswer(theirs(t, c.answer)) {
			t.Fatal(c.answer)
		}
		if crypto := k.lines[0].crypto; crypto.String() != string(c.suite) && (crypto != nil || c.suite != "") {
			t.Errorf("%s: %v", c.suite, crypto)
		}
	}
}

// TestReofferKeepsKeys: our key stays where the suite does, whoever offers, so that
// nothing is heard of a hold.
func TestReofferKeepsKeys(t *testing.T) {
	k := open(t, encrypted(sipconf.EncryptNo))
	offer := "m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_80 " + key30 + "\n"
	take := func(offer string) map[string][]byte {
		t.Helper()
		if err := k.TakeOffer(theirs(t, offer)); err != nil {
			t.Fatal(err)
		}
		return keysOf(t, k.Answer())
	}
	first := take(offer)["1"]
	if again := take(strings.Replace(offer, "crypto:1", "crypto:5", 1) + "a=sendonly\n")["5"]; !bytes.Equal(again, first) {
		t.Error("a hold made a new key")
	}
	ours, err := k.Offer(Far{})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "our offer", keyless(ours), "m=audio PORT RTP/SAVP 0 101\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-16\na=maxptime:140\na=crypto:5 AES_CM_128_HMAC_SHA1_80 inline:KEY\na=sendrecv")
	if !bytes.Equal(keysOf(t, ours)["5"], first) {
		t.Error("an offer of ours made a new key")
	}
	if other := take("m=audio 4000 RTP/SAVP 0\na=crypto:1 AES_CM_128_HMAC_SHA1_32 " + key30 + "\n")["1"]; bytes.Equal(other, first) {
		t.Error("another suite has the same key")
	}
	if plain := take("m=audio 4000 RTP/AVP 0\n"); len(plain) > 0 || k.lines[0].crypto != nil {
		t.Error("a plain offer left a key in force")
	}
}
