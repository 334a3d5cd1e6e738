package main

import (
	"fmt"
	"slices"
	"strings"
)

// scope is one right that an API key carries.
type scope string

const (
	scopeRead  scope = "read"  // look at orders, history and events
	scopeWrite scope = "write" // create, register and refresh orders
	scopeMoney scope = "money" // refund, capture and void
)

// minSecretLen is the shortest API secret and webhook token that is accepted, in characters: with fewer, guessing
// them over the network comes into reach.
const minSecretLen = 16

// apiKey is one caller of the API. Name is [A-Za-z0-9_-]{1,64} and may be logged. Scopes holds every right of the
// key, the read that write and money include too, in the order read, write, money.
type apiKey struct {
	Name   string
	Scopes []scope
	Secret secret
}

// apiKeys is the text form name:scopes:secret, separated by commas: scopes are joined by +, a secret may hold a colon
// but no comma, and names and secrets are unique.
type apiKeys []apiKey

// UnmarshalText reads the text form. Its errors name an entry by its place only: where the parts of an entry are in
// the wrong order, the name is the secret.
func (k *apiKeys) UnmarshalText(text []byte) error {
	var keys apiKeys
	for i, entry := range strings.Split(string(text), ",") {
		key, err := parseAPIKey(strings.TrimSpace(entry))
		if err != nil {
			return reason(fmt.Sprintf("entry %d %v", i+1, err))
		}
		for j, earlier := range keys {
			if earlier.Name == key.Name {
				return reason(fmt.Sprintf("entry %d has the name of entry %d", i+1, j+1))
			}
			if earlier.Secret.reveal() == key.Secret.reveal() {
				return reason(fmt.Sprintf("entry %d has the secret of entry %d", i+1, j+1))
			}
		}
		keys = append(keys, key)
	}
	*k = keys
	return nil
}

func parseAPIKey(entry string) (apiKey, error) {
	if entry == "" {
		return apiKey{}, reason("is empty")
	}
	parts := strings.SplitN(entry, ":", 3)
	if len(parts) != 3 {
		return apiKey{}, reason("has no three parts")
	}
	name, text := parts[0], parts[2]
	if len(name) > 64 || !madeOf(name, "_-") {
		return apiKey{}, reason("has a name that is not 1 to 64 letters, digits, _ or -")
	}
	scopes, err := parseScopes(parts[1])
	if err != nil {
		return apiKey{}, err
	}
	if len(text) < minSecretLen {
		return apiKey{}, reason(fmt.Sprintf("has a secret shorter than %d characters", minSecretLen))
	}
	if !isVisible(text) {
		return apiKey{}, reason("has a secret with a space or another character that is not visible ASCII")
	}
	return apiKey{Name: name, Scopes: scopes, Secret: newSecret(text)}, nil
}

// parseScopes reads scopes joined by +. The result always holds read, because every other scope includes it.
func parseScopes(text string) ([]scope, error) {
	known := []scope{scopeRead, scopeWrite, scopeMoney}
	given := map[scope]bool{scopeRead: true}
	for word := range strings.SplitSeq(text, "+") {
		if !slices.Contains(known, scope(word)) {
			return nil, reason("has a scope that is not read, write or money")
		}
		given[scope(word)] = true
	}
	return slices.DeleteFunc(known, func(s scope) bool { return !given[s] }), nil
}

// mask shows who may do what, and no secret.
func (k apiKeys) mask() string {
	entries := make([]string, len(k))
	for i, key := range k {
		entries[i] = key.Name + ":" + joinScopes(key.Scopes) + ":" + key.Secret.mask()
	}
	return strings.Join(entries, ",")
}

func joinScopes(scopes []scope) string {
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, "+")
}
