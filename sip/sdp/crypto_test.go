package sdp

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// key30 is the key of the examples in RFC 4568.
const key30 = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"

func TestCryptoKey(t *testing.T) {
	for line, want := range map[string]struct {
		mki string
		err error
	}{
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30:                             {"", nil},
		"1 AES_CM_128_HMAC_SHA1_80 INLINE:" + key30:                             {"", nil},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^20":                   {"", nil},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|1048576|1:4":            {"\x00\x00\x00\x01", nil},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^20|258:2":             {"\x01\x02", nil},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|1:4":                    {"\x00\x00\x00\x01", nil},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|256:1":                  {"", ErrCryptoKey},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|1:0":                    {"", ErrCryptoKey},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|1:129":                  {"", ErrCryptoKey},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|x:4":                    {"", ErrCryptoKey},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^49":                   {"", ErrCryptoKey},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|":                       {"", ErrCryptoKey},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|1:4|2^20":               {"", ErrCryptoKey},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + ";inline:" + key30:        {"", ErrCryptoKeys},
		"1 AES_CM_128_HMAC_SHA1_80 inline:???":                                  {"", ErrCryptoKey},
		"1 AES_CM_128_HMAC_SHA1_80 uri:" + key30:                                {"", ErrCryptoKey},
		"1 AES_CM_128_HMAC_SHA1_80 in":                                          {"", ErrCryptoKey},
		"a AES_CM_128_HMAC_SHA1_80 inline:" + key30:                             {"", ErrCryptoTag},
		"1234567890 AES_CM_128_HMAC_SHA1_80 inline:" + key30:                    {"", ErrCryptoTag},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " UNENCRYPTED_SRTP":       {"", ErrCryptoSession},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " unencrypted_srtcp":      {"", ErrCryptoSession},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " UNAUTHENTICATED_SRTP":   {"", ErrCryptoSession},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " KDR=1":                  {"", ErrCryptoSession},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " KDR=0 WSH=128 -NEW=1":   {"", nil},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " WSH=63":                 {"", ErrCryptoSession},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " FEC_ORDER=FEC_SRTP":     {"", ErrCryptoSession},
		"1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + " " + key30 + "=" + key30: {"", ErrCryptoSession},
	} {
		m := Media{Attributes: []Attribute{{"crypto", line}}}
		list := m.Cryptos()
		if len(list) != 1 {
			t.Fatalf("%q: %d lines", line, len(list))
		}
		key, mki, err := list[0].Key()
		if !errors.Is(err, want.err) || string(mki) != want.mki {
			t.Errorf("%q: MKI %x, %v; want %x, %v", line, mki, err, want.mki, want.err)
		}
		if err != nil && strings.Contains(err.Error(), key30) || strings.Contains(list[0].String(), key30) {
			t.Errorf("%q: the key is shown: %v %s", line, err, list[0])
		}
		if err == nil && (len(key) != 30 || base64.StdEncoding.EncodeToString(key) != key30) {
			t.Errorf("%q: key %x", line, key)
		}
	}
}

// TestCryptoPadding reads the key of a 256-bit suite with and without its padding.
func TestCryptoPadding(t *testing.T) {
	want := bytes.Repeat([]byte{0xa5}, 46)
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding} {
		key, _, err := Crypto{Tag: "1", KeyParams: "inline:" + enc.EncodeToString(want)}.Key()
		if err != nil || !bytes.Equal(key, want) {
			t.Errorf("%x, %v", key, err)
		}
	}
}

func TestNewCrypto(t *testing.T) {
	want := bytes.Repeat([]byte{7}, 28)
	var m Media
	m.AddCrypto(NewCrypto("3", "AEAD_AES_128_GCM", want))
	c := m.Cryptos()
	if len(c) != 1 || c[0].Tag != "3" || c[0].Suite != "AEAD_AES_128_GCM" {
		t.Fatalf("%v", c)
	}
	if key, mki, err := c[0].Key(); err != nil || mki != nil || !bytes.Equal(key, want) {
		t.Errorf("%x %x %v", key, mki, err)
	}
}

// TestSecurity39KeysAreHidden shows descriptions to somebody who must not see their keys.
func TestSecurity39KeysAreHidden(t *testing.T) {
	for in, want := range map[string]string{
		"":                        "",
		"m=audio 1 RTP/AVP 0\r\n": "m=audio 1 RTP/AVP 0\r\n",
		"a=crypto:1 S inline:" + key30 + "\r\na=x\r\n":                          "a=crypto:1 S inline:...\r\na=x\r\n",
		"a=crypto:1 S Inline:" + key30 + "|2^20|1:4":                            "a=crypto:1 S Inline:...|2^20|1:4",
		"a=crypto:1 S inline:" + key30 + "|2^20|1:4;inline:" + key30 + "|1:4 x": "a=crypto:1 S inline:...|2^20|1:4;inline:...|1:4 x",
		"a=crypto:1 S inline:":                                                  "a=crypto:1 S inline:...",
	} {
		if got := HideKeys(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzCrypto(f *testing.F) {
	f.Add("1 AES_CM_128_HMAC_SHA1_80 inline:" + key30 + "|2^20|1:4 KDR=0")
	f.Add("1 AEAD_AES_256_GCM inline:x;inline:y")
	f.Add("1 S inline:|||:")
	f.Fuzz(func(t *testing.T, line string) {
		m := Media{Attributes: []Attribute{{"crypto", line}}}
		for _, c := range m.Cryptos() {
			key, mki, err := c.Key()
			if err != nil {
				continue
			}
			if len(mki) > 128 {
				t.Fatalf("an MKI of %d bytes", len(mki))
			}
			again, _, err := NewCrypto(c.Tag, c.Suite, key).Key()
			if err != nil || !bytes.Equal(again, key) {
				t.Fatalf("%x became %x, %v", key, again, err)
			}
		}
		for hidden := HideKeys(line); ; {
			i := indexInline(hidden)
			if i < 0 {
				break
			}
			hidden = hidden[i+len(inline):]
			if !strings.HasPrefix(hidden, "...") {
				t.Fatalf("%q: a key is left: %q", line, hidden)
			}
		}
	})
}
