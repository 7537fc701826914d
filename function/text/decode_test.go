package text

import (
	"testing"

	"obelus/function/functiontest"
)

func TestDecoding(t *testing.T) {
	x, w := functiontest.New(t, &functiontest.Leg{}, Table())
	x.Set("j", `{"s":"a,b","n":12.50,"big":12345678901234567890,"t":true,"f":false,"z":null,"o":{"p":{"q":"deep"},"a<":[1,"two",[3]]}}`)
	x.Set("bad", "{")
	x.Set("list", `["x","y"]`)
	const key = "0123456789abcdef"
	x.Set("long", "a text of more than one block")
	functiontest.Cases{
		{"${JSON_DECODE(j,s)}|${JSON_DECODE(j,n)}|${JSON_DECODE(j,big)}|${JSON_DECODE(j,t)}${JSON_DECODE(j,f)}|${JSON_DECODE(j,z)}|${JSON_DECODE(j,none)}", "a,b|12.50|12345678901234567890|10||", ""},
		{"${JSON_DECODE(j,o.p.q)}|${JSON_DECODE(j,o/p/q,/)}|${JSON_DECODE(j,o.p)}|${JSON_DECODE(j,o.a<)}|${JSON_DECODE(j,o.a<,,c)}|${JSON_DECODE(j,o.a<.1)}|${JSON_DECODE(j,o.a<.9)}", `deep|deep|{"q":"deep"}|[1,"two",[3]]|3|two|`, ""},
		{"${JSON_DECODE(list,1)}|${JSON_DECODE(nosuch,a)}|${JSON_DECODE(list,0.a)}", "y||", ""},
		{"${JSON_DECODE(bad,a)}", "", "Failed to parse as JSON: {"},
		{"${JSON_DECODE(j)}", "", "JSON_DECODE requires a variable and the name of an item: JSON_DECODE(<varname>,<item>[,<separator>[,<options>]])"},

		{"${AES_ENCRYPT(" + key + ",hello)}", "SWn6AlRxv8c5ps3GrutoCw==", ""},
		{"${AES_DECRYPT(" + key + ",${AES_ENCRYPT(" + key + ",${long})})}", "a text of more than one block", ""},
		{"${AES_ENCRYPT(short,hello)}", "", "Syntax: AES_ENCRYPT(<key>,<data>) - <key> parameter should be exactly 16 characters!"},
		{"${AES_DECRYPT(" + key + ",hello)}", "", "AES_DECRYPT: the data is not what AES_ENCRYPT makes"},
		{"${AES_ENCRYPT(" + key + ")}", "", "Syntax: AES_ENCRYPT(<key>,<data>) - missing argument!"},

		{"${ICONV(utf-8,latin1,é)}|${ICONV(latin1,UTF8,\xe9)}|${ICONV(utf-8,iso-8859-15,€)}|${ICONV(cp1252,utf-8,\x80)}", "\xe9|é|\xa4|€", ""},
		{"${ICONV(utf-8,us-ascii//translit,a€é)}|${ICONV(utf-8,ascii//IGNORE,a€é)}|${ICONV(utf-8,utf-8//IGNORE,a\xff)}", "a??|a|a", ""},
		{"${ICONV(utf-8,ascii,é)}", "", "Iconv: Invalid or incomplete multibyte or wide character"},
		{"${ICONV(cp1252,utf-8,\x81)}", "", "Iconv: Invalid or incomplete multibyte or wide character"},
		{"${ICONV(utf-8,klingon,a)}", "", "conversion from 'utf-8' to 'klingon' not available. type 'iconv -l' in a shell to list the supported charsets."},
		{"${ICONV(utf-8)}", "", "Syntax: ICONV(<in-charset>,<out-charset>,<text>) 1"},

		{"${CHECK_MD5(5D41402ABC4B2A76B9719D911017C592,hello)}${CHECK_MD5(x,hello)}", "10", ""},
		{"${CHECK_MD5(x)}", "", "Syntax: CHECK_MD5(<digest>,<data>) - missing argument!"},
		{"${SQL_ESC(a'b)}|${SQL_ESC_BACKSLASHES(a'b)}", "a''b|a''b", ""},
	}.Run(t, x, w)
	x.Set("slash", `a\b'`)
	functiontest.Cases{{"${SQL_ESC_BACKSLASHES(${slash})}", `a\\b''`, ""}}.Run(t, x, w)
}
