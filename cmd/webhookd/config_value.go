package main

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// reason says what is wrong with a value, as the middle of a sentence that begins with the variable's name. It never
// quotes a secret.
type reason string

// Error returns the reason.
func (r reason) Error() string { return string(r) }

// quoted shows a value inside an error, cut to a readable length. What may be a URL with a password in it is not shown,
// whichever variable it was given to.
func quoted(value string) string {
	const most = 60
	switch {
	case strings.Contains(value, "://"), strings.Contains(value, "@"):
		return "the value (not shown, since it may hold a password)"
	case len(value) > most:
		return strconv.Quote(value[:most]) + "..."
	}
	return strconv.Quote(value)
}

// onOff is a switch written as the word on or off.
type onOff bool

// UnmarshalText accepts on and off in lower case only.
func (o *onOff) UnmarshalText(text []byte) error {
	switch string(text) {
	case "on":
		*o = true
	case "off":
		*o = false
	default:
		return reason(quoted(string(text)) + " is neither on nor off")
	}
	return nil
}

// proxies is a comma list of CIDR ranges and single addresses, each kept as a range without host bits.
type proxies []netip.Prefix

// UnmarshalText refuses what could never match a peer: the service folds IPv4-mapped addresses to IPv4 and drops zones
// before it compares.
func (p *proxies) UnmarshalText(text []byte) error {
	var list proxies
	for entry := range strings.SplitSeq(string(text), ",") {
		prefix, err := parseProxy(strings.TrimSpace(entry))
		if err != nil || prefix.Addr().Is4In6() {
			return reason(quoted(entry) + " is no address or range")
		}
		list = append(list, prefix.Masked())
	}
	*p = list
	return nil
}

func parseProxy(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		return netip.ParsePrefix(text)
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	if addr.Zone() != "" {
		return netip.Prefix{}, reason("has a zone")
	}
	addr = addr.Unmap()
	return netip.PrefixFrom(addr, addr.BitLen()), nil
}

// ages is a comma list of durations, each longer than the one before. The text 0 is the empty list.
type ages []time.Duration

// UnmarshalText refuses a list that is not strictly ascending from above zero.
func (a *ages) UnmarshalText(text []byte) error {
	if d, err := time.ParseDuration(string(text)); err == nil && d == 0 {
		*a = nil
		return nil
	}
	var list ages
	last := time.Duration(0)
	for entry := range strings.SplitSeq(string(text), ",") {
		d, err := time.ParseDuration(strings.TrimSpace(entry))
		if err != nil {
			return reason(quoted(entry) + " is no duration")
		}
		if d <= last {
			return reason(quoted(entry) + " is not longer than what stands before it")
		}
		list = append(list, d)
		last = d
	}
	*a = list
	return nil
}

// webhookTokens are the secret last path elements under which webhooks are accepted, separated by commas.
type webhookTokens []secret

// UnmarshalText names a bad token by its place only.
func (t *webhookTokens) UnmarshalText(text []byte) error {
	var tokens webhookTokens
	seen := map[string]int{}
	for i, entry := range strings.Split(string(text), ",") {
		token := strings.TrimSpace(entry)
		switch {
		case len(token) < minSecretLen:
			return reason(fmt.Sprintf("token %d is shorter than %d characters", i+1, minSecretLen))
		case !madeOf(token, "-_.~"):
			return reason(fmt.Sprintf("token %d holds a character that is not A-Z a-z 0-9 - _ . ~", i+1))
		case seen[token] > 0:
			return reason(fmt.Sprintf("token %d is the same as token %d", i+1, seen[token]))
		}
		seen[token] = i + 1
		tokens = append(tokens, newSecret(token))
	}
	*t = tokens
	return nil
}

// reveal returns the tokens themselves.
func (t webhookTokens) reveal() []string {
	texts := make([]string, len(t))
	for i, token := range t {
		texts[i] = token.reveal()
	}
	return texts
}

func (t webhookTokens) mask() string {
	if len(t) == 0 {
		return ""
	}
	return fmt.Sprintf("[%d set]", len(t))
}

// isGatewayKey refuses what HTTP Basic cannot carry as a user name (RFC 7617, 2), and the colon that people copy from
// the documentation's "key:" (CONTRACT 1.2). The form of a key is the gateway's business.
func isGatewayKey(key string) bool {
	return isVisible(key) && !strings.Contains(key, ":")
}

// madeOf tells whether text is not empty and holds only ASCII letters, digits and the characters of others.
func madeOf(text, others string) bool {
	for _, r := range text {
		alphanumeric := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !alphanumeric && !strings.ContainsRune(others, r) {
			return false
		}
	}
	return text != ""
}

// isVisible tells whether text is not empty and holds only ASCII characters that leave ink.
func isVisible(text string) bool {
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return text != ""
}
