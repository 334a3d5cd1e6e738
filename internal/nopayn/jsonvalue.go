package nopayn

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"time"
)

// value is one JSON value, known to be well formed and without white space around it; nil stands for an absent one.
//
// encoding/json checks the syntax and undoes escapes. Finding one's way in the document is done here, because
// encoding/json matches member names without regard to case ("Status" would overwrite "status"), and because going
// through a map of raw members takes four times as long.
type value []byte

var (
	errEmpty     = errors.New("empty")
	errSyntax    = errors.New("not valid JSON")
	errNotObject = errors.New("not a JSON object")
	errNotList   = errors.New("not a list")
	errNotText   = errors.New("not a string")
	errNotBool   = errors.New("neither true nor false")
	errNotWhole  = errors.New("not a whole number")
	errNotMoney  = errors.New("not a whole, non-negative number of minor units")
)

// parseJSON checks that text is exactly one JSON value. The value shares text's memory.
func parseJSON(text []byte) (value, error) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 {
		return nil, errEmpty
	}
	if !json.Valid(text) {
		return nil, errSyntax
	}
	return trimmed, nil
}

func (v value) isObject() bool { return len(v) > 0 && v[0] == '{' }
func (v value) isList() bool   { return len(v) > 0 && v[0] == '[' }
func (v value) isText() bool   { return len(v) > 0 && v[0] == '"' }
func (v value) isAbsent() bool { return len(v) == 0 || v[0] == 'n' } // null is absent

// members yields the members of an object in the order of the document; of anything else, nothing.
func (v value) members() iter.Seq2[[]byte, value] {
	return func(yield func([]byte, value) bool) {
		if !v.isObject() {
			return
		}
		for i := v.next(1); v[i] != '}'; i = v.next(i) {
			nameEnd := v.end(i)
			name := v[i:nameEnd].name()
			i = v.next(nameEnd)
			start := i
			i = v.end(start)
			if !yield(name, v[start:i:i]) {
				return
			}
		}
	}
}

// items yields the items of a list, counted from 0; of anything else, nothing.
func (v value) items() iter.Seq2[int, value] {
	return func(yield func(int, value) bool) {
		if !v.isList() {
			return
		}
		count := 0
		for i := v.next(1); v[i] != ']'; i = v.next(i) {
			start := i
			i = v.end(start)
			if !yield(count, v[start:i:i]) {
				return
			}
			count++
		}
	}
}

// member gives an object's member, the last if there are several with this name. It is nil if there is none, or if
// it is null.
func (v value) member(name string) value {
	var found value
	for n, m := range v.members() {
		if string(n) == name {
			found = m
		}
	}
	if found.isAbsent() {
		return nil
	}
	return found
}

// next gives the index, from i on, of the next byte that begins a value or closes the one we are in.
func (v value) next(i int) int {
	for {
		switch v[i] {
		case ' ', '\t', '\r', '\n', ',', ':':
			i++
		default:
			return i
		}
	}
}

// end gives the index just behind the value that begins at i.
func (v value) end(i int) int {
	switch v[i] {
	case '"':
		return v.endOfText(i)
	case '{', '[':
		return v.endOfNested(i)
	}
	for i < len(v) {
		switch v[i] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return i
		}
		i++
	}
	return i
}

func (v value) endOfText(i int) int {
	for i++; v[i] != '"'; i++ {
		if v[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func (v value) endOfNested(i int) int {
	for depth := 0; ; i++ {
		switch v[i] {
		case '"':
			i = v.endOfText(i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
	}
}

// name undoes the quotes and escapes of a member's name.
func (v value) name() []byte {
	if bytes.IndexByte(v, '\\') < 0 {
		return v[1 : len(v)-1]
	}
	return []byte(v.unquote())
}

// unquote gives the text of a string, always valid UTF-8.
func (v value) unquote() string {
	inner := v[1 : len(v)-1]
	for _, c := range inner {
		if c == '\\' || c >= 0x80 {
			return v.unescape()
		}
	}
	return string(inner)
}

// unescape is the slow half of unquote.
func (v value) unescape() string {
	var s string
	if err := json.Unmarshal(v, &s); err != nil {
		return "" // cannot happen: v is a well-formed string
	}
	return s
}

// quote writes a text as JSON.
func quote(text string) value {
	quoted, err := json.Marshal(text)
	if err != nil {
		return nil // cannot happen: every string can be written
	}
	return quoted
}

// text reads a string that matters: absent is empty, any other type is an error.
func (v value) text() (string, error) {
	if v.isText() {
		return v.unquote(), nil
	}
	if v.isAbsent() {
		return "", nil
	}
	return "", errNotText
}

// label reads a descriptive string: whatever is none is empty.
func (v value) label() string {
	if !v.isText() {
		return ""
	}
	return v.unquote()
}

// object gives a descriptive object as it stands: whatever is none is nil.
func (v value) object() json.RawMessage {
	if !v.isObject() {
		return nil
	}
	return json.RawMessage(v)
}

// list gives a descriptive list as it stands: whatever is none is nil.
func (v value) list() json.RawMessage {
	if !v.isList() {
		return nil
	}
	return json.RawMessage(v)
}

// nested gives a descriptive object or list as it stands: whatever is neither is nil.
func (v value) nested() json.RawMessage {
	if list := v.list(); list != nil {
		return list
	}
	return v.object()
}

// present gives a descriptive value of any kind as it stands: null is nil.
func (v value) present() json.RawMessage {
	if v.isAbsent() {
		return nil
	}
	return json.RawMessage(v)
}

// labels reads a descriptive list of strings: an item that is none is left out.
func (v value) labels() []string {
	var all []string
	for _, item := range v.items() {
		if item.isText() {
			all = append(all, item.unquote())
		}
	}
	return all
}

// moment reads a descriptive RFC 3339 timestamp, in UTC: whatever is none, or is outside the years that RFC 3339 can
// write, is the zero time.
func (v value) moment() time.Time {
	t, err := time.Parse(time.RFC3339, v.label())
	if t = t.UTC(); err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// truth reads a boolean that matters: absent is false, any other type is an error.
func (v value) truth() (bool, error) {
	switch {
	case v.isAbsent():
		return false, nil
	case v[0] == 't', v[0] == 'f':
		return v[0] == 't', nil
	}
	return false, errNotBool
}

// whole reads a whole number, which may be below 0: absent is 0.
func (v value) whole() (int64, error) {
	if v.isAbsent() {
		return 0, nil
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return 0, errNotWhole
	}
	return n, nil
}

// optional reads a descriptive whole number: whatever is none is nil.
func (v value) optional() *int {
	n, err := strconv.Atoi(string(v))
	if err != nil {
		return nil
	}
	return &n
}

// money reads an amount in minor units (CONTRACT 1.6): absent is 0. Only plain digits will do, since a fraction or an
// exponent means that somebody upstream calculates in floats.
func (v value) money() (int64, error) {
	if v.isAbsent() {
		return 0, nil
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n < 0 {
		return 0, errNotMoney
	}
	return n, nil
}
