package demoshop

import "net/http"

// guard sets the headers that keep a page from doing more than it is meant to. Forms may lead to the shop, and from
// there to the gateway: browsers hold the redirect that follows a form against form-action too.
func guard(gatewayOrigin string) func(http.Handler) http.Handler {
	policy := "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; " +
		"base-uri 'none'; frame-ancestors 'none'; form-action 'self' " + gatewayOrigin
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("Referrer-Policy", "same-origin") // without an origin our own form would look foreign
			h.Set("Cache-Control", "no-store")
			next.ServeHTTP(w, r)
		})
	}
}
