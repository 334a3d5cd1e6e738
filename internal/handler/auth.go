package handler

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
)

// Scope is a set of rights (DESIGN 7).
type Scope uint8

// The scopes. Each of ScopeWrite and ScopeMoney includes ScopeRead.
const (
	ScopeRead  Scope = 1 << iota // look at orders, history and events
	ScopeWrite                   // create, register and refresh orders
	ScopeMoney                   // refund, capture and void
)

// includes reports whether every right of want is in s.
func (s Scope) includes(want Scope) bool {
	if s&(ScopeWrite|ScopeMoney) != 0 {
		s |= ScopeRead
	}
	return s&want == want
}

// name is the word for a single scope, as in API_KEYS.
func (s Scope) name() string {
	switch s {
	case ScopeRead:
		return "read"
	case ScopeWrite:
		return "write"
	case ScopeMoney:
		return "money"
	}
	return "unknown"
}

// Key is one caller of /v1. Name may be logged. Secret is what the caller shows as its bearer token.
type Key struct {
	Name   string
	Scopes Scope
	Secret string
}

// keys are the callers we know, without their secrets.
type keys []key

type key struct {
	name   string
	scopes Scope
	secret digest
}

func newKeys(from []Key) keys {
	ks := make(keys, len(from))
	for i, k := range from {
		ks[i] = key{name: k.Name, scopes: k.Scopes, secret: digestOf(k.Secret)}
	}
	return ks
}

// find returns the key with the secret. It looks at all of them, always.
func (ks keys) find(secret string) (found key, ok bool) {
	given := digestOf(secret)
	for _, k := range ks {
		if k.secret.equal(given) {
			found, ok = k, true
		}
	}
	return found, ok
}

// require lets a request pass whose key has the scope.
func (a *api) require(scope Scope) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		r, _ := humachi.Unwrap(ctx)
		if p := a.authorize(r, scope); p != nil {
			p.write(exchangeOf(r.Context()))
			return
		}
		next(ctx)
	}
}

// authorize returns why the request may not pass, or nil (RFC 6750).
func (a *api) authorize(r *http.Request, scope Scope) *Problem {
	if a.authOff {
		return crossOrigin(r)
	}
	secret, shown := bearer(r)
	if !shown {
		return unauthorized("Bearer", "Show a key: Authorization: Bearer, and its secret.")
	}
	k, ok := a.keys.find(secret)
	if !ok {
		return unauthorized(`Bearer error="invalid_token"`, "We do not know this key.")
	}
	exchangeOf(r.Context()).key = k.name
	if !k.scopes.includes(scope) {
		p := newProblem(http.StatusForbidden, codeForbidden, "This key lacks the scope "+scope.name()+".")
		p.header.Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="`+scope.name()+`"`)
		return p
	}
	return nil
}

// crossOrigin refuses what a browser sends for a page of another origin, unless it is a mere question. Where no key is
// asked for, any page that somebody on our network opens could otherwise have orders made. With keys there is no need:
// a page does not have ours.
func crossOrigin(r *http.Request) *Problem {
	var protection http.CrossOriginProtection
	if err := protection.Check(r); err != nil {
		return newProblem(http.StatusForbidden, codeCrossOrigin, "A web page from elsewhere may change nothing here.").
			because(err)
	}
	return nil
}

func unauthorized(challenge, detail string) *Problem {
	p := newProblem(http.StatusUnauthorized, codeUnauthorized, detail)
	p.header.Set("WWW-Authenticate", challenge)
	return p
}

// bearer takes the secret out of the one Authorization header.
func bearer(r *http.Request) (secret string, ok bool) {
	given := r.Header["Authorization"]
	if len(given) != 1 {
		return "", false
	}
	scheme, secret, ok := strings.Cut(given[0], " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(secret), true
}
