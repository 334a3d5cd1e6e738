package nopayn

import (
	"cmp"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// hidden stands in the place of a secret.
const hidden = "[redacted]"

// secrets are texts that no error may hold: the API key in its forms, and what a request tells of its customer. The
// gateway or a proxy may send them back, escaped in another way than they were sent.
type secrets struct {
	texts    []string // longest first, so that none leaves the rest of one that holds it
	replacer *strings.Replacer
}

func newSecrets(texts ...string) secrets {
	slices.SortFunc(texts, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	pairs := make([]string, 0, 2*len(texts))
	for _, text := range texts {
		pairs = append(pairs, text, hidden)
	}
	return secrets{texts: texts, replacer: strings.NewReplacer(pairs...)}
}

// hide takes the secrets out of a text. Where one shows only once escapes are undone, nothing is left of the text.
func (s secrets) hide(text string) string {
	text = s.replacer.Replace(text)
	if s.showsIn(unescapeAll(text)) {
		return hidden
	}
	return text
}

func (s secrets) showsIn(text string) bool {
	return slices.ContainsFunc(s.texts, func(secret string) bool { return strings.Contains(text, secret) })
}

// hideIn takes the secrets out of the strings of a document, the names of its members among them, and out of its
// numbers; all else stays as it came. It stops behind limit bytes, so that cutting the document there cuts no secret.
func (s secrets) hideIn(doc value, limit int) []byte {
	out := make([]byte, 0, min(len(doc), limit))
	for i := 0; i < len(doc) && len(out) < limit; {
		if strings.IndexByte("{}[],: \t\r\n", doc[i]) >= 0 {
			out = append(out, doc[i])
			i++
			continue
		}
		end := doc.end(i)
		out = append(out, s.hideScalar(doc[i:end])...)
		i = end
	}
	return out
}

func (s secrets) hideScalar(v value) value {
	text := string(v)
	if v.isText() {
		text = v.unquote()
	}
	safe := s.hide(text)
	if safe == text {
		return v
	}
	return quote(safe)
}

// hideInBody takes the secrets out of what is no JSON, or only the beginning of some. It drops the whole body if one
// may be left, and else what may be the beginning of one at the end.
func (s secrets) hideInBody(body []byte) []byte {
	text := string(body)
	safe := s.hide(text[:len(text)-s.begunAt(text)])
	if safe == "" || s.begunAt(unescapeAll(safe)) > 0 {
		return []byte(hidden)
	}
	return []byte(safe)
}

// begunAt is the length of the longest end of text that begins a secret. Beginnings too short to tell are 0.
func (s secrets) begunAt(text string) int {
	longest := 0
	for _, secret := range s.texts {
		for n := min(len(secret)-1, len(text)); n >= telling && n > longest; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				longest = n
			}
		}
	}
	return longest
}

// telling is how many bytes a text needs to tell something. Shorter ones are no secrets: a country or a house number
// tells nobody, and cutting it out everywhere would spoil the message.
const telling = 4

// personalTexts are the strings that an order, or a request for one, tells of its customer and of how that pays.
func personalTexts(order value) []string {
	var texts []string
	var collect func(value)
	collect = func(v value) {
		if v.isText() {
			if text := v.unquote(); len(text) >= telling {
				texts = append(texts, text)
			}
		}
		for _, m := range v.members() {
			collect(m)
		}
		for _, item := range v.items() {
			collect(item)
		}
	}
	collect(order.member("customer"))
	for _, transaction := range order.member("transactions").items() {
		collect(transaction.member("payment_method_details"))
		collect(transaction.member("vault_token"))
	}
	return texts
}

// Redact takes out of a text, as the gateway's words on a refund, what the order tells of its customer and of how that
// paid. What may be the beginning of such at the text's end goes too, since the text may have been cut there.
func (o *Order) Redact(text string) string {
	doc, err := parseJSON(o.Raw)
	if err != nil {
		return hidden // of an order that nobody parsed, nobody knows what to take out
	}
	return string(newSecrets(personalTexts(doc)...).hideInBody([]byte(text)))
}

var (
	unicodeEscapes = regexp.MustCompile(`(?:\\u[0-9a-fA-F]{4})+`)
	percentEscapes = regexp.MustCompile(`(?:%[0-9a-fA-F]{2})+`)
	otherEscapes   = regexp.MustCompile(`\\.`)
)

// unescapeAll undoes the escapes of JSON, of URLs and of HTML wherever they stand, up to three within each other.
func unescapeAll(text string) string {
	const depth = 3
	for range depth {
		if !strings.ContainsAny(text, `\%&`) {
			return text
		}
		text = unicodeEscapes.ReplaceAllStringFunc(text, decodeUnicode)
		text = otherEscapes.ReplaceAllStringFunc(text, decodeOther)
		text = percentEscapes.ReplaceAllStringFunc(text, decodePercent)
		text = html.UnescapeString(text)
	}
	return text
}

// decodeUnicode reads \u00f2 and the like, any number of them; two may be one character.
func decodeUnicode(escapes string) string {
	units := make([]uint16, 0, len(escapes)/6)
	for i := 0; i+6 <= len(escapes); i += 6 {
		unit, err := strconv.ParseUint(escapes[i+2:i+6], 16, 16)
		if err != nil {
			return escapes // cannot happen: the pattern has hexadecimal digits
		}
		units = append(units, uint16(unit))
	}
	return string(utf16.Decode(units))
}

// decodeOther reads a backslash and the character that it escapes.
func decodeOther(escape string) string {
	switch escape[1] {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	}
	return escape[1:]
}

func decodePercent(escapes string) string {
	text, err := url.PathUnescape(escapes)
	if err != nil {
		return escapes // cannot happen: the pattern has hexadecimal digits
	}
	return text
}
