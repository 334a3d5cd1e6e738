package handler

import (
	"crypto/sha256"
	"crypto/subtle"
)

// digest stands for a secret: equal in length for all of them, so that a comparison tells nothing of either side.
type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// equal takes the same time whatever the digests are.
func (d digest) equal(other digest) bool { return subtle.ConstantTimeCompare(d[:], other[:]) == 1 }

// tokens are the valid webhook tokens.
type tokens []digest

func newTokens(secrets []string) tokens {
	t := make(tokens, len(secrets))
	for i, secret := range secrets {
		t[i] = digestOf(secret)
	}
	return t
}

// match reports whether token is one of them. It looks at all of them, always.
func (t tokens) match(token string) bool {
	given, found := digestOf(token), false
	for _, valid := range t {
		if valid.equal(given) {
			found = true
		}
	}
	return found
}
