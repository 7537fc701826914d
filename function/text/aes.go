package text

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"strings"

	"obelus/function/argument"
)

// block is the cipher of AES_ENCRYPT() and AES_DECRYPT(): AES with a key of 128 bits, each block by itself, as the original has it.
func block(function, args string) (cipher.Block, string, error) {
	key, data, has := argument.Two(args)
	if !has || key == "" || data == "" {
		return nil, "", argument.Missing(function + "(<key>,<data>)")
	}
	if len(key) != aes.BlockSize {
		return nil, "", argument.Complain("Syntax: %s(<key>,<data>) - <key> parameter should be exactly 16 characters!", function)
	}
	c, err := aes.NewCipher([]byte(key))
	return c, data, err
}

// aesEncrypt fills the last block up with zeros; the result is in base64.
func aesEncrypt(args string) (string, error) {
	c, data, err := block("AES_ENCRYPT", args)
	if err != nil {
		return "", err
	}
	out := make([]byte, (len(data)+aes.BlockSize-1)/aes.BlockSize*aes.BlockSize)
	copy(out, data)
	for i := 0; i < len(out); i += aes.BlockSize {
		c.Encrypt(out[i:], out[i:])
	}
	return base64.StdEncoding.EncodeToString(out), nil
}

// aesDecrypt ends at the first zero, as a text can't have one.
func aesDecrypt(args string) (string, error) {
	c, data, err := block("AES_DECRYPT", args)
	if err != nil {
		return "", err
	}
	in, err := base64.StdEncoding.DecodeString(data)
	if err != nil || len(in)%aes.BlockSize != 0 {
		return "", argument.Complain("AES_DECRYPT: the data is not what AES_ENCRYPT makes")
	}
	for i := 0; i < len(in); i += aes.BlockSize {
		c.Decrypt(in[i:], in[i:])
	}
	plain, _, _ := strings.Cut(string(in), "\x00")
	return plain, nil
}
