package main

import "webhookd/internal/handler"

// scopes gives the scopes of an API key in the handler's terms.
func scopes(names []scope) handler.Scope {
	var s handler.Scope
	for _, name := range names {
		switch name {
		case scopeRead:
			s |= handler.ScopeRead
		case scopeWrite:
			s |= handler.ScopeWrite
		case scopeMoney:
			s |= handler.ScopeMoney
		}
	}
	return s
}
