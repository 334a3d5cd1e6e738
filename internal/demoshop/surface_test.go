package demoshop_test

import (
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestPagesAreStrict looks at every page there is: no inline script or style, and headers that would forbid them.
func TestPagesAreStrict(t *testing.T) {
	s := newStreetWithControl(t)
	ref, id := s.order(t)
	s.service.set(id, paidOrder(id), paidEvent)
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:`)
	const script = `<script src="/assets/shop.js" defer></script>`
	for _, path := range []string{
		"/", "/order/" + ref, "/order/" + ref + "?refresh=off", "/orders", "/faults", "/order/unknown", "/nowhere",
	} {
		page := s.get(t, path)
		if found := inline.FindString(page.body); found != "" {
			t.Errorf("%s: has %q", path, found)
		}
		if strings.Count(page.body, "<script") != 1 || !strings.Contains(page.body, script) {
			t.Errorf("%s: has not just the one script, from a file", path)
		}
		want := "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; " +
			"base-uri 'none'; frame-ancestors 'none'; form-action 'self' " + s.gateway.url
		if got := page.Header.Get("Content-Security-Policy"); got != want {
			t.Errorf("%s: policy %q, want %q", path, got, want)
		}
		for name, want := range map[string]string{
			"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
			"Referrer-Policy": "same-origin",
		} {
			if got := page.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if !strings.Contains(page.body, `<html lang="en">`) || !strings.Contains(page.body, `name="viewport"`) {
			t.Errorf("%s: lacks language or viewport", path)
		}
	}
}

func TestOtherAddresses(t *testing.T) {
	s := newStreet(t)
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/order/DEMO-UNKNOWN", http.StatusNotFound},
		{http.MethodGet, "/order/", http.StatusNotFound},
		{http.MethodGet, "/order/%2e%2e%2fpay", http.StatusNotFound},
		{http.MethodGet, "/nowhere", http.StatusNotFound},
		{http.MethodGet, "/assets/", http.StatusNotFound},
		{http.MethodGet, "/assets/nothing.css", http.StatusNotFound},
		{http.MethodGet, "/assets/../orders.html", http.StatusNotFound},
		{http.MethodGet, "/pay", http.StatusMethodNotAllowed},
		{http.MethodPost, "/", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/orders", http.StatusMethodNotAllowed},
		{http.MethodHead, "/", http.StatusOK},
		{http.MethodHead, "/assets/shop.css", http.StatusOK},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, s.shop+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if a := s.do(t, req); a.StatusCode != c.want {
			t.Errorf("%s %s: %s, want %d", c.method, c.path, a.Status, c.want)
		}
	}
}

func TestARefusedMethodNamesTheOthers(t *testing.T) {
	s := newStreet(t)
	if got := s.get(t, "/pay").Header.Get("Allow"); got != http.MethodPost {
		t.Errorf("GET /pay: Allow is %q, want POST", got)
	}
}

// TestAssetsAreServed fetches every file that a page may name, with a type that nosniff lets pass.
func TestAssetsAreServed(t *testing.T) {
	s := newStreet(t)
	types := map[string]string{
		".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	}
	files, err := fs.Glob(os.DirFS("page/assets"), "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("assets: %v, %v", files, err)
	}
	for _, name := range files {
		a := s.get(t, "/assets/"+name)
		want := types[name[strings.LastIndexByte(name, '.'):]]
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != want {
			t.Errorf("%s: %s, %q, want %q", name, a.Status, a.Header.Get("Content-Type"), want)
		}
	}
}
