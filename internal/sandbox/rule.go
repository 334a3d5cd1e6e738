package sandbox

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rule says whether a JSON value may stand at path in a request; its error is a refusal that names path, and tells
// about it. Rules see no null: nulls are refused wherever a member has a rule (CONTRACT 1.3), and free looks for them in
// what has none.
type rule func(path, about string, value any) error

// property is one member of an object in a request.
type property struct {
	name     string
	about    string // sent back when it is refused
	required bool
	rule     rule
}

// object wants an object with these members; others are let through.
func object(members ...property) rule {
	return func(path, about string, value any) error {
		given, ok := value.(map[string]any)
		if !ok {
			return invalid(path, about, "must be an object")
		}
		for _, p := range members {
			if err := p.check(path, given); err != nil {
				return err
			}
		}
		return nil
	}
}

// closed wants an object with these members and no others.
func closed(members ...property) rule {
	known := object(members...)
	return func(path, about string, value any) error {
		if err := known(path, about, value); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(value.(map[string]any))) {
			if !slices.ContainsFunc(members, func(p property) bool { return p.name == name }) {
				return invalid(member(path, name), about, "is no known member")
			}
		}
		return nil
	}
}

func (p property) check(parent string, given map[string]any) error {
	path := member(parent, p.name)
	switch value, present := given[p.name]; {
	case !present && p.required:
		return invalid(path, p.about, "is required")
	case !present:
		return nil
	case value == nil:
		return invalid(path, p.about, "must not be null: leave it out instead")
	default:
		return p.rule(path, p.about, value)
	}
}

func member(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

// listOf wants a list whose elements all follow r.
func listOf(r rule) rule {
	return func(path, about string, value any) error {
		elements, ok := value.([]any)
		if !ok {
			return invalid(path, about, "must be a list")
		}
		for i, e := range elements {
			at := path + "[" + strconv.Itoa(i) + "]"
			if e == nil {
				return invalid(at, about, "must not be null")
			}
			if err := r(at, about, e); err != nil {
				return err
			}
		}
		return nil
	}
}

// unique wants a list that follows r and in which no two objects have the same value as the named member.
func unique(name string, r rule) rule {
	return func(path, about string, value any) error {
		if err := r(path, about, value); err != nil {
			return err
		}
		seen := make(map[any]bool)
		for i, e := range value.([]any) {
			v, present := e.(map[string]any)[name]
			if present && seen[v] {
				return invalid(path+"["+strconv.Itoa(i)+"]."+name, about, "must be unique in the order")
			}
			seen[v] = true
		}
		return nil
	}
}

// free wants an object of any members, with no null in it however deep: the gateway's schema refuses nulls (CONTRACT 1.3).
func free() rule {
	return func(path, about string, value any) error {
		if err := object()(path, about, value); err != nil {
			return err
		}
		return noNulls(path, about, value)
	}
}

func noNulls(path, about string, value any) error {
	switch value := value.(type) {
	case nil:
		return invalid(path, about, "must not be null: leave it out instead")
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if err := noNulls(member(path, name), about, value[name]); err != nil {
				return err
			}
		}
	case []any:
		for i, e := range value {
			if err := noNulls(path+"["+strconv.Itoa(i)+"]", about, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// text wants a string with something in it.
func text() rule {
	return func(path, about string, value any) error {
		switch s, ok := value.(string); {
		case !ok:
			return invalid(path, about, "must be a string")
		case strings.TrimSpace(s) == "":
			return invalid(path, about, "must not be blank")
		default:
			return nil
		}
	}
}

// textOrEmpty wants any string.
func textOrEmpty() rule {
	return stringThat(func(string) bool { return true }, "")
}

// textLike wants a string that matches, and says otherwise what it should be.
func textLike(pattern *regexp.Regexp, wanted string) rule {
	return stringThat(pattern.MatchString, wanted)
}

// oneOf wants one of these strings.
func oneOf(words ...string) rule {
	return stringThat(func(s string) bool { return slices.Contains(words, s) },
		"must be one of "+strings.Join(words, ", "))
}

// currency wants a code of ISO 4217 in capitals (CONTRACT 1.6).
func currency() rule {
	return stringThat(knownCurrency, "must be a currency code of ISO 4217, in capitals")
}

// duration wants a duration of ISO 8601 that is longer than nothing.
func duration() rule {
	return stringThat(func(s string) bool {
		_, ok := endOfPeriod(time.Unix(0, 0), s)
		return ok
	}, "must be a duration of ISO 8601 such as PT30M")
}

// webURL wants an absolute address of the web.
func webURL() rule {
	return stringThat(func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
	}, "must be an absolute URL with http or https")
}

func stringThat(good func(string) bool, wanted string) rule {
	return func(path, about string, value any) error {
		s, ok := value.(string)
		if !ok {
			return invalid(path, about, "must be a string")
		}
		if !good(s) {
			return invalid(path, about, "%s", wanted)
		}
		return nil
	}
}

// integer wants a whole number from low to high, written without a point or an exponent.
func integer(low, high int64) rule {
	return func(path, about string, value any) error {
		n, ok := value.(json.Number)
		if !ok {
			return invalid(path, about, "must be an integer")
		}
		switch i, err := n.Int64(); {
		case err != nil:
			return invalid(path, about, "must be an integer of at most 64 bits")
		case i < low:
			return invalid(path, about, "must be at least %d", low)
		case i > high:
			return invalid(path, about, "must be at most %d", high)
		default:
			return nil
		}
	}
}

// boolean wants true or false.
func boolean() rule {
	return func(path, about string, value any) error {
		if _, ok := value.(bool); !ok {
			return invalid(path, about, "must be true or false")
		}
		return nil
	}
}
