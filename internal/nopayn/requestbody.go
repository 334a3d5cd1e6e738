package nopayn

import (
	"encoding/json"
	"strings"
)

// encode checks body with look and writes it as JSON. The gateway refuses null, empty and blank values (CONTRACT 1.3,
// 2.1), so what is absent is left out, and what is left is checked once more as it stands in the JSON.
func encode(operation string, body any, look func(*findings)) ([]byte, error) {
	var text []byte
	err := check(operation, func(f *findings) {
		look(f)
		var err error
		if text, err = json.Marshal(body); err != nil {
			f.refuse("body", "cannot be written as JSON")
			return
		}
		f.emptiness("", text)
	})
	return text, err
}

// emptiness finds values in v, which stands at path, that hold nothing. What the shop keeps in extra is its own.
func (f *findings) emptiness(path string, v value) {
	switch {
	case v.isAbsent():
		f.refuse(path, "is null")
	case string(v) == "{}" || string(v) == "[]":
		f.refuse(path, "is empty")
	case v.isText() && strings.TrimSpace(v.unquote()) == "":
		f.refuse(path, "is blank")
	}
	for name, member := range v.members() {
		if inside := join(path, string(name)); inside != "extra" {
			f.emptiness(inside, member)
		}
	}
	for i, item := range v.items() {
		f.emptiness(index(path, i), item)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// extra wants an object without null in it. It names no member, since the shop may keep anything there.
func (f *findings) extra(extra Object) {
	text, err := json.Marshal(extra)
	if err != nil {
		f.refuse("extra", "cannot be written as JSON")
		return
	}
	if len(extra) > 0 && value(text).holdsNull() {
		f.refuse("extra", "holds null")
	}
}

func (v value) holdsNull() bool {
	if v.isAbsent() {
		return true
	}
	for _, m := range v.members() {
		if m.holdsNull() {
			return true
		}
	}
	for _, item := range v.items() {
		if item.holdsNull() {
			return true
		}
	}
	return false
}
