package sandbox

import (
	"net/http"
	"regexp"
)

// Keys of the gateway were seen to be UUIDs, mostly without dashes (CONTRACT 1.2).
var realKeyPattern = regexp.MustCompile(`^(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$`)

// LooksReal reports whether an API key has the form of those that charge cards: 32 hexadecimal digits, with or without
// the dashes of a UUID. Such a key has no business in a sandbox (CONTRACT 12.12).
func LooksReal(key string) bool { return realKeyPattern.MatchString(key) }

// errKey refuses a call that has not the gateway's key. It never repeats what was sent.
func errKey(r *http.Request) error {
	user, _, _ := r.BasicAuth()
	if !LooksReal(user) {
		return errUnauthorized()
	}
	return &refusal{
		status: http.StatusUnauthorized,
		kind:   "werkzeug.exceptions.Unauthorized",
		reason: "this is a sandbox, and the key sent looks like one that charges real cards: " +
			"never send a real key here, and consider changing this one",
		flat: true,
	}
}
