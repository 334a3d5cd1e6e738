package browsertest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"webhookd/internal/browsertest"
)

// recorder stands for a test that is expected to fail.
type recorder struct {
	testing.TB
	cleanups []func()
	errors   int
}

func (r *recorder) Cleanup(f func())      { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(string, ...any) { r.errors++ }

func (r *recorder) end() {
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
}

func site(t *testing.T, body string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
		case "/throws.js":
			_, _ = w.Write([]byte("throw new Error('thrown by a script')"))
			return
		case "/writes.js":
			_, _ = w.Write([]byte("document.body.insertAdjacentHTML('beforeend', '<p id=written>by a script</p>')"))
			return
		default:
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; img-src 'self' data:")
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!doctype html><html><head><link rel=icon href=data:,></head><body>" + body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestWhatTheBrowserReportsFailsTheTest(t *testing.T) {
	browser := browsertest.Start(t, t.TempDir())
	for _, c := range []struct {
		name, body string
		want       int
	}{
		{"nothing wrong", "<p id=a>hello</p>", 0},
		{"an inline script", "<p id=a>hello</p><script>alert(1)</script>", 1},
		{"an exception", "<p id=a>hello</p><script src=throws.js></script>", 1},
		{"a picture that is not there", "<p id=a>hello</p><img src=missing.png>", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &recorder{TB: t}
			page := browser.Page(r, browsertest.Desk())
			page.Open(site(t, c.body))
			if got := page.Text("#a"); got != "hello" {
				t.Errorf("text %q", got)
			}
			r.end()
			if r.errors != c.want {
				t.Errorf("%d errors are reported, want %d", r.errors, c.want)
			}
		})
	}
}

func TestLooks(t *testing.T) {
	url := site(t, "<p id=a>hello</p><script src=writes.js></script>")
	browser := browsertest.Start(t, t.TempDir())
	desk := browser.Page(t, browsertest.Desk())
	desk.Open(url)
	if !desk.Has("#written") || desk.Overflows() {
		t.Error("at a desk the script did not run, or the page is too wide")
	}
	plain := browsertest.Phone()
	plain.NoScript = true
	phone := browser.Page(t, plain)
	phone.Open(url)
	if phone.Has("#written") {
		t.Error("a script ran though scripts are off")
	}
	wide := browser.Page(t, browsertest.Phone())
	wide.Open(site(t, "<table width=600><tr><td>wide</table>"))
	if !wide.Overflows() {
		t.Error("a page of 600 pixels is said to fit on a phone")
	}
}
